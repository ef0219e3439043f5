import { type Clock, contentHash, derivedId, DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { guardianTable } from '../institution/institution.table';
import { type Facts, type NoticeRow, noticeTable } from './notice.table';

/** What happened, as far as a notice tells of it. */
export interface Occurrence {
  readonly eventId: string;
  readonly time: string;
  readonly template: string;
  readonly facts: Facts;
  readonly traceparent?: string | undefined;
}

/** Writes notices down; the deliverer sends them. */
export class Notices {
  constructor(private readonly clock: Clock) {}

  /** To the person who answers for the account (a child's guardian). */
  tellAccount(
    transaction: Transaction,
    accountPersonId: string,
    occurrence: Occurrence,
  ): Promise<void> {
    return this.write(transaction, 'email', accountPersonId, occurrence);
  }

  /** To the person, or in a child's place to the guardian. */
  async tellPerson(
    transaction: Transaction,
    personId: string,
    occurrence: Occurrence,
  ): Promise<void> {
    const guardian = await transaction.rows(guardianTable).get({ personId });
    await this.write(transaction, 'email', guardian?.guardianId ?? personId, occurrence);
  }

  tellInstitution(
    transaction: Transaction,
    institutionId: string,
    occurrence: Occurrence,
  ): Promise<void> {
    return this.write(transaction, 'webhook', institutionId, occurrence);
  }

  /**
   * The same again changes nothing; the same event with other facts throws NOTICE_CONFLICT
   * (conflict).
   */
  private async write(
    transaction: Transaction,
    channel: NoticeRow['channel'],
    recipientId: string,
    { eventId, time, template, facts, traceparent }: Occurrence,
  ): Promise<void> {
    const noticeId = derivedId('notice', eventId, recipientId, template);
    const rows = transaction.rows(noticeTable);
    const isNew = await rows.insertIfAbsent({
      noticeId,
      eventId,
      visitId: typeof facts['visitId'] === 'string' ? facts['visitId'] : null,
      recipientId,
      channel,
      template,
      facts,
      status: 'pending',
      reason: null,
      attempts: 0,
      nextAttemptAt: this.clock.now(),
      lease: 0,
      occurredAt: new Date(time),
      sentAt: null,
      traceparent: traceparent ?? null,
    });
    if (isNew) return;
    const known = await rows.get({ noticeId });
    if (contentHash(known?.facts) !== contentHash(facts))
      throw new DomainError('NOTICE_CONFLICT', 'conflict', { noticeId });
  }
}
