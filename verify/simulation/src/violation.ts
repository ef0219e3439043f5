/** Sentence of what must always hold, as the design numbers them, and two of the end. */
export const INVARIANTS = {
  line: 'no hold takes holds and outstanding above the line',
  heldAddsUp: 'an account holds and owes what its visits do',
  once: 'a charge is on the ledger exactly once',
  balance: 'debits equal credits, and gross = payers’ parts + due',
  view: 'a view equals the fold of its facts',
  written: 'what is on the bus was committed before, under the id that it has',
  calendars: 'a clearing takes what was booked on its day by our clock, and nothing else',
  dayOver: 'a day is cleared only once it is over',
  inEffectOnce: 'a message that comes again has no second effect',
  reader: 'no committed event is skipped by a reader',
  captured: 'a captured payment is on the ledger, and never twice at the acquirer',
  unpaid: 'nobody has missed a payment but who the bank says so of',
  night: 'no debit is sent between 21:00 and 08:00',
  refundsEnd: 'a refund that the bank refuses ends',
  owedBack: 'what is owed back has a case until it is back',
  payout: 'what is cleared is in pay-out until the bank’s line',
  statement: 'a comparison names what the bank’s book has otherwise, and posts what it took',
  chain: 'the audit chain verifies',
  forgotten: 'destroying a person’s data breaks no chain',
  erased: 'an erased person leaves nothing personal in any table',
  debtor: 'nobody is erased who owes or whose visit is open',
  laundered: 'who was erased and registers again is the same person',
  private: 'nobody’s personal data stands in the open',
  integer: 'money is whole fen',
  sentOnce: 'a notice reaches a person at most once, by all ways together',
  verdict: 'a verdict is what the rules give, in its person’s year',
  hospital: 'a tab is what its hospital’s own book says',
  answered: 'a report that was accepted is applied, rejected and told, or waits within its limit',
  holder:
    'nothing is on another person’s tab, and who is not as registered is a case that its hospital has',
  late: 'a late charge is collected by its policy and the citizen’s word alone, and else told',
  confirmed:
    'a visit that was opened by a typed number is debited once who pays confirmed it, and then is',
  sums: 'a charge that makes no sum is refused and told, and no other is',
  fates: 'a hospital’s list has its own reports, each with what became of it',
  decided: 'everything that was accepted is decided',
  lives: 'a hold lives on after any fact of its visit',
  ends: 'a visit ends by its institution’s rules, and closes when its grace time is over',
  stays: 'a stay is asked about, and never ended by a clock',
  settled: 'every closed visit is settled or owed',
  holds: 'every hold is accounted for',
  parked: 'nothing is parked that should not be',
  forged: 'what no author of its topic wrote is parked, and has no effect',
  lied: 'what cannot be is parked, though its right author says it, and has no effect',
  arrives: 'every webhook that was due reaches its hospital',
  told: 'what people are told is so',
  dead: 'of who has died nothing is granted, debited or said; taken back, it goes on',
  wards: 'a child’s visit is on the line of who was guardian when it was granted, to its end',
  policy: 'a line is what the policy in force gives, and what is held stays held',
  arrears: 'a missed due is reminded of, frozen, announced and reported on its days, and not else',
  consents: 'what was revoked is not used, and the service ends once nothing is owed',
  lender: 'hold and debt mirror the bank’s, and nothing is collected that the bank collects',
  merges:
    'two who are one have one line, and each their own visits; as two each has their own again',
  quiet: 'the platform comes to rest',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export class Violation extends Error {
  constructor(
    readonly invariant: Invariant,
    readonly details: string,
  ) {
    super(`${INVARIANTS[invariant]}: ${details}`);
    this.name = 'Violation';
  }
}

/** Throws Violation; `details` is asked for only then. */
export function must(
  condition: boolean,
  invariant: Invariant,
  details: () => unknown,
): asserts condition {
  if (!condition) throw new Violation(invariant, JSON.stringify(details()));
}

/** Every field whose name says fen is a whole number, however deep. */
export const mustBeWholeFen = (value: unknown, where: string): void => {
  if (value === null || typeof value !== 'object') return;
  for (const [field, item] of Object.entries(value)) {
    if (field.endsWith('Fen') && item !== null)
      must(Number.isSafeInteger(item), 'integer', () => ({ where, field, item }));
    else mustBeWholeFen(item, where);
  }
};
