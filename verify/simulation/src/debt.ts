import type { JudgedRun } from './judged-run';
import type { Tab } from './tab-record';

type Verdict = Pick<Tab, 'verdict' | 'lenderId' | 'paidFen' | 'refundedFen'>;

/** What we collect of a visit, in fen; below 0: it is owed back. */
export const owedFenOf = ({ verdict, lenderId, paidFen, refundedFen }: Verdict): number =>
  (lenderId === undefined ? (verdict?.patientDueFen ?? 0) : 0) - paidFen + refundedFen;

/** What a verdict leaves on the line: until the bank says that it was repaid, or we have it. */
export const debtFenOf = (
  { world, standing }: JudgedRun,
  visitId: string,
  tab: Verdict,
): number => {
  const writtenOffFen = standing.writtenOff.get(visitId)?.amountFen ?? 0;
  if (tab.lenderId === undefined) return owedFenOf(tab) - writtenOffFen;
  const repaidFen = world.lender?.loans.get(visitId)?.repaidFen ?? 0;
  return Math.max(0, (tab.verdict?.patientDueFen ?? 0) - repaidFen);
};
