import type { Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { inSpanAfter } from '@caretab/telemetry';
import { type Claimed, retryDelayMs, WorkQueue } from '@caretab/work-queue';
import { institutionTable } from '../institution/institution.table';
import { type PreferenceRow, preferenceTable } from '../preference/preference.table';
import { type NoticeRow, noticeTable } from './notice.table';
import type { Contacts, Mailer, SendOutcome, Webhooks } from './outlets';
import { render, type Templates } from './templates';

export interface DeliveryPolicy {
  readonly attemptsMax: number;
  readonly retryDelaysMs: readonly number[];
  /** The lease of a notice; longer than all timeouts of one delivery together. */
  readonly leaseMs: number;
}

export interface DelivererParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly mailer: Mailer;
  readonly webhooks: Webhooks;
  readonly contacts: Contacts;
  readonly templates: Templates;
  readonly policy: DeliveryPolicy;
}

/** A claimed notice with what its sending depends on. */
interface Delivery {
  readonly notice: NoticeRow;
  readonly preference: PreferenceRow | undefined;
  readonly webhookUrl: string | null | undefined;
}

/** What came of a notice: how to send it, or why not. */
type Prepared =
  | { readonly send: () => Promise<SendOutcome> }
  | { readonly ends: 'skipped' | 'failed'; readonly reason: string }
  | 'later';

/** Notices on their way at once: delivery is mostly waiting for the receiver. */
const LANES = 24;

/**
 * Delivers notices. That a notice is being sent is stored before it leaves: an e-mail found so
 * after a crash is unconfirmed and never sent again, a webhook is repeated with the same id.
 */
export class Deliverer {
  private readonly queue: WorkQueue<NoticeRow, Delivery>;

  constructor(private readonly parts: DelivererParts) {
    const { store, clock, policy } = parts;
    const { leaseMs, retryDelaysMs } = policy;
    this.queue = new WorkQueue<NoticeRow, Delivery>({
      store,
      clock,
      table: noticeTable,
      key: 'noticeId',
      lanes: LANES,
      leaseMs,
      plans: [
        { where: { status: 'pending', attempts: 0 }, waitMaxMs: leaseMs },
        { where: { status: 'sending' }, waitMaxMs: leaseMs },
        { where: { status: 'pending' }, waitMaxMs: Math.max(...retryDelaysMs) },
      ],
      begin,
      work: (delivery) => this.deliver(delivery),
    });
  }

  /** Delivers what is due now, one round of it; returns how many notices it handled. */
  runOnce(): Promise<number> {
    return this.queue.runOnce();
  }

  /** Notices that are due within so many ms. */
  countDue(aheadMs: number): Promise<number> {
    return this.queue.countDue(aheadMs);
  }

  private async deliver(delivery: Delivery): Promise<void> {
    const { traceparent, visitId, channel, template } = delivery.notice;
    const attributes = { 'caretab.notice.channel': channel, 'caretab.notice.template': template };
    const span = { service: 'notification', visitId, attributes };
    await inSpanAfter(traceparent, 'deliver notice', span, () => this.prepareAndSend(delivery));
  }

  private async prepareAndSend(delivery: Delivery): Promise<void> {
    const { notice } = delivery;
    const prepared =
      notice.channel === 'email' ? await this.prepareMail(delivery) : this.prepareWebhook(delivery);
    if (prepared === 'later')
      await this.change(notice, (current) => this.again(current, 'RECIPIENT_NOT_REACHABLE'));
    else if ('send' in prepared) await this.sendOnce(notice, prepared.send);
    else
      await this.change(notice, (current) => ({
        ...current,
        status: prepared.ends,
        reason: prepared.reason,
        nextAttemptAt: null,
      }));
  }

  private async prepareMail({ notice, preference }: Delivery): Promise<Prepared> {
    if (preference && !preference.channels.includes('email'))
      return { ends: 'skipped', reason: 'NOT_WANTED' };
    const contact = await this.parts.contacts.of(notice.recipientId);
    if (contact === 'unavailable') return 'later';
    if (contact === 'unknown' || !contact.email) return { ends: 'skipped', reason: 'NO_ADDRESS' };
    const { email: to, language } = contact;
    const wording = render(
      this.parts.templates,
      notice.template,
      preference?.language ?? language,
      notice.facts,
    );
    return { send: () => this.parts.mailer.send({ noticeId: notice.noticeId, to, ...wording }) };
  }

