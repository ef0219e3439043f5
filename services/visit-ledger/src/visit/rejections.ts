import { remedyFor } from './remedies-by-kind';
import type { FactOf, Submission, VisitEvent } from './visit-events';
import type { Visit } from './visit-state';

/** A report that was accepted and cannot be applied: its hospital gets the reason and the remedy. */
export const rejected = (
  submission: Submission,
  rejectedAt: string,
  {
    reason,
    chargeId,
    waited = false,
  }: {
    readonly reason: string;
    readonly chargeId?: string | undefined;
    readonly waited?: boolean;
  },
): FactOf<'SubmissionRejected'> => ({
  type: 'SubmissionRejected',
  data: {
    ...submission,
    reason,
    remedy: remedyFor(submission.kind, reason),
    chargeId,
    waited,
    rejectedAt,
  },
});

/** What has waited until `now` (RFC 3339) for an opening or a charge that did not come. */
export const expireWaiting = (visit: Visit, now: string): readonly VisitEvent[] => {
  // What came before two people opened it for a patient whom no one knows waits with the others.
  const { unidentified } = visit;
  if (visit.status === 'unknown' && unidentified && !unidentified.givenUpFor) return [];
  const isOver = (waitsUntil: string): boolean => Date.parse(waitsUntil) <= Date.parse(now);
  const isUnopened = visit.status === 'unknown';
  const reports = [...visit.submissions.values()].flatMap((waiting) => {
    const { command: _, reason: _reason, since: _since, waitsUntil, ...submission } = waiting;
    const { chargeId, ...of } = submission;
    const late = of.kind === 'VisitReopened' ? 'VISIT_NOT_ENDED' : 'CHARGE_UNKNOWN';
    const reason = isUnopened ? 'VISIT_UNKNOWN' : late;
    return isOver(waitsUntil) ? [rejected(of, now, { reason, chargeId, waited: true })] : [];
  });
  const charges = [...visit.charges].flatMap(([chargeId, { status, waits }]) => {
    if (!isUnopened || status !== 'waiting' || !waits || !isOver(waits.waitsUntil)) return [];
    const { waitsUntil: _, ...of } = waits;
    return [rejected(of, now, { reason: 'VISIT_UNKNOWN', chargeId, waited: true })];
  });
  return [...reports, ...charges];
};
