import { type Clock, contentHash, derivedId, DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { guardianTable } from '../institution/institution.table';
import { type Facts, type NoticeRow, noticeTable } from './notice.table';
import type { Way } from './ways';

/** The event, as far as a notice reports it. */
export interface Occurrence {
  readonly eventId: string;
  readonly time: string;
  readonly template: string;
  readonly facts: Facts;
  readonly traceparent?: string | undefined;
}

/** What a notice keeps of an event: the facts are picked by the caller. */
export const occurrence = (
  event: { readonly id: string; readonly time: string; readonly traceparent?: string },
  template: string,
  facts: Occurrence['facts'],
): Occurrence => ({
  eventId: event.id,
  time: event.time,
  template,
  facts,
  traceparent: event.traceparent,
});

/** Writes notices down; the deliverer sends them. */
export class Notices {
  constructor(
    private readonly clock: Clock,
    /** The first way to people that the operator has. */
    private readonly firstWay: Way,
  ) {}

  /** To the person who answers for the account (a child's guardian). */
  notifyAccount(
    transaction: Transaction,
    accountPersonId: string,
    occurrence: Occurrence,
  ): Promise<void> {
    return this.write(transaction, this.firstWay, accountPersonId, occurrence);
  }

  /** To the person, or in a child's place to the guardian. */
  async notifyPerson(
    transaction: Transaction,
    personId: string,
    occurrence: Occurrence,
  ): Promise<void> {
    const readerId = await this.readerOf(transaction, personId);
    await this.write(transaction, this.firstWay, readerId, occurrence);
  }

  /** The person, or in a child's place the guardian. */
  async readerOf(transaction: Transaction, personId: string): Promise<string> {
    const guardian = await transaction.rows(guardianTable).get({ personId });
    return guardian?.guardianId ?? personId;
  }

  notifyInstitution(
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
    const [known] = await rows.find({ eventId, noticeId });
    if (known) return refuseOther(known, facts);
    const now = this.clock.now();
    await rows.insert({
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
      nextAttemptAt: now,
      lease: 0,
      dueSince: now,
      occurredAt: new Date(time),
      sentAt: null,
      traceparent: traceparent ?? null,
    });
  }
}

/** A fact that an earlier release did not keep is no other one. */
const refuseOther = ({ noticeId, facts: before }: NoticeRow, facts: Facts): void => {
  const kept = Object.keys(before).map((name) => [name, facts[name]]);
  if (contentHash(before) !== contentHash(Object.fromEntries(kept)))
    throw new DomainError('NOTICE_CONFLICT', 'conflict', { noticeId });
};
