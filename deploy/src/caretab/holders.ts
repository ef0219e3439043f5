import { gatewayRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, type Print, printJson } from './command';
import { addressHelp, addressOptions, type Platform, platformOf } from './platform';

const HELP = `caretab holders list                 visits whose holder is registered otherwise, oldest first
caretab holders show <visit id>      a visit's cases, those that are closed too
caretab holders close <visit id> --why TEXT
                                     close a visit's cases, with a reason that is kept
  --institution ID  list: only that hospital's
  --status S        list: open (default) or closed
${addressHelp}
  --json            for other programs`;

const STATUSES = ['open', 'closed'] as const;

/** Holders who are registered otherwise. Runbook: docs/runbooks/holder-cases.md. */
export const holders: Command = {
  name: 'holders',
  what: 'visits whose holder is registered otherwise: list, show, close with a reason',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: ['--institution', '--status', '--why', ...addressOptions],
      positionalsMax: 2,
    });
    const [verb, visitId] = given.positionals;
    if (verb === undefined) throw given.wrong('It takes list, show or close');
    if (verb === 'list') return list(given, print);
    if (verb !== 'show' && verb !== 'close') throw given.wrong(`There is no verb ${verb}`);
    if (visitId === undefined) throw given.wrong(`${verb} takes a visit's id`);
    if (verb === 'show') return show(given, visitId, print);
    const why = given.value('--why');
    if (why === undefined) throw given.wrong('close needs --why');
    const body = { visitId, why };
    printJson(await platformOf(given).ask(routes.closeHolderCases, { body }), print);
    return 0;
  },
};

type Query = Readonly<Record<'institutionId' | 'visitId' | 'status', string | undefined>>;
type Case = RouteAnswer<typeof routes.listHolderCases>['cases'][number];

/** All pages, a case as it comes. */
async function* casesOf(platform: Platform, query: Partial<Query>): AsyncGenerator<Case> {
  let after: string | undefined;
  do {
    const page = await platform.ask(routes.listHolderCases, { query: { ...query, after } });
    yield* page.cases;
    after = page.next;
  } while (after !== undefined);
}

const list = async (given: CommandLine, print: Print): Promise<number> => {
  const status = given.oneOf('--status', STATUSES) ?? 'open';
  const query = { institutionId: given.value('--institution'), status };
  let count = 0;
  for await (const one of casesOf(platformOf(given), query)) {
    printCase(one, given, print);
    count += 1;
  }
  if (!given.has('--json')) print(`${count} ${status}`);
  return 0;
};

const show = async (given: CommandLine, visitId: string, print: Print): Promise<number> => {
  for (const status of STATUSES)
    for await (const one of casesOf(platformOf(given), { visitId, status }))
      printCase(one, given, print);
  return 0;
};

const printCase = (one: Case, given: CommandLine, print: Print): void => {
  if (given.has('--json')) print(JSON.stringify(one));
  else
    print(
      `${one.visitId}  ${one.fields.join(',')}  message ${one.messageId}  ` +
        `${String(one.foundAt)}  ${one.status}${one.why === undefined ? '' : `: ${one.why}`}`,
    );
};