  private prepareWebhook({ notice, webhookUrl: url }: Delivery): Prepared {
    // The institution's own event may still be on its way, on another topic.
    if (url === undefined) return 'later';
    if (url === null) return { ends: 'skipped', reason: 'NO_ADDRESS' };
    const { noticeId, recipientId: institutionId, template: type, facts, occurredAt } = notice;
    const body = JSON.stringify({ noticeId, type, occurredAt: occurredAt.toISOString(), ...facts });
    return { send: () => this.parts.webhooks.post({ noticeId, institutionId, url, body }) };
  }

  private async sendOnce(notice: NoticeRow, send: () => Promise<SendOutcome>): Promise<void> {
    const sending = await this.change(notice, (current) => ({
      ...current,
      status: 'sending',
      attempts: current.attempts + 1,
      nextAttemptAt: this.queue.leaseEnd(this.parts.clock.now()),
    }));
    if (!sending) return;
    const outcome = await send();
    await this.change(sending, (current) => this.concluded(current, outcome));
  }

  private concluded(notice: NoticeRow, outcome: SendOutcome): NoticeRow {
    if (outcome === 'sent')
      return {
        ...notice,
        status: 'sent',
        reason: null,
        sentAt: this.parts.clock.now(),
        nextAttemptAt: null,
      };
    if (outcome === 'refused')
      return { ...notice, status: 'failed', reason: 'REFUSED', nextAttemptAt: null };
    if (outcome === 'unknown' && notice.channel === 'email')
      return { ...notice, status: 'unconfirmed', reason: 'NO_ANSWER', nextAttemptAt: null };
    if (notice.attempts >= this.parts.policy.attemptsMax)
      return { ...notice, status: 'failed', reason: 'ATTEMPTS_EXHAUSTED', nextAttemptAt: null };
    const { retryDelaysMs } = this.parts.policy;
    const delayMs = retryDelayMs(retryDelaysMs, notice.attempts - 1, notice.noticeId);
    const nextAttemptAt = new Date(this.parts.clock.now().getTime() + delayMs);
    return { ...notice, status: 'pending', reason: 'NO_ANSWER', nextAttemptAt };
  }

  /**
   * Nothing was sent, because the way to the recipient is not known yet; counts as an attempt, so
   * that it ends.
   */
  private again(notice: NoticeRow, reason: string): NoticeRow {
    return { ...this.concluded({ ...notice, attempts: notice.attempts + 1 }, 'not-sent'), reason };
  }

  /** Changes a notice unless its lease was lost; returns it as it then stands, or undefined. */
  private change(
    leased: NoticeRow,
    to: (current: NoticeRow) => NoticeRow,
  ): Promise<NoticeRow | undefined> {
    return this.parts.store.transact(async (transaction) => {
      const current = await this.queue.fence(transaction, leased);
      if (!current) return undefined;
      const next = to(current);
      await transaction.rows(noticeTable).save(next);
      return next;
    });
  }
}

/** Reads what the delivery depends on; an e-mail that was being sent ends as unconfirmed. */
const begin = async (
  transaction: Transaction,
  rows: readonly NoticeRow[],
): Promise<Claimed<NoticeRow, Delivery>[]> => {
  const [institutionIds, personIds] = [recipients(rows, 'webhook'), recipients(rows, 'email')];
  const institutions =
    institutionIds.length === 0
      ? []
      : await transaction.rows(institutionTable).find({ institutionId: { in: institutionIds } });
  const preferences =
    personIds.length === 0
      ? []
      : await transaction.rows(preferenceTable).find({ personId: { in: personIds } });
  const webhookUrls = new Map(institutions.map((one) => [one.institutionId, one.webhookUrl]));
  const preferenceOf = new Map(preferences.map((one) => [one.personId, one]));
  return rows.map((row) => {
    if (row.status === 'sending' && row.channel === 'email')
      return {
        row: { ...row, status: 'unconfirmed', reason: 'INTERRUPTED', nextAttemptAt: null },
      };
    const notice: NoticeRow = { ...row, status: 'pending' };
    const [preference, webhookUrl] = [
      preferenceOf.get(row.recipientId),
      webhookUrls.get(row.recipientId),
    ];
    return { row: notice, item: { notice, preference, webhookUrl } };
  });
};

const recipients = (rows: readonly NoticeRow[], channel: NoticeRow['channel']): string[] => [
  ...new Set(rows.filter((row) => row.channel === channel).map(({ recipientId }) => recipientId)),
];
