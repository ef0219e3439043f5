import { chassisRoutes, visitLedgerRoutes } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, type Print, printJson } from './command';
import { addressHelp, addressOptions, type Platform, platformOf } from './platform';

const DIFFERENCES_HELP = `caretab differences list <service>      visits of which a neighbour knows something else
caretab differences compare <service>   compare now; holds end where both agree
  --day D        compare: only the visits that ended on that day
${addressHelp}
  --json         list: for other programs`;

/** Where a service disagrees with its neighbours. Runbook: docs/runbooks/after-a-restore.md. */
export const differences: Command = {
  name: 'differences',
  what: 'visits of which two services know different things: list, compare',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: DIFFERENCES_HELP,
      flags: ['--json'],
      values: ['--day', ...addressOptions],
      positionalsMax: 2,
    });
    const [verb, service] = given.positionals;
    if (verb === undefined || service === undefined)
      throw given.wrong('It takes a verb and a service, such as: differences list payment');
    if (verb === 'list') return list(platformOf(given), service, given, print);
    if (verb !== 'compare') throw given.wrong(`There is no verb ${verb}`);
    const day = given.value('--day');
    const answer = await platformOf(given).ask(chassisRoutes.compare, {
      params: { service },
      body: day === undefined ? {} : { day },
    });
    printJson(answer, print);
    return answer.differences > 0 ? 1 : 0;
  },
};

/** All pages, a row as it comes. */
const list = async (
  platform: Platform,
  service: string,
  given: CommandLine,
  print: Print,
): Promise<number> => {
  let after: string | undefined;
  let count = 0;
  do {
    const page = await platform.ask(chassisRoutes.listDifferences, {
      params: { service },
      query: { after },
    });
    for (const row of page.differences)
      if (given.has('--json')) print(JSON.stringify(row));
      else
        print(
          `${row.day}  ${row.visitId}  ${row.neighbour}  ${row.isHeld ? 'held' : 'under way'}  ` +
            `ours ${JSON.stringify(row.ours)}  theirs ${JSON.stringify(row.theirs)}`,
        );
    count += page.differences.length;
    after = page.next;
  } while (after !== undefined);
  if (!given.has('--json')) print(`${count} differences`);
  return 0;
};

const PUBLISH_HELP = `caretab publish <visit id> …           the facts of visits once more, each under its own id
caretab publish --from T --until T     those recorded in a time range, both included
${addressHelp}`;
const VISITS_MAX = 100;

/** The ledger's facts once more, for a service that was restored. Runbook: docs/runbooks/after-a-restore.md. */
export const publishAgain: Command = {
  name: 'publish',
  what: "the ledger's facts once more, for a service that was restored from a copy",
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: PUBLISH_HELP,
      values: ['--from', '--until', ...addressOptions],
      positionalsMax: VISITS_MAX,
    });
    const [from, until] = [given.value('--from'), given.value('--until')];
    const visitIds = given.positionals;
    const isRange = from !== undefined && until !== undefined && visitIds.length === 0;
    const isVisits = from === undefined && until === undefined && visitIds.length > 0;
    if (!isRange && !isVisits) throw given.wrong('It takes visit ids, or --from and --until');
    const platform = platformOf(given);
    let published = 0;
    let after: string | undefined;
    do {
      const body = isVisits ? { visitIds } : { from, until, after };
      const answer = await platform.ask(visitLedgerRoutes.publishAgain, { body });
      published += answer.published;
      after = answer.next;
    } while (after !== undefined);
    printJson({ published }, print);
    return 0;
  },
};
