import { retryDelayMs } from '@caretab/work-queue';
import type { NoticeRow } from './notice.table';
import { REASON_OF, type SendOutcome } from './outlets';
import type { ReceiverPolicy } from './receivers';
import { isWay, type Way } from './ways';

export interface DeliveryPolicy extends ReceiverPolicy {
  /** A notice that was not delivered for so long is `failed`. */
  readonly retryForMs: number;
  readonly retryDelaysMs: readonly number[];
  /** The lease of a notice; longer than all timeouts of one delivery together. */
  readonly leaseMs: number;
  /** After so many attempts that failed, a notice to a person goes on to the next way. */
  readonly nextWayAttempts: number;
}

/** Whether a notice was tried for as long as it may be. */
export const isOver = ({ dueSince }: NoticeRow, policy: DeliveryPolicy, now: Date): boolean =>
  now.getTime() - dueSince.getTime() >= policy.retryForMs;

/** A notice after an attempt: sent, ended, tried again later, or on the next way. */
export const concluded = (
  notice: NoticeRow,
  {
    outcome,
    next,
    policy,
    now,
  }: {
    readonly outcome: SendOutcome;
    readonly next?: Way | undefined;
    readonly policy: DeliveryPolicy;
    readonly now: Date;
  },
): NoticeRow => {
  if (outcome === 'sent')
    return { ...notice, status: 'sent', reason: null, sentAt: now, nextAttemptAt: null };
  const reason = REASON_OF[outcome];
  if (isWay(notice.channel)) {
    if (outcome === 'unknown')
      return { ...notice, status: 'unconfirmed', reason, nextAttemptAt: null };
    const isTriedEnough = notice.attempts >= policy.nextWayAttempts;
    if (next !== undefined && (outcome === 'refused' || isTriedEnough))
      return { ...notice, channel: next, status: 'pending', reason, nextAttemptAt: now };
    if (outcome === 'refused') return { ...notice, status: 'failed', reason, nextAttemptAt: null };
  }
  if (isOver(notice, policy, now))
    return {
      ...notice,
      status: 'failed',
      reason: reason === 'NO_ANSWER' ? 'ATTEMPTS_EXHAUSTED' : reason,
      nextAttemptAt: null,
    };
  const delayMs = retryDelayMs(policy.retryDelaysMs, notice.attempts - 1, notice.noticeId);
  return {
    ...notice,
    status: 'pending',
    reason,
    nextAttemptAt: new Date(now.getTime() + delayMs),
  };
};
