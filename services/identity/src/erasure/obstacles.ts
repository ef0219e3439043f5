import type { ErasureObstacle, Frozen } from '@caretab/contracts';

/** What credit answers about a person who wants to be erased. */
export interface CreditStanding {
  readonly holds: number;
  readonly debts: number;
  readonly wards: number;
}

/** How the ledger's view shows one visit. */
export interface VisitStanding {
  readonly status: string;
  /** In fen; below 0: money is owed back. */
  readonly owedFen: number;
}

/** What identity asks others before it erases a person. */
export interface Neighbours {
  /**
   * What stands in the way at credit; where nothing does and `close` is set, the service is closed
   * in the same transaction. Throws CREDIT_UNAVAILABLE (unavailable).
   */
  credit(personId: string, close: boolean): Promise<CreditStanding & { readonly closed: boolean }>;
  /** The newest visits. Throws LEDGER_UNAVAILABLE (unavailable). */
  visits(personId: string): Promise<readonly VisitStanding[]>;
}

const OVER: ReadonlySet<string> = new Set(['settled', 'cancelled']);

/** An adjudicated visit of which money is owed is a debt, and no open visit. */
const isOpen = ({ status, owedFen }: VisitStanding): boolean =>
  !OVER.has(status) && !(status === 'adjudicated' && owedFen !== 0);

const WORDS = {
  visits: {
    why: 'a visit is open',
    remedy: 'have its hospital end or cancel it, and wait until it is settled',
  },
  holds: {
    why: 'a hold stands on the line',
    remedy: 'wait until the visit is settled or cancelled',
  },
  debts: { why: 'something is owed', remedy: 'pay it, then ask again' },
  refunds: {
    why: 'money is owed back',
    remedy: 'wait until the refund has arrived, or close its case',
  },
  wards: {
    why: 'the person acts for a ward',
    remedy: 'appoint another guardian, end the guardianship, or erase the ward first',
  },
} as const;

type Obstacle = Frozen<ErasureObstacle>;

/** Each kind of obstacle once, in a fixed order; none: the person may be erased. */
export const obstaclesOf = ({
  visits = [],
  credit = { holds: 0, debts: 0, wards: 0 },
  wards = 0,
}: {
  readonly visits?: readonly VisitStanding[];
  readonly credit?: CreditStanding;
  /** For whom the person is a guardian. */
  readonly wards?: number;
}): Obstacle[] => {
  const present: Readonly<Record<keyof typeof WORDS, boolean>> = {
    visits: visits.some(isOpen),
    holds: credit.holds > 0,
    debts: credit.debts > 0 || visits.some(({ owedFen }) => owedFen > 0),
    refunds: visits.some(({ owedFen }) => owedFen < 0),
    wards: wards > 0 || credit.wards > 0,
  };
  return (Object.keys(WORDS) as (keyof typeof WORDS)[])
    .filter((field) => present[field])
    .map((field) => ({ field, ...WORDS[field] }));
};
