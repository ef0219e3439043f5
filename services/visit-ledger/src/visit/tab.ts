import {
  addTotals,
  classify,
  isByDocuments,
  patientEstimate,
  subtractTotals,
  type Tab,
  tabOf,
} from '@caretab/benefits';
import type { Charge, ClaimLine, Coverage } from '@caretab/contracts';
import type { Left } from './part';
import { claimLinesOf, type OpenedVisit, type RecordedCharge } from './visit-state';

/** A visit whose charges can be decided. */
export type CoveredVisit = OpenedVisit & { readonly coverage: Coverage };

const lineOf = ({ chargeId, itemCode, quantity, amountFen, occurredAt }: Charge): ClaimLine => ({
  ...{ chargeId, itemCode, quantity, amountFen, occurredAt },
});

/**
 * The tab with one charge more, and what the patient would owe. By terms of tables sums are enough;
 * documents may look at each line, so all are put to them again.
 */
export const tabWith = (visit: CoveredVisit, charge: Charge): Tab => {
  const { coverage } = visit;
  if (isByDocuments(coverage)) return tabOf(coverage, [...claimLinesOf(visit), lineOf(charge)]);
  const totals = addTotals(visit.totals, classify(coverage, charge));
  return { totals, patientEstimateFen: patientEstimate(coverage, totals) };
};

/** The tab with what is left of a deferred charge in its place; undefined: nothing is. */
export const tabWithLess = (
  visit: CoveredVisit,
  { charge, left: before }: RecordedCharge,
  left: Left | undefined,
): Tab => {
  const { coverage } = visit;
  if (isByDocuments(coverage)) {
    const lines = claimLinesOf(visit).flatMap((line): ClaimLine[] => {
      if (line.chargeId !== charge.chargeId) return [line];
      return left ? [{ ...line, ...left }] : [];
    });
    return tabOf(coverage, lines);
  }
  const without = subtractTotals(visit.totals, classify(coverage, { ...charge, ...before }));
  const totals = left ? addTotals(without, classify(coverage, { ...charge, ...left })) : without;
  return { totals, patientEstimateFen: patientEstimate(coverage, totals) };
};
