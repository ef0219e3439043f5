import { creditAccounts, message } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { Account } from '../account/account';

/**
 * What others learn of a line that changed: credit.accounts. A database that was restored from a copy
 * changes the line again, from another amount or at another time: that is another message.
 */
export const lineChanged = (
  { accountPersonId: personId, lineFen: fromFen }: Account,
  to: {
    readonly lineFen: number;
    readonly policyId: string;
    readonly reason: 'POLICY_IN_FORCE' | 'SCORE_CHANGED';
  },
  { causeId, time }: { readonly causeId: string; readonly time: Date },
) => {
  const { lineFen, policyId, reason } = to;
  const data = { personId, fromFen, lineFen, reason, policyId, changedAt: time.toISOString() };
  const id = derivedId('LineChanged', causeId, ...[fromFen, lineFen].map(String), data.changedAt);
  return message(creditAccounts, 'LineChanged', data, { id, time, source: 'credit' });
};
