import {
  type ErasedPerson,
  message,
  personForgotten,
  notificationErasures,
} from '@caretab/contracts';
import { forgetParked } from '@caretab/bus';
import { assert, type Clock, derivedId } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { guardianTable } from '../institution/institution.table';
import { preferenceTable } from '../preference/preference.table';
import { type NoticeRow, noticeTable } from './notice.table';

/** The last notice that a person gets. */
export const CLOSING_NOTICE = 'erasure-begun';
const BATCH_MAX = 500;

/** The end of what is sent to a person: identity destroys the address once the last notice is out. */
export class ClosingNotices {
  constructor(private readonly clock: Clock) {}

  /** Publishes that a closing notice will not be tried again; nothing for other notices. */
  ended(transaction: Transaction, ...notices: readonly NoticeRow[]): void {
    for (const { template, facts, status, nextAttemptAt, noticeId } of notices) {
      if (template !== CLOSING_NOTICE || nextAttemptAt !== null) continue;
      assert(status !== 'pending' && status !== 'sending', 'a notice that is over has an outcome');
      const time = this.clock.now();
      const { personId, erasureId } = facts as { personId: string; erasureId: string };
      const data = { personId, erasureId, outcome: status, endedAt: time.toISOString() };
      transaction.publish(
        message(notificationErasures, 'ClosingNoticeEnded', data, {
          id: derivedId('ClosingNoticeEnded', noticeId, status),
          time,
          source: 'notification',
        }),
      );
    }
  }

  /** PersonalDataDestroyed: what was sent to the person, wishes about it, and the guardian go. */
  async forget(event: ErasedPerson, transaction: Transaction): Promise<void> {
    const { personId } = event.data;
    const time = this.clock.now();
    const notices = transaction.rows(noticeTable);
    const preferences = transaction.rows(preferenceTable);
    const guardians = transaction.rows(guardianTable);
    const destroyed = [
      { table: 'notice', rows: await notices.count({ recipientId: personId }) },
      { table: 'preference', rows: await preferences.count({ personId }) },
      { table: 'guardian', rows: await guardians.count({ personId }) },
      { table: 'parked', rows: await forgetParked(transaction, personId, time) },
    ];
    for (;;) {
      const found = await notices.find(
        { recipientId: personId },
        { countMax: BATCH_MAX, lock: 'wait' },
      );
      if (found.length === 0) break;
      await notices.delete({ noticeId: { in: found.map(({ noticeId }) => noticeId) } });
    }
    await preferences.delete({ personId });
    await guardians.delete({ personId });
    transaction.publish(...personForgotten(notificationErasures, event, { destroyed, time }));
  }
}
