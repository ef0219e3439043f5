import { approvalRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, type Print, printJson, printTable } from './command';
import { addressHelp, addressOptions, platformOf } from './platform';

type Shown = RouteAnswer<typeof routes.decideApproval>;

const HELP = `caretab approvals list <service>         what waits for another person, and what it is about
caretab approvals give <service> <id>    approve it: by another person, with a second factor
caretab approvals refuse <service> <id>  refuse it for good; needs --why
  --why TEXT     refuse: the reason, which is kept
  --all          list: what is over too
${addressHelp}
  --json         list: for other programs`;

const aboutOf = ({ params, about }: Shown): string =>
  Object.entries({ ...params, ...about })
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');

const printApprovals = (approvals: readonly Shown[], print: Print): void =>
  printTable(
    [
      ['id', 'state', 'action', 'asked by', 'until', 'about'],
      ...approvals.map((each) => [
        ...[each.approvalId, each.state, each.action, each.requestedBy],
        ...[String(each.expiresAt), aboutOf(each)],
      ]),
    ],
    print,
  );

/** What needs two persons. Runbook: docs/runbooks/approvals.md. */
export const approvals: Command = {
  name: 'approvals',
  what: 'what needs two persons: list, give, refuse',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--all', '--json'],
      values: ['--why', ...addressOptions],
      positionalsMax: 3,
    });
    const [verb, service, id] = given.positionals;
    if (verb === undefined || service === undefined)
      throw given.wrong('It takes a verb and a service, such as: approvals list identity');
    if (verb === 'list') return list(service, given, print);
    if (id === undefined) throw given.wrong(`${verb} takes the id of an approval`);
    const why = given.value('--why');
    if (verb !== 'give' && verb !== 'refuse') throw given.wrong(`There is no verb ${verb}`);
    if (verb === 'refuse' && why === undefined) throw given.wrong('refuse needs --why');
    const body = verb === 'give' ? { decision: verb } : { decision: verb, why };
    const params = { service, id };
    printJson(await platformOf(given).ask(routes.decideApproval, { params, body }), print);
    return 0;
  },
};

/** All pages, the latest first. */
const list = async (service: string, given: CommandLine, print: Print): Promise<number> => {
  const platform = platformOf(given);
  const state = given.has('--all') ? 'all' : 'open';
  const found: Shown[] = [];
  let after: string | undefined;
  do {
    const page = await platform.ask(routes.listApprovals, {
      ...{ params: { service }, query: { state, after } },
    });
    found.push(...page.approvals);
    after = page.next;
  } while (after !== undefined);
  if (given.has('--json')) printJson(found, print);
  else printApprovals(found, print);
  return 0;
};
