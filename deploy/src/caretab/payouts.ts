import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { CommandLine } from '@caretab/command-line';
import { FEN_MAX } from '@caretab/kernel';
import { type Command, type Print, printJson, printTable } from './command';
import { addressHelp, addressOptions, approvalHelp, approvalOptions, platformOf } from './platform';

const PARTIES = ['institution', 'insurer', 'channel', 'funder', 'bank'] as const;

const HELP = `caretab payouts show <day>            what of a cleared day is in pay-out, by party, and the bank's lines
caretab payouts book <day> --party P --id ID --amount-fen N --reference R --value-date D
                                      book the bank's line; needs two persons
  --party P         ${PARTIES.join(', ')}
  --id ID           which one: its id as \`show\` prints it
  --amount-fen N    paid to the party; below 0: it paid in
  --reference R     the bank's own reference of the line
  --value-date D    the bank's day of the line: 2026-03-03
  --evidence TEXT   the statement and the line
${approvalHelp}
${addressHelp}
  --json            for other programs`;

const OF_A_LINE = {
  ...{ '--id': 'partyId', '--reference': 'bankReference', '--value-date': 'valueDate' },
  '--evidence': 'evidence',
} as const;

/** What is cleared and not yet paid. Runbook: docs/runbooks/payouts.md. */
export const payouts: Command = {
  name: 'payouts',
  what: "what of a cleared day is in pay-out: show, book the bank's line",
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--json'],
      values: [
        ...['--party', '--amount-fen', ...Object.keys(OF_A_LINE)],
        ...[...approvalOptions, ...addressOptions],
      ],
      positionalsMax: 2,
    });
    const [verb, businessDate] = given.positionals;
    if (verb === undefined) throw given.wrong('It takes a verb');
    if (verb !== 'show' && verb !== 'book') throw given.wrong(`There is no verb ${verb}`);
    if (businessDate === undefined) throw given.wrong(`${verb} takes a day, such as 2026-03-02`);
    const params = { businessDate };
    const answer =
      verb === 'show'
        ? await platformOf(given).ask(routes.showPayouts, { params })
        : await platformOf(given).ask(routes.bookPayout, {
            ...{ params, body: lineOf(given) },
            approval: given.value('--approval'),
          });
    if (given.has('--json')) printJson(answer, print);
    else printPayouts(answer, print);
    return 0;
  },
};

const lineOf = (given: CommandLine): unknown => {
  const texts = Object.entries(OF_A_LINE).map(([option, member]) => {
    const value = given.value(option);
    if (value === undefined) throw given.wrong(`It needs ${option}`);
    return [member, value];
  });
  const party = given.oneOf('--party', PARTIES);
  const amountFen = given.whole('--amount-fen', { min: -FEN_MAX, max: FEN_MAX });
  if (party === undefined || amountFen === undefined)
    throw given.wrong('It needs --party and --amount-fen');
  return { party, amountFen, ...Object.fromEntries(texts) };
};

const printPayouts = (
  { businessDate, payout, parties, lines }: RouteAnswer<typeof routes.showPayouts>,
  print: Print,
): void => {
  const rows = parties.map(({ party, partyId, amountFen, paidFen, openFen }) =>
    [party, partyId, amountFen, paidFen, openFen].map(String),
  );
  printTable([['party', 'id', 'cleared fen', 'paid fen', 'open fen'], ...rows], print);
  for (const { bankReference, party, partyId, amountFen, valueDate } of lines)
    print(`line ${bankReference}  ${party} ${partyId}  ${amountFen} fen  ${valueDate}`);
  print(`${businessDate}: pay-out ${payout}`);
};
