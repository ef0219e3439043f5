import type { ParkedRow } from './audit-doors';
import type { LedgerStory } from './audit-ledger';
import { Check, type Finding } from './finding';

/** A visit whose stream the ledger does not use. */
export interface SetAsideRow {
  readonly store: string;
  readonly stream: string;
  readonly revision: number;
  readonly kind: string;
}

/** A right that was taken back (42501), and another key under the same id. */
const OTHER_HANDS = /\b42501\b|EventKeyWrong|EventKeyUnknown/;

/** No client writes into a stream in a run: what is set aside was blamed for another's fault. */
const noneSetAside = (rows: readonly SetAsideRow[], story: LedgerStory): Finding => {
  const check = new Check('no visit is set aside whose stream nobody touched');
  for (const _ of story.book.tabs) check.must(true, () => undefined);
  for (const row of rows) check.must(false, () => row);
  return check.finding();
};

const noneParked = (rows: readonly ParkedRow[]): Finding => {
  const check = new Check('no message was parked because of a lost right or a wrong key', true);
  for (const row of rows)
    check.must(row.service !== 'visit-ledger' || !OTHER_HANDS.test(row.reason), () => row);
  return check.finding();
};

export const handsFindings = (
  setAside: readonly SetAsideRow[],
  parked: readonly ParkedRow[],
  story: LedgerStory,
): Finding[] => [noneSetAside(setAside, story), noneParked(parked)];
