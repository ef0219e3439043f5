import type { JudgedRun } from './judged-run';
import { claimsOf } from './late-facts';
import { must } from './violation';
import { isWrongSum } from './wrong-sums';

interface Told {
  readonly type?: string;
  readonly visitId?: string;
  readonly chargeId?: string;
  readonly submissionId?: string;
  readonly reason?: string;
}

/**
 * A charge whose amount is not its quantity times its price is refused, its hospital learned so, and
 * it is in no claim and no decision; no other charge is refused so. Throws Violation.
 */
export const wrongSumsAreTold = (court: JudgedRun): void => {
  const { world, plan, people, watch } = court;
  const told = new Set(
    world.delivered.flatMap(({ to, body }) => {
      const { type, reason, submissionId } = (to.startsWith('/') ? body : {}) as Told;
      const isTold = type === 'SubmissionRejected' && reason === 'AMOUNT_MISMATCH';
      return isTold ? [submissionId!] : [];
    }),
  );
  const claims = claimsOf(world);
  let wrong = 0;
  for (const visit of plan.visits) {
    const visitId = people.visitIdOf(visit);
    const claimed = (claims.get(visitId) ?? []).flatMap(({ lines }) => lines);
    for (const action of people.acceptedOf(visit)) {
      const charge = action.kind === 'charges' && action.charges.find(isWrongSum);
      if (!charge) continue;
      wrong += 1;
      const { chargeId } = charge;
      const decision = watch.book.tabs.get(visitId)?.decisions.get(chargeId);
      const isClaimed = claimed.some((line) => line.chargeId === chargeId);
      const isTold = told.has(people.submissionIdOf(visit, action));
      must(isTold && !isClaimed && decision === undefined, 'sums', () => ({
        ...{ visitId, chargeId, isTold, isClaimed, decision },
      }));
    }
  }
  must(told.size === wrong, 'sums', () => ({ refused: told.size, wrong }));
};
