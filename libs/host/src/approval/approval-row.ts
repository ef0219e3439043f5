import { DomainError } from '@caretab/kernel';
import type { ApprovalRow } from './approval.table';

/** An approval as people see it. */
export interface ShownApproval {
  readonly approvalId: string;
  readonly action: string;
  readonly institution?: string;
  readonly person?: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly about: Readonly<Record<string, unknown>>;
  readonly state: ApprovalRow['state'] | 'expired';
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy?: string;
  readonly decidedAt?: Date;
  readonly why?: string;
  readonly usedAt?: Date;
  readonly outcome?: string;
}

/** Of `next` of a page. Throws REQUEST_INVALID (invalid). */
export const cursorOf = (text: string): Partial<ApprovalRow> => {
  const [at = '', approvalId] = text.split(' ');
  const requestedAt = new Date(at);
  if (approvalId === undefined || Number.isNaN(requestedAt.getTime()))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: [{ field: '/after', why: 'is no `next` of a page' }],
    });
  return { requestedAt, approvalId };
};

export const shown = (row: ApprovalRow, now: Date): ShownApproval => {
  const { approvalId, action, institution, person, params, about, state } = row;
  const { requestedBy, requestedAt, expiresAt, decidedBy, decidedAt, why, usedAt, outcome } = row;
  const isWaiting = state === 'open' || state === 'given';
  return {
    ...{ approvalId, action, params, about, requestedBy, requestedAt, expiresAt },
    ...(institution !== null && { institution }),
    ...(person !== null && { person }),
    state: isWaiting && expiresAt <= now ? 'expired' : state,
    ...(decidedBy !== null && { decidedBy }),
    ...(decidedAt !== null && { decidedAt }),
    ...(why !== null && { why }),
    ...(usedAt !== null && { usedAt }),
    ...(outcome !== null && { outcome }),
  };
};
