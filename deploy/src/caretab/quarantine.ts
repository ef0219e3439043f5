import { gatewayRoutes, type RouteAnswer } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, type Print, printJson, printTable } from './command';
import { addressHelp, addressOptions, type Platform, platformOf } from './platform';

type Entries = RouteAnswer<typeof gatewayRoutes.listQuarantine>;

const HELP = `caretab quarantine list            refused messages of hospitals with their reasons, newest first
caretab quarantine show <id>       one with its content, which holds personal data
caretab quarantine replay <id>     take it again as it was: right where the cause was outside
caretab quarantine discard <id>    give it up; needs --why
caretab quarantine replay --reason CODE    take all of a reason again, page by page
caretab quarantine discard --reason CODE   give all of a reason up; needs --why
  --status S     list: open (default), replayed or discarded
  --institution ID, --reason CODE, --message ID, --door mllp|http, --from T, --until T
                 only those, by sender, reason, the sender's id (MSH-10), channel and time of receipt
  --why TEXT     discard: the reason, which is kept
${addressHelp}
  --json         list: for other programs`;

const FILTERS = ['--institution', '--reason', '--message', '--door', '--from', '--until'] as const;

const filterOf = (given: CommandLine): Readonly<Record<string, string | undefined>> => ({
  institutionId: given.value('--institution'),
  reason: given.value('--reason'),
  messageId: given.value('--message'),
  door: given.oneOf('--door', ['mllp', 'http']),
  from: given.value('--from'),
  until: given.value('--until'),
});

/** Refused messages of hospitals: list, show, replay, discard. Runbook: docs/runbooks/quarantine.md. */
export const quarantine: Command = {
  name: 'quarantine',
  what: 'refused messages of hospitals: list, show, replay, discard',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: ['--status', '--why', ...FILTERS, ...addressOptions],
      positionalsMax: 2,
    });
    const [verb, id] = given.positionals;
    const platform = platformOf(given);
    if (verb === 'list') {
      const status = given.oneOf('--status', ['open', 'replayed', 'discarded']);
      const entries = await everyPage(platform, { status, ...filterOf(given) });
      if (given.has('--json')) printJson(entries, print);
      else
        printTable(
          [
            ['id', 'institution', 'door', 'reason', 'field', 'message', 'last seen'],
            ...entries.map((entry) => [
              entry.id,
              entry.institutionId ?? '',
              entry.door,
              entry.reason,
              entry.faults[0]?.field ?? '',
              entry.messageId ?? '',
              String(entry.lastSeenAt),
            ]),
          ],
          print,
        );
      return 0;
    }
    if (id === undefined && given.value('--reason') !== undefined)
      if (verb === 'replay') return replayAll(platform, given, print);
      else if (verb === 'discard') return discardAll(platform, given, print);
    if (verb === undefined || id === undefined)
      throw given.wrong('It takes list, or a verb and the id of an entry');
    const params = { id };
    if (verb === 'show')
      printJson(await platform.ask(gatewayRoutes.showQuarantined, { params }), print);
    else if (verb === 'replay')
      printJson(await platform.ask(gatewayRoutes.replayQuarantined, { params }), print);
    else if (verb === 'discard') {
      const why = given.value('--why');
      if (why === undefined) throw given.wrong('discard needs --why');
      const answer = await platform.ask(gatewayRoutes.discardQuarantined, {
        params,
        body: { why },
      });
      printJson(answer, print);
    } else throw given.wrong(`There is no verb ${verb}`);
    return 0;
  },
};

const PAGE_ROWS = 200;

const everyPage = async (
  platform: Platform,
  query: Readonly<Record<string, string | undefined>>,
): Promise<Entries> => {
  const entries: Entries[number][] = [];
  for (let after: string | undefined; ;) {
    const page = await platform.ask(gatewayRoutes.listQuarantine, { query: { ...query, after } });
    entries.push(...page);
    after = page.at(-1)?.id;
    if (page.length < PAGE_ROWS) return entries;
  }
};

/** Status 1 where one is refused again. */
const replayAll = async (platform: Platform, given: CommandLine, print: Print): Promise<number> => {
  let after: string | undefined;
  let failed = 0;
  do {
    const answer = await platform.ask(gatewayRoutes.replayAllQuarantined, {
      body: { ...filterOf(given), after },
    });
    print(JSON.stringify(answer));
    failed += answer.failed.length;
    after = answer.next;
  } while (after !== undefined);
  return failed > 0 ? 1 : 0;
};

const discardAll = async (
  platform: Platform,
  given: CommandLine,
  print: Print,
): Promise<number> => {
  const why = given.value('--why');
  if (why === undefined) throw given.wrong('discard needs --why');
  for (let more = true; more;) {
    const answer = await platform.ask(gatewayRoutes.discardAllQuarantined, {
      body: { ...filterOf(given), why },
    });
    print(JSON.stringify(answer));
    ({ more } = answer);
  }
  return 0;
};
