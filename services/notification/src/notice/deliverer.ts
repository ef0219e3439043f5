import type { Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { inSpanAfter } from '@caretab/telemetry';
import { type Claimed, jitterOf, WorkQueue } from '@caretab/work-queue';
import type { ClosingNotices } from './closing-notices';
import { deliveriesOf, type Delivery } from './delivery';
import { concluded, type DeliveryPolicy, isOver } from './delivery-outcome';
import { ASKED, AWAY, type NoticeRow, noticeTable } from './notice.table';
import type { SendOutcome, Webhooks } from './outlets';
import type { PersonOutlets } from './person-outlets';
import { type Answer, Receivers } from './receivers';
import { isWay, type Way } from './ways';
import type { WebhookSecrets } from './webhook-secrets';

export interface DelivererParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly people: PersonOutlets;
  readonly webhooks: Webhooks;
  readonly secrets: WebhookSecrets;
  readonly closing: ClosingNotices;
  readonly policy: DeliveryPolicy;
}

/** What came of a notice: how to send it, or why not. */
type Prepared =
  | {
      readonly send: (code: string | undefined) => Promise<SendOutcome>;
      /** The way to a person, and the next one. */
      readonly way?: Way;
      readonly next?: Way | undefined;
    }
  | { readonly ends: 'skipped' | 'failed'; readonly reason: string }
  | 'erased'
  | 'later';

/** What is stored of a notice; it stands as it is, locked. */
type Change = (transaction: Transaction, current: NoticeRow) => Promise<void>;

/** Notices on their way at once: delivery is mostly waiting for the receiver. */
const LANES = 24;

/**
 * Delivers notices. That a notice is being sent is stored before it leaves, of a webhook with its
 * claim: one to a person found so after a crash is unconfirmed and never sent again, a webhook is
 * repeated with the same id until it is taken, or its time is over.
 */
export class Deliverer {
  private readonly queue: WorkQueue<NoticeRow, Delivery, Change>;
  private readonly receivers: Receivers;

