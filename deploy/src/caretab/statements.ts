import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { type Command, type Print, printJson } from './command';
import { addressHelp, addressOptions, type Platform, platformOf } from './platform';

const HELP = `caretab statements list              the kept comparison of each day with the bank's statement
caretab statements show <day>        one day compared now: what differs, and rows that are neither
                                     capture nor refund
caretab statements compare <day>     compare a day that is over, and keep the result
${addressHelp}
  --json            for other programs`;

/** Our books beside the bank's statement. Runbook: docs/runbooks/reconciliation.md. */
export const statements: Command = {
  name: 'statements',
  what: "our books beside the bank's statement: list, show a day's rows, compare",
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: [...addressOptions],
      positionalsMax: 2,
    });
    const [verb, date] = given.positionals;
    if (verb === undefined) throw given.wrong('It takes list, show or compare');
    if (verb === 'list') return list(platformOf(given), given, print);
    if (verb !== 'show' && verb !== 'compare') throw given.wrong(`There is no verb ${verb}`);
    if (date === undefined) throw given.wrong(`${verb} takes a day, such as 2026-03-02`);
    if (verb === 'show') return show(platformOf(given), { date, given }, print);
    const day = await platformOf(given).ask(routes.reconcileDay, { body: { date } });
    printJson(day, print);
    return day.differsSince === null ? 0 : 1;
  },
};

/** All pages, a day as it comes. */
const list = async (platform: Platform, given: CommandLine, print: Print): Promise<number> => {
  let after: string | undefined;
  do {
    const page = await platform.ask(routes.listReconciliations, { query: { after } });
    for (const day of page.reconciliations)
      if (given.has('--json')) print(JSON.stringify(day));
      else
        print(
          `${day.date}  matched ${day.matched} (${day.matchedFen} fen)  only ours ${day.onlyOurs}  ` +
            `only theirs ${day.onlyTheirs}  amounts differ ${day.amountsDiffer}  ` +
            `others ${day.others}  in transit ${day.inTransit}  ` +
            (day.differsSince === null ? 'agrees' : `differs since ${String(day.differsSince)}`),
        );
    after = page.next;
  } while (after !== undefined);
  return 0;
};

const show = async (
  platform: Platform,
  { date, given }: { readonly date: string; readonly given: CommandLine },
  print: Print,
): Promise<number> => {
  const day = await platform.ask(routes.reconcile, { params: { date } });
  if (given.has('--json')) printJson(day, print);
  else printDay(day, print);
  return day.agrees ? 0 : 1;
};

const printDay = (day: RouteAnswer<typeof routes.reconcile>, print: Print): void => {
  for (const { kind, id, amountFen } of day.onlyTheirs)
    print(`only-theirs  ${kind}  ${id}  ${amountFen} fen`);
  for (const { kind, id, amountFen } of day.onlyOurs)
    print(`only-ours  ${kind}  ${id}  ${amountFen} fen`);
  for (const { kind, id, oursFen, theirsFen } of day.amountsDiffer)
    print(`amounts-differ  ${kind}  ${id}  ours ${oursFen} fen  theirs ${theirsFen} fen`);
  for (const { rowId, kind, id, amountFen, visitId, account, notedAt } of day.kept)
    print(
      `kept  ${rowId}  ${kind}  ${id}  ${amountFen ?? '-'} fen  ${visitId ?? '-'}  ` +
        `${account ?? 'not posted'}  ${notedAt === null ? 'open' : `ended ${String(notedAt)}`}`,
    );
  print(`${day.date}: ${day.matched} matched, ${day.kept.length} kept rows`);
};
