import type { ParkedRow } from './audit-doors';
import { Check, type Finding } from './finding';
import type { Touched } from './touched';

/** A stream of a visit that the ledger does not use; null: the visit stands still. */
export interface SetAsideRow {
  readonly visitId: string;
  readonly stream: string;
  readonly revision: number;
  readonly kind: string;
  readonly continuedIn: string | null;
}

/** How the ledger stands at the end. */
export interface AfterHands {
  readonly setAside: readonly SetAsideRow[];
  readonly parked: readonly ParkedRow[];
  /** How often each was published, by `<type> <visitId>`. */
  readonly told: ReadonlyMap<string, number>;
}

/** A right that was taken back (42501), and another key under the same id. */
const OTHER_HANDS = /\b42501\b|EventKeyWrong|EventKeyUnknown/;

/** What is set aside but was not touched was blamed for another's fault. */
const noOneElse = (touched: readonly Touched[], { setAside, told }: AfterHands): Finding => {
  const check = new Check(
    'no one else is set aside than the visits whose streams others touched; each of those went on, ' +
      'and both was published once',
    true,
  );
  // A stream that was put back goes on as it is.
  const others = touched.filter(({ kind }) => kind !== 'truncated');
  const streams = new Map(others.map(({ stream }) => [stream, `${stream}~2`]));
  for (const row of setAside)
    check.must(row.continuedIn !== null && row.continuedIn === streams.get(row.stream), () => row);
  const due = touched.flatMap(({ visitId }) => [
    `VisitSetAside ${visitId}`,
    `VisitResumed ${visitId}`,
  ]);
  for (const name of new Set([...due, ...told.keys()]))
    check.must(due.includes(name) && told.get(name) === 1, () => ({
      ...{ published: name, times: told.get(name) ?? 0 },
    }));
  return check.finding();
};

const noneParked = (rows: readonly ParkedRow[]): Finding => {
  const check = new Check('no message was parked because of a lost right or a wrong key', true);
  for (const row of rows)
    check.must(row.service !== 'visit-ledger' || !OTHER_HANDS.test(row.reason), () => row);
  return check.finding();
};

export const handsFindings = (touched: readonly Touched[], after: AfterHands): Finding[] => [
  noOneElse(touched, after),
  noneParked(after.parked),
];
