import type { Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { bringBack, ClockWatch, sideBySide } from '@caretab/host';
import { inSpanAfter } from '@caretab/telemetry';
import { institutionTable } from '../institution/institution.table';
import { type PreferenceRow, preferenceTable } from '../preference/preference.table';
import { type NoticeRow, noticeTable } from './notice.table';
import type { Contacts, Mailer, SendOutcome, Webhooks } from './outlets';
import { render, type Templates } from './templates';

export interface DeliveryPolicy {
  readonly attemptsMax: number;
  readonly retryDelaysMs: readonly number[];
  /**
   * How long a worker has a notice to itself; longer than all deadlines of one delivery together.
   */
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

interface Claimed {
  readonly notice: NoticeRow;
  readonly preference: PreferenceRow | undefined;
  readonly webhookUrl: string | null | undefined;
}

/** What came of a notice: how to send it, or why not. */
type Prepared =
  | { readonly send: () => Promise<SendOutcome> }
  | { readonly ends: 'skipped' | 'failed'; readonly reason: string }
  | 'later';

/** Notices on their way at once: a mail is mostly waiting for the other side. */
const LANES = 24;

/**
 * Delivers notices. That a notice is being sent is written down before it leaves: an e-mail found
 * so after a crash is unconfirmed and never sent again, a webhook is repeated with the same id.
 */
export class Deliverer {
  private readonly watch = new ClockWatch();

  constructor(private readonly parts: DelivererParts) {}

  /**
   * Delivers what is due now, a round of it; resolves to how many notices it touched, so that the
   * caller comes again while there are any.
   */
  async runOnce(): Promise<number> {
    const taken = await sideBySide(LANES, (found) => this.step(found));
    // Also while there is always something to do: what was planned too far ahead would wait for as
    // long.
    return taken + (await this.bringBack(this.parts.clock.now()));
  }

  /**
   * See `bringBack`: a notice that somebody has in hand, and one that waits for its next attempt.
   */
  private async bringBack(now: Date): Promise<number> {
    if (!this.watch.isTimeToLook(now)) return 0;
    const { store, policy } = this.parts;
    const far = { table: noticeTable, now };
    const first = await bringBack(store, {
      ...far,
      where: { status: 'pending', attempts: 0 },
      waitMaxMs: policy.leaseMs,
    });
    const inHand = await bringBack(store, {
      ...far,
      where: { status: 'sending' },
      waitMaxMs: policy.leaseMs,
    });
    return (
      first +
      inHand +
      (await bringBack(store, {
        ...far,
        where: { status: 'pending' },
        waitMaxMs: Math.max(...policy.retryDelaysMs),
      }))
    );
  }

  private async step(found: () => void): Promise<boolean> {
    const claimed = await this.parts.store.transact((transaction) => this.claim(transaction));
    if (!claimed) return false;
    found();
    if (claimed === 'unconfirmed') return true;
    const { traceparent, visitId, channel, template } = claimed.notice;
    await inSpanAfter(
      traceparent,
      'deliver notice',
      {
        service: 'notification',
        visitId,
        attributes: { 'caretab.notice.channel': channel, 'caretab.notice.template': template },
      },
      () => this.deliver(claimed),
    );
    return true;
  }

  private async deliver(claimed: Claimed): Promise<void> {
    const prepared =
      claimed.notice.channel === 'email'
        ? await this.prepareMail(claimed)
        : this.prepareWebhook(claimed);
    if (prepared === 'later')
      await this.change(claimed.notice, (notice) => this.again(notice, 'RECIPIENT_NOT_REACHABLE'));
    else if ('ends' in prepared)
      await this.change(claimed.notice, (notice) => ({
        ...notice,
        status: prepared.ends,
        reason: prepared.reason,
        nextAttemptAt: null,
      }));
    else await this.sendOnce(claimed.notice, prepared.send);
  }

  private async claim(transaction: Transaction): Promise<Claimed | 'unconfirmed' | undefined> {
    const now = this.parts.clock.now();
    const rows = transaction.rows(noticeTable);
    const [found] = await rows.find(
      { status: { in: ['pending', 'sending'] }, nextAttemptAt: { lte: now } },
      { orderBy: 'nextAttemptAt', countMax: 1, lock: 'skip' },
    );
    if (!found) return undefined;
    if (found.status === 'sending' && found.channel === 'email') {
      await rows.save({
        ...found,
        status: 'unconfirmed',
        reason: 'INTERRUPTED',
        nextAttemptAt: null,
      });
      return 'unconfirmed';
    }
    const notice: NoticeRow = {
      ...found,
      status: 'pending',
      nextAttemptAt: this.after(this.parts.policy.leaseMs),
    };
    await rows.save(notice);
    const institution =
      notice.channel === 'webhook'
        ? await transaction.rows(institutionTable).get({ institutionId: notice.recipientId })
        : undefined;
    const preference =
      notice.channel === 'email'
        ? await transaction.rows(preferenceTable).get({ personId: notice.recipientId })
        : undefined;
    return { notice, preference, webhookUrl: institution?.webhookUrl };
  }

  private async prepareMail({ notice, preference }: Claimed): Promise<Prepared> {
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

  private prepareWebhook({ notice, webhookUrl: url }: Claimed): Prepared {
    // The institution itself may not have been heard of yet: its topic is another.
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
      nextAttemptAt: this.after(this.parts.policy.leaseMs),
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
    return {
      ...notice,
      status: 'pending',
      reason: 'NO_ANSWER',
      nextAttemptAt: this.after(
        retryDelaysMs[Math.min(notice.attempts, retryDelaysMs.length) - 1] ?? 0,
      ),
    };
  }

  /**
   * Nothing was sent, because the way to the recipient is not known yet; counts as an attempt, so
   * that it ends.
   */
  private again(notice: NoticeRow, reason: string): NoticeRow {
    return { ...this.concluded({ ...notice, attempts: notice.attempts + 1 }, 'not-sent'), reason };
  }

  /**
   * Changes a notice unless another worker has had it meanwhile; gives the notice as it then
   * stands, or undefined.
   */
  private change(
    seen: NoticeRow,
    to: (current: NoticeRow) => NoticeRow,
  ): Promise<NoticeRow | undefined> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(noticeTable);
      const current = await rows.get({ noticeId: seen.noticeId }, { lock: 'wait' });
      if (current?.status !== seen.status || current.attempts !== seen.attempts) return undefined;
      const next = to(current);
      await rows.save(next);
      return next;
    });
  }

  private after(delayMs: number): Date {
    return new Date(this.parts.clock.now().getTime() + delayMs);
  }
}
