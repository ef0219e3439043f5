import { must } from './violation';

/** How a visit stands, by its facts. */
interface Standing {
  readonly status: string;
  readonly endedAt: string | undefined;
  readonly graceUntil: string | undefined;
  readonly isGraceOver: boolean;
  readonly isCancelling: boolean;
  /** Times of reopenings that came before an end. */
  readonly reopeningsAwaited: ReadonlySet<string>;
}

/** An end that stands for good: it has no grace time, or that is over. */
const isEnded = ({ endedAt, graceUntil, isGraceOver }: Standing): boolean =>
  endedAt !== undefined && (graceUntil === undefined || isGraceOver);

interface Fact {
  readonly kind?: string;
  readonly reason?: string;
  readonly waited?: boolean;
  readonly reopenedAt?: string;
}

/**
 * What a visit's tab was as a fact undid its end, or did not: until the visit is over its hospital
 * may cancel it, in the grace time too, and may reopen what has an end. A reopening that waited for
 * its end takes back none that is later than itself. Throws Violation.
 */
export const undoesRightly = (tab: Standing, visitId: string, type: string, data: Fact): void => {
  const { status, endedAt, graceUntil, isGraceOver, isCancelling } = tab;
  const seen = (): object => ({
    ...{ visitId, type, kind: data.kind, reason: data.reason },
    ...{ status, endedAt, graceUntil, isGraceOver, isCancelling },
  });
  const isOpen = status === 'open' && !isCancelling;
  if (type === 'VisitReopened') {
    must(isOpen && endedAt !== undefined, 'ends', seen);
    const { reopenedAt = '' } = data;
    const isLater = Date.parse(endedAt!) > Date.parse(reopenedAt);
    must(!(tab.reopeningsAwaited.has(reopenedAt) && isLater), 'ends', seen);
  }
  if (type === 'VisitWithdrawalReported') must(isOpen && !isEnded(tab), 'ends', seen);
  if (type !== 'SubmissionRejected') return;
  if (data.reason === 'VISIT_NOT_OPEN' && data.kind === 'VisitWithdrawn')
    must(!isOpen || isEnded(tab), 'ends', seen);
  if (data.reason === 'VISIT_NOT_OPEN' && data.kind === 'VisitReopened')
    must(!isOpen, 'ends', seen);
  // What came before its end waits for it.
  if (data.reason === 'VISIT_NOT_ENDED') must(data.waited === true, 'ends', seen);
};
