import type { Activation } from '@caretab/contracts';
import { readMobile } from '@caretab/security';
import { VALID_MS } from './activation-state';
import type { ActivationRow } from './activation.table';

/** What cannot be read as a number is none. */
export const readable = (mobile: string): string | undefined => {
  try {
    return readMobile(mobile);
  } catch {
    return undefined;
  }
};

export const fresh = (
  activationId: string,
  whose: Pick<ActivationRow, 'personId' | 'holderId'>,
  { at, ...offer }: { sealedMobile: Buffer; requestId: string; at: Date },
): Omit<ActivationRow, 'channel' | 'institutionId' | 'operator' | 'purpose'> => ({
  ...{ activationId, ...whose, ...offer, insurance: null, lineFen: null },
  ...{ status: 'asking-registry', reason: null, attempt: 1, registry: null, retries: 0 },
  ...{ codeHash: null, codeEndsAt: null, codesSent: 0, codeTries: 0, provenAt: null },
  ...{ seenBy: null, approvedBy: null, begunAt: at, changedAt: at, endedAt: null },
  ...{ nextAttemptAt: at, lease: 0 },
});

export const shownOf = (row: ActivationRow, mobile: string | undefined): Activation => ({
  activationId: row.activationId,
  personId: row.personId,
  ...(row.holderId !== row.personId && { guardianId: row.holderId }),
  purpose: row.purpose,
  channel: row.channel,
  ...(row.institutionId !== null && { institutionId: row.institutionId }),
  status: row.status,
  ...(row.reason !== null && { reason: row.reason }),
  attempt: row.attempt,
  ...(mobile !== undefined && { mobile }),
  ...(row.lineFen !== null && { lineFen: row.lineFen }),
  begunAt: row.begunAt,
  changedAt: row.changedAt,
  ...(row.endedAt && { endedAt: row.endedAt }),
});

/** Longer than any wait of an activation: a clock that was set back does not hold one up. */
export const WAIT_MAX_MS = VALID_MS;
