import type { JudgedRun } from './judged-run';
import { must } from './violation';

export interface PartyAmount {
  readonly party: string;
  readonly partyId: string;
  readonly amountFen: number;
}
interface Day {
  readonly date: string;
  readonly matched: number;
  readonly onlyOurs: number;
  readonly onlyTheirs: number;
  readonly amountsDiffer: number;
  readonly others: number;
  readonly differences: readonly { readonly what: string; readonly id: string }[];
  readonly differsSince: string | null;
}
interface Case {
  readonly caseId: string;
  readonly kind: string;
  readonly amountFen: number;
}
interface Books {
  readonly differenceFen: number;
  readonly accounts: Readonly<Record<string, number>>;
}

const DISPUTED_FEN = 700;
const WON_FEN = 900;
const FEE_FEN = 3;
const DECIDED = { evidence: "the bank's letter" };

const booksOf = async ({ people }: JudgedRun): Promise<Books> =>
  ((await people.ask('payment', 'GET', '/payment/summary')).body as { trialBalance: Books })
    .trialBalance;

/** What was cleared is in pay-out, party by party: the bank has stated no line. Throws Violation. */
export const clearedIsInPayout = async (
  court: JudgedRun,
  cleared: readonly PartyAmount[],
): Promise<void> => {
  const { accounts } = await booksOf(court);
  const sums = new Map<string, number>();
  for (const { party, partyId, amountFen } of cleared) {
    const account = `in-payout/${party}/${partyId}`;
    sums.set(account, (sums.get(account) ?? 0) + amountFen);
  }
  for (const [account, owedFen] of sums)
    must((accounts[account] ?? 0) + owedFen === 0, 'payout', () => ({
      account,
      owedFen,
      accounts,
    }));
};

/**
 * The bank states two chargebacks, a fee and a capture that payment does not know. By the bank's own
 * book, the comparison names just these; all but the last are posted. A chargeback is a difference
 * until two operators decide it: one is lost, one is won. Played once. Throws Violation.
 */
export const statementIsCompared = async (court: JudgedRun): Promise<void> => {
  const { world, people } = court;
  const { stated } = world.acquirer;
  const [date] = world.days();
  if (stated.has(date!)) return;
  const before = await booksOf(court);
  const compare = async (): Promise<Day> =>
    (await people.ask('payment', 'POST', '/payment/reconciliations', { date })).body as Day;
  const rows = [
    { kind: 'chargeback', orderId: 'disputed-order', amountFen: -DISPUTED_FEN },
    { kind: 'chargeback', orderId: 'won-order', amountFen: -WON_FEN },
    { kind: 'fee', reference: 'fee-0001', amountFen: FEE_FEN },
  ];
  stated.set(date!, [...rows, { kind: 'capture', orderId: 'bank-only', amountFen: 11 }]);
  const day = await compare();
  const matched = world.acquirer.statement(date!).length;
  const named = day.differences.map(({ what, id }) => `${what} ${id}`).sort();
  must(
    day.matched === matched &&
      day.onlyOurs + day.amountsDiffer === 0 &&
      day.onlyTheirs === 1 &&
      day.others === 2 &&
      named.join() === 'only-theirs bank-only,other disputed-order,other won-order',
    'statement',
    () => ({ day, matched }),
  );
  stated.set(date!, rows);
  const after = await booksOf(court);
  const grewBy = (account: string, books = after): number =>
    (books.accounts[account] ?? 0) - (before.accounts[account] ?? 0);
  must(
    after.differenceFen === 0 &&
      grewBy('receivable/chargebacks') === DISPUTED_FEN + WON_FEN &&
      grewBy('expense/channel-fees') === FEE_FEN &&
      grewBy('channel/acquirer') === -DISPUTED_FEN - WON_FEN - FEE_FEN,
    'statement',
    () => ({ before, after }),
  );
  const { cases } = (await people.ask('payment', 'GET', '/payment/cases')).body as {
    cases: readonly Case[];
  };
  const open = cases.filter(({ kind }) => kind === 'statement-row');
  const amounts = open.map(({ amountFen }) => amountFen).sort((a, b) => a - b);
  must(amounts.join() === `${DISPUTED_FEN},${WON_FEN}`, 'statement', () => cases);
  for (const { caseId, amountFen } of open)
    await people.ask('payment', 'POST', `/payment/cases/${caseId}/resolution`, {
      ...DECIDED,
      resolution: amountFen === WON_FEN ? 'won' : 'lost',
    });
  const decided = await booksOf(court);
  must(
    decided.differenceFen === 0 &&
      grewBy('receivable/chargebacks', decided) === 0 &&
      grewBy('expense/chargebacks', decided) === DISPUTED_FEN &&
      grewBy('channel/acquirer', decided) === -DISPUTED_FEN - FEE_FEN,
    'statement',
    () => ({ after, decided }),
  );
  const noted = await compare();
  must(noted.differsSince === null && noted.others === 0, 'statement', () => noted);
  const once = await booksOf(court);
  must(JSON.stringify(once) === JSON.stringify(decided), 'inEffectOnce', () => ({ decided, once }));
  stated.set(date!, []);
};
