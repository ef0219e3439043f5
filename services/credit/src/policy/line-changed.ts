import { creditAccounts, message } from '@caretab/contracts';
import type { Account } from '../account/account';

/** What others learn of a line that changed: credit.accounts. */
export const lineChanged = (
  { accountPersonId: personId, lineFen: fromFen }: Account,
  to: {
    readonly lineFen: number;
    readonly policyId: string;
    readonly reason: 'POLICY_IN_FORCE' | 'SCORE_CHANGED';
  },
  { id, time }: { readonly id: string; readonly time: Date },
) => {
  const { lineFen, policyId, reason } = to;
  const data = { personId, fromFen, lineFen, reason, policyId, changedAt: time.toISOString() };
  return message(creditAccounts, 'LineChanged', data, { id, time, source: 'credit' });
};
