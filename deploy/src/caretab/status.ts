import { chassisRoutes } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, printJson, printTable } from './command';
import { addressHelp, addressOptions, platformsOf } from './platform';

const HELP = `caretab status [options]     whether the platform is up, and what each service still has to do
${addressHelp}
                 --url may be given several times: one for each process
  --json         for other programs`;

/** Whether every address is up, and what each service behind it still has to do. */
export const status: Command = {
  name: 'status',
  what: 'whether the platform is up, and what each service still has to do',
  run: async (args, print) => {
    const given = new CommandLine(args, { help: HELP, flags: ['--json'], values: addressOptions });
    const found = [];
    const reasons: string[] = [];
    for (const platform of platformsOf(given)) {
      const { services, degraded = [] } = await platform.ask(chassisRoutes.health);
      reasons.push(
        ...degraded.map(
          ({ service, what, why, since }) => `${service}: ${what}: ${why}, since ${since}`,
        ),
      );
      for (const [service, state] of Object.entries(services)) {
        const backlog = await platform.ask(chassisRoutes.backlog, { params: { service } });
        found.push({ url: platform.url, service, state, backlog });
      }
    }
    if (given.has('--json')) printJson(found, print);
    else {
      printTable(
        [
          ['service', 'status', 'backlog', 'address'],
          ...found.map(({ url, service, state, backlog }) => [
            service,
            state,
            backlogText(backlog),
            url,
          ]),
        ],
        print,
      );
      for (const reason of reasons) print(reason);
    }
    return 0;
  },
};

/** What is not zero: `outbox 3, parked 1`. */
const backlogText = (backlog: Readonly<Record<string, number>>): string =>
  Object.entries(backlog)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ') || 'none';
