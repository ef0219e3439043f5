import type { LinePolicyDocument } from '@caretab/contracts';

const DAY_MS = 86_400_000;

type Terms = Pick<LinePolicyDocument, 'score'>;

/** Until when a score gives a line: as the authority says, or as long as the policy does. */
export const expiryOf = (
  { score }: Terms,
  scoredAt: Date,
  expiresAt: Date | undefined,
): Date | null => {
  if (expiresAt) return expiresAt;
  const validDays = score?.validDays ?? null;
  return validDays === null ? null : new Date(scoredAt.getTime() + validDays * DAY_MS);
};

/** When the citizen is notified of it; null where the score has no end. */
export const warningOf = ({ score }: Terms, expiresAt: Date | null): Date | null =>
  expiresAt && new Date(expiresAt.getTime() - (score?.noticeDays ?? 0) * DAY_MS);

/** Whether nothing more is held because its score has expired. */
export const isStopped = ({ score }: Terms, expiresAt: Date | null, now: Date): boolean =>
  score?.whenExpired === 'stop' && isExpired(expiresAt, now);

export const isExpired = (expiresAt: Date | null, now: Date): boolean =>
  expiresAt !== null && expiresAt <= now;
