import { adjudicate, explained } from '@caretab/benefits';
import { businessDateOf, type RouteAnswer, type visitLedgerRoutes } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { opened } from './refusals';
import { claimLinesOf, isEnded, notOnTabOf, type Visit } from './visit-state';

export type PreSettlement = RouteAnswer<typeof visitLedgerRoutes.preSettlement>;

/**
 * What a visit would come to if it ended now: the verdict's own function, on the coverage and the
 * charges that the ledger has. Throws VISIT_UNKNOWN (not-found), COVERAGE_AWAITED (conflict) while
 * adjudication has not said which plans there are.
 */
export const preSettled = (of: Visit, now: Date): PreSettlement => {
  const visit = opened(of);
  const { visitId, personId } = visit.ref;
  const { coverage } = visit;
  if (!coverage) throw new DomainError('COVERAGE_AWAITED', 'conflict', { visitId });
  const today = businessDateOf(now);
  const lines = claimLinesOf(visit);
  const settled = adjudicate(coverage, lines, { discharged: today, settled: today });
  const notOnTab = notOnTabOf(visit);
  const waiting = [...visit.charges.values()].filter(({ status }) => status === 'waiting').length;
  return {
    ...{ visitId, personId, asOf: now, isOpen: !isEnded(visit) },
    ...{ grossFen: settled.totals.grossFen, payers: [...settled.payers] },
    patientDueFen: settled.patientDueFen,
    heldFen: visit.heldFen,
    waiting,
    collectHere: notOnTab.map(({ chargeId, amountFen, reason = 'UNKNOWN' }) => ({
      ...{ chargeId, amountFen, reason },
    })),
    collectHereFen: notOnTab.reduce((sum, { amountFen }) => sum + amountFen, 0),
    lines: [...settled.lines],
    explanation: explained(coverage, settled.verdict, visitId),
    ...(coverage.withheld && { withheld: coverage.withheld }),
    revision: isEnded(visit) ? visit.revision : null,
  };
};
