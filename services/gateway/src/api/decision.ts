import { DECISION_WAIT_MS_MAX } from '@caretab/contracts';
import type { ChargeDecision } from './visit-ledger.adapter';

/**
 * How long the sender waits for the decision, in ms, by its `Prefer` header (RFC 7240: `wait=2` is in
 * seconds); undefined where it does not ask.
 */
export const waitMsOf = (prefer: string | undefined): number | undefined => {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,4})"?\s*(?:[,;]|$)/i.exec(prefer ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds) * 1000, DECISION_WAIT_MS_MAX);
};

/** One word for charges together: `deferred` only where each one is. */
export const decisionOf = (decisions: readonly ChargeDecision[]): ChargeDecision['decision'] => {
  if (decisions.some(({ decision }) => decision === 'undecided')) return 'undecided';
  return decisions.every(({ decision }) => decision === 'deferred') ? 'deferred' : 'not-deferred';
};

/** Charges that an answer of one line names; the others are in the visit. */
const NAMED_MAX = 5;

/** The decision in one line: `deferred`, or which charges are not, and why. */
export const decisionText = (decisions: readonly ChargeDecision[]): string => {
  const word = decisionOf(decisions);
  if (word !== 'not-deferred') return word;
  const named = decisions
    .filter(({ decision }) => decision === 'not-deferred')
    .slice(0, NAMED_MAX)
    .map(({ chargeId, reason }) => [chargeId, reason].filter(Boolean).join(' '));
  return `not-deferred: ${named.join(', ')}`;
};