  constructor(private readonly parts: DelivererParts) {
    const { store, clock, policy } = parts;
    const { leaseMs, retryDelaysMs } = policy;
    this.receivers = new Receivers(policy);
    // A notice that waits for its receiver's circuit is planned up to twice its delay ahead.
    const waitMaxMs = Math.max(leaseMs, 2 * this.receivers.waitMaxMs);
    this.queue = new WorkQueue<NoticeRow, Delivery, Change>({
      store,
      clock,
      table: noticeTable,
      key: 'noticeId',
      lanes: LANES,
      leaseMs,
      plans: [
        { where: { status: 'pending', attempts: 0 }, waitMaxMs },
        { where: { status: 'sending' }, waitMaxMs: leaseMs },
        // Delays grow to hours: each number of attempts has its own, so that a clock that was ahead
        // does not stretch a short one.
        ...retryDelaysMs.map((delayMs, index) => ({
          where: { status: 'pending', attempts: index + 1 } as const,
          waitMaxMs: Math.max(waitMaxMs, delayMs),
        })),
        {
          where: { status: 'pending' },
          waitMaxMs: Math.max(waitMaxMs, ...retryDelaysMs),
        },
      ],
      begin: (transaction, rows, now) => this.begin(transaction, rows, now),
      work: (delivery) => this.deliver(delivery),
      record: (transaction, current, change) => change(transaction, current),
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

  /** What was being sent to a person ends as unconfirmed; a webhook waits for its receiver. */
  private async begin(
    transaction: Transaction,
    rows: readonly NoticeRow[],
    now: Date,
  ): Promise<Claimed<NoticeRow, Delivery>[]> {
    const isInterrupted = ({ status, channel }: NoticeRow): boolean =>
      status === 'sending' && isWay(channel);
    const interrupted = rows.filter(isInterrupted).map((row) => ({
      row: {
        ...row,
        status: 'unconfirmed' as const,
        reason: 'INTERRUPTED',
        nextAttemptAt: null,
      },
    }));
    this.parts.closing.ended(transaction, ...interrupted.map(({ row }) => row));
    const waiting: Claimed<NoticeRow, Delivery>[] = [];
    const ready: NoticeRow[] = [];
    for (const row of rows) {
      if (isInterrupted(row)) continue;
      const notice: NoticeRow = { ...row, status: 'pending' };
      const waits = this.waits(notice, now);
      if (waits) waiting.push({ row: waits });
      else ready.push(notice);
    }
    const deliveries = await deliveriesOf(transaction, ready, this.parts.secrets);
    return [...interrupted, ...waiting, ...deliveries.map((item) => this.begun(item))];
  }

  /** A webhook is sent again after a crash, so that its claim may say that it is being sent. */
  private begun(item: Delivery): Claimed<NoticeRow, Delivery> {
    const { notice } = item;
    if (isWay(notice.channel) || !item.webhookUrl) return { row: notice, item };
    const row: NoticeRow = { ...notice, status: 'sending', attempts: notice.attempts + 1 };
    return { row, item: { ...item, notice: row } };
  }

  /** A webhook whose receiver is away or slow, put off without an attempt; undefined: it may go. */
  private waits(notice: NoticeRow, now: Date): NoticeRow | undefined {
    if (notice.channel !== 'webhook') return undefined;
    const waitMs = this.receivers.waitMs(notice.recipientId, now, notice.reason === ASKED);
    if (waitMs === 0) return undefined;
    if (isOver(notice, this.parts.policy, now))
      return { ...notice, status: 'failed', reason: 'ATTEMPTS_EXHAUSTED', nextAttemptAt: null };
    // Spread, so that what waits for one receiver does not come due at one moment.
    const spreadMs = waitMs * (1 + jitterOf(notice.noticeId, notice.lease));
    const nextAttemptAt = new Date(now.getTime() + Math.ceil(spreadMs));
    return { ...notice, reason: AWAY, nextAttemptAt };
  }

  private async deliver(delivery: Delivery): Promise<void> {
    const { traceparent, visitId, channel, template } = delivery.notice;
    const attributes = { 'caretab.notice.channel': channel, 'caretab.notice.template': template };
    const span = { service: 'notification', visitId, attributes };
    await inSpanAfter(traceparent, 'deliver notice', span, () => this.prepareAndSend(delivery));
  }

  private async prepareAndSend(delivery: Delivery): Promise<void> {
    const { notice } = delivery;
    const prepared = isWay(notice.channel)
      ? await this.prepareForPerson(delivery)
      : this.prepareWebhook(delivery);
    if (prepared === 'later')
      await this.change(notice, (current) => this.again(current, 'RECIPIENT_NOT_REACHABLE'));
    else if (prepared === 'erased') await this.drop(notice);
    else if ('send' in prepared) await this.sendOnce(notice, prepared);
    else
      await this.change(notice, (current) => ({
        ...current,
        status: prepared.ends,
        reason: prepared.reason,
        nextAttemptAt: null,
      }));
  }

  private async prepareForPerson(delivery: Delivery): Promise<Prepared> {
    const ready = await this.parts.people.prepare(delivery);
    // Also of who has died nothing stays once they are erased.
    if (ready === 'erased' || ready === 'later') return ready;
    if (delivery.died) return { ends: 'skipped', reason: 'PERSON_DIED' };
    if (ready === 'not-wanted') return { ends: 'skipped', reason: 'NOT_WANTED' };
    if (ready === 'no-address') return { ends: 'skipped', reason: 'NO_ADDRESS' };
    return ready;
  }

  private prepareWebhook({ notice, webhookUrl: url, secrets }: Delivery): Prepared {
    // The institution's own event may still be on its way, on another topic.
    if (url === undefined) return 'later';
    if (url === null) return { ends: 'skipped', reason: 'NO_ADDRESS' };
    const { noticeId, recipientId: institutionId, template: type, facts, occurredAt } = notice;
    const body = JSON.stringify({ noticeId, type, occurredAt: occurredAt.toISOString(), ...facts });
    return {
      send: () => this.parts.webhooks.post({ noticeId, institutionId, url, secrets, body }),
    };
  }

  private async sendOnce(
    notice: NoticeRow,
    ready: Extract<Prepared, { send: unknown }>,
  ): Promise<void> {
    const { send, way, next } = ready;
    if (way !== undefined) return this.sendNow({ ...notice, channel: way }, send, next);
    // Since the claim the receiver may have turned out to be away: then nothing was attempted.
    const { attempts } = notice;
    const waits = this.waits(
      { ...notice, status: 'pending', attempts: attempts - 1 },
      this.parts.clock.now(),
    );
    if (waits) return void (await this.change(notice, () => waits));
    const { recipientId } = notice;
    const { clock } = this.parts;
    let answer: Answer | undefined;
    this.receivers.entered(recipientId);
    try {
      const startedMs = clock.now().getTime();
      const outcome = await send(undefined);
      const now = clock.now();
      const isAnswer = outcome === 'sent' || outcome === 'refused';
      answer = { isAnswer, tookMs: now.getTime() - startedMs, now };
      await this.change(notice, (current) => this.concluded(current, outcome));
    } finally {
      this.receivers.left(recipientId, answer);
    }
  }

  /** To a person: that it is being sent is stored before it leaves. */
  private async sendNow(
    notice: NoticeRow,
    send: (code: string | undefined) => Promise<SendOutcome>,
    next?: Way,
  ): Promise<void> {
    const { channel } = notice;
    let code: string | undefined;
    const sending = await this.change(notice, async (current, transaction) => {
      code = await this.parts.people.codeOf(current, transaction);
      const attempts = current.attempts + 1;
      const nextAttemptAt = this.queue.leaseEnd(this.parts.clock.now());
      return { ...current, channel, status: 'sending', attempts, nextAttemptAt };
    });
    if (!sending) return;
    const outcome = await send(code);
    await this.change(sending, (current) => this.concluded(current, outcome, next));
  }

  private concluded(notice: NoticeRow, outcome: SendOutcome, next?: Way): NoticeRow {
    const { clock, policy } = this.parts;
    return concluded(notice, { outcome, next, policy, now: clock.now() });
  }

  /**
   * Nothing was sent, because the way to the recipient is not known yet; counts as an attempt, so
   * that the delays grow.
   */
  private again(notice: NoticeRow, reason: string): NoticeRow {
    const next = this.concluded({ ...notice, attempts: notice.attempts + 1 }, 'not-sent');
    return { ...next, reason };
  }

  /** What comes of a visit after its person was erased is not kept. */
  private async drop(leased: NoticeRow): Promise<void> {
    const { noticeId } = leased;
    await this.queue.record(leased, (transaction) =>
      transaction.rows(noticeTable).delete({ noticeId }),
    );
  }

  /** Changes a notice unless its lease was lost; returns it as it then stands, or undefined. */
  private async change(
    leased: NoticeRow,
    to: (current: NoticeRow, transaction: Transaction) => NoticeRow | Promise<NoticeRow>,
  ): Promise<NoticeRow | undefined> {
    let next: NoticeRow | undefined;
    const isStored = await this.queue.record(leased, async (transaction, current) => {
      next = await to(current, transaction);
      await transaction.rows(noticeTable).save(next);
      this.parts.closing.ended(transaction, next);
    });
    return isStored ? next : undefined;
  }
}
