import { chassisRoutes } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, type Print, printJson } from './command';
import { addressHelp, addressOptions, type Platform, platformOf } from './platform';

const HELP = `caretab parked list <service>              messages that could not be handled, oldest first
caretab parked show <service> <id>         one of them, with its content
caretab parked replay <service> <id>       handle it again
caretab parked replay <service> --all      handle all again, or those that match; each key in order
caretab parked discard <service> <id>      give it up; needs --why
  --status S     list: parked (default), replayed or discarded
  --code, --group, --topic, --key TEXT     replay --all: only those
  --why TEXT     discard: the reason, which is kept
${addressHelp}
  --json         list: for other programs`;

const FILTERS = ['--code', '--group', '--topic', '--key'] as const;

/** Dead letters of a service: list, show, replay, discard. Runbook: docs/runbooks/parked-messages.md. */
export const parked: Command = {
  name: 'parked',
  what: 'dead letters of a service: list, show, replay, discard',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--all', '--json'],
      values: [...FILTERS, '--status', '--why', ...addressOptions],
      positionalsMax: 3,
    });
    const [verb, service, id] = given.positionals;
    if (verb === undefined || service === undefined)
      throw given.wrong('It takes a verb and a service, such as: parked list visit-ledger');
    const platform = platformOf(given);
    if (verb === 'list') return list(platform, service, given, print);
    if (verb === 'replay' && given.has('--all')) return replayAll(platform, service, given, print);
    if (id === undefined) throw given.wrong(`${verb} takes the id of a parked message`);
    const params = { service, id };
    if (verb === 'show') {
      printJson(await platform.ask(chassisRoutes.showParked, { params }), print);
      return 0;
    }
    if (verb === 'replay') {
      const answer = await platform.ask(chassisRoutes.replayParked, { params });
      printJson(answer, print);
      return answer.failed > 0 ? 1 : 0;
    }
    if (verb !== 'discard') throw given.wrong(`There is no verb ${verb}`);
    const why = given.value('--why');
    if (why === undefined) throw given.wrong('discard needs --why');
    printJson(await platform.ask(chassisRoutes.discardParked, { params, body: { why } }), print);
    return 0;
  },
};

/** All pages, a row as it comes: there can be more than fit in memory. */
const list = async (
  platform: Platform,
  service: string,
  given: CommandLine,
  print: Print,
): Promise<number> => {
  const status = given.oneOf('--status', ['parked', 'replayed', 'discarded']);
  let after: string | undefined;
  let count = 0;
  do {
    const page = await platform.ask(chassisRoutes.listParked, {
      params: { service },
      query: { status, after },
    });
    for (const message of page.messages)
      if (given.has('--json')) print(JSON.stringify(message));
      else print(`${message.id}  ${message.code}  ${message.topic} ${message.key}`);
    count += page.messages.length;
    after = page.next;
  } while (after !== undefined);
  if (!given.has('--json')) print(`${count} ${status ?? 'parked'}`);
  return 0;
};

/** Progress, a line a page. Status 1 where a message stays parked. */
const replayAll = async (
  platform: Platform,
  service: string,
  given: CommandLine,
  print: Print,
): Promise<number> => {
  const filter = Object.fromEntries(
    FILTERS.flatMap((name) => {
      const text = given.value(name);
      return text === undefined ? [] : [[name.slice(2), text]];
    }),
  );
  let last: unknown;
  for await (const line of platform.lines(chassisRoutes.replayAllParked, {
    params: { service },
    body: filter,
  })) {
    last = line;
    print(JSON.stringify(line));
  }
  const { failed, stopped } = (last ?? {}) as { failed?: number; stopped?: string };
  return stopped !== undefined || (failed ?? 0) > 0 ? 1 : 0;
};
