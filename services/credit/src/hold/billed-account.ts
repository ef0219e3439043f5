import { cannotBe } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Account } from '../account/account';
import { accountTable } from '../account/account.table';
import type { Accounts } from '../account/accounts';
import { subjectTable } from '../enrolment/enrolment.table';
import { billedTo, type Hold } from './hold';
import type { VisitMessage } from './hold.publisher';
import { assertAddsUp } from './possible';

const BILLED_TO_ANOTHER = 'BILLED_TO_ANOTHER';

/**
 * The account that a verdict bills, locked, and the hold of its visit on it. A credit that was
 * restored decides holds once more, and a guardian may have changed meanwhile: the hold then leaves
 * the account that it stands on, so that no one's line bears what another owes. Where the verdict
 * names a person without an account, nothing was on the tab: the hold stays. Of who is merged the
 * survivor's account is billed. Throws ACCOUNT_UNKNOWN (not-found), MERGE_AWAITED (awaited).
 */
export const onBilledAccount = async (
  transaction: Transaction,
  accounts: Accounts,
  hold: Hold,
  event: VisitMessage<'VisitAdjudicated'>,
): Promise<{ readonly account: Account; readonly hold: Hold }> => {
  const { accountPersonId, visitId } = event.data;
  const isKept = hold.status !== 'declined' && accountPersonId === billedTo(hold);
  const lineId = isKept ? hold.accountPersonId : await lineOf(transaction, accountPersonId);
  const locked = new Map<string, Account | undefined>();
  // In the order of every batch.
  for (const each of [...new Set([lineId, hold.accountPersonId])].sort())
    locked.set(each, await accounts.lock(transaction, each));
  const own = locked.get(hold.accountPersonId);
  const billed = locked.get(lineId) ?? own;
  if (!billed)
    throw new DomainError('ACCOUNT_UNKNOWN', 'not-found', { personId: hold.accountPersonId });
  if (
    billed.mergedInto !== null ||
    (!isKept && (await lineOf(transaction, accountPersonId)) !== lineId)
  )
    throw new DomainError('MERGE_AWAITED', 'awaited', { field: '/accountPersonId' });
  if (billed === own) return { account: billed, hold };
  const { heldFen, outstandingFen } = hold;
  if (own && heldFen + outstandingFen > 0) {
    const freed = { heldFen: -heldFen, outstandingFen: -outstandingFen, note: BILLED_TO_ANOTHER };
    await accounts.post(transaction, own, { kind: 'HoldReleased', visitId, ...freed }, event.id);
  }
  const moved = {
    accountPersonId: lineId,
    mergedPersonId: lineId === accountPersonId ? null : accountPersonId,
  };
  return { account: billed, hold: { ...hold, ...moved, heldFen: 0, outstandingFen: 0 } };
};

const lineOf = async (transaction: Transaction, accountPersonId: string): Promise<string> =>
  (await transaction.rows(accountTable).get({ accountPersonId }))?.mergedInto ?? accountPersonId;

/**
 * A verdict adds up, and only of who is or was a child another bears what is due: none of an adult's bills
 * goes to a stranger's line, by any author. Throws MESSAGE_IMPOSSIBLE (conflict), GUARDIAN_UNKNOWN
 * (awaited).
 */
export const assertMayBear = async (
  transaction: Transaction,
  hold: Hold | undefined,
  event: VisitMessage<'VisitAdjudicated'>,
): Promise<void> => {
  const { personId, accountPersonId } = event.data;
  assertAddsUp(event);
  if (accountPersonId === personId || (hold && accountPersonId === billedTo(hold))) return;
  const subject = await transaction.rows(subjectTable).get({ personId });
  // A credit that was restored may read of the person only later.
  if (!subject) throw new DomainError('GUARDIAN_UNKNOWN', 'awaited', { field: '/personId' });
  if (!subject.minor && !subject.guardiansBefore.includes(accountPersonId))
    throw cannotBe(event, '/accountPersonId', 'the patient is no child, and another is to bear it');
};
