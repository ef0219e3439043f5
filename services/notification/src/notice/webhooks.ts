import { isMoment } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Cursor, Store, Transaction, Whose } from '@caretab/store';
import { ASKED, AWAY, type NoticeRow, type NoticeStatus, noticeTable } from './notice.table';

/** Which webhooks, by institution, status and time of their event (both ends included). */
export interface WebhookRange {
  readonly institutionId?: string | undefined;
  readonly status?: NoticeStatus | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

export interface WebhookPage<Row> {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

/** Webhooks that did not arrive: what a list shows and a re-send takes where no status is named. */
const NOT_ARRIVED: readonly NoticeStatus[] = ['pending', 'sending', 'failed'];
const PAGE_ROWS = 100;
const RESENT_ROWS = 500;

const cursorOf = ({ occurredAt, noticeId }: NoticeRow): string =>
  `${occurredAt.toISOString()}/${noticeId}`;

/**
 * Where a page begins: behind the one before, or at a moment. Throws REQUEST_INVALID (invalid) for
 * what is no cursor.
 */
const behind = (
  from: string | undefined,
  after: string | undefined,
): Cursor<NoticeRow> | undefined => {
  if (after === undefined)
    return from === undefined ? undefined : { occurredAt: new Date(from), noticeId: '' };
  const [at = '', noticeId = ''] = after.split('/');
  if (!isMoment(at))
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      field: '/after',
      why: 'it is no cursor of this list',
      remedy: 'send `next` of the page before, unchanged',
    });
  return { occurredAt: new Date(at), noticeId };
};

const isFresh = ({ status, attempts, reason }: NoticeRow): boolean =>
  status === 'pending' && attempts === 0 && reason !== AWAY;

const askedFor = (row: NoticeRow, now: Date): NoticeRow => ({
  ...row,
  status: 'pending',
  reason: ASKED,
  attempts: 0,
  nextAttemptAt: now,
  dueSince: now,
});

/** Webhooks as their receivers and operators look for them, oldest first, and the re-send. */
export class WebhookNotices {
  constructor(private readonly parts: { readonly store: Store; readonly clock: Clock }) {}

  /** At most 100. */
  list(range: WebhookRange, within?: readonly Whose[]): Promise<WebhookPage<NoticeRow>> {
    return this.page(range, PAGE_ROWS, within);
  }

  /**
   * The institution has a new address: what waits for it tries it at once, though its circuit is
   * open. At most 500; the others come once it has answered.
   */
  async readdressed(transaction: Transaction, institutionId: string): Promise<void> {
    const now = this.parts.clock.now();
    const notices = transaction.rows(noticeTable);
    const waiting = await notices.find(
      { channel: 'webhook', status: 'pending', recipientId: institutionId },
      { orderBy: 'occurredAt', countMax: RESENT_ROWS, lock: 'skip' },
    );
    const again = waiting.filter((row) => !isFresh(row));
    await notices.save(...again.map((row) => askedFor(row, now)));
  }

  /**
   * Makes the webhooks of a page due now, each under its own notice id, and starts their time of
   * retries again; an open circuit does not hold them up. What is being sent and what is due anyway
   * stays as it is. At most 500 in a call; repeatable.
   */
  async resend(range: WebhookRange): Promise<{ resent: number; next: string | undefined }> {
    const { store, clock } = this.parts;
    const { rows, next } = await this.page(range, RESENT_ROWS);
    const now = clock.now();
    const resent = await store.transact(async (transaction) => {
      const notices = transaction.rows(noticeTable);
      const locked = await notices.lockAll(rows.map(({ noticeId }) => ({ noticeId })));
      const again = locked.filter((row) => row.status !== 'sending' && !isFresh(row));
      await notices.save(...again.map((row) => askedFor(row, now)));
      return again.length;
    });
    return { resent, next };
  }

  private async page(
    { institutionId, status, from, until, after }: WebhookRange,
    countMax: number,
    within?: readonly Whose[],
  ): Promise<WebhookPage<NoticeRow>> {
    const { rows, next } = await this.parts.store.transact(
      (transaction) =>
        transaction.rows(noticeTable).page(
          {
            channel: 'webhook',
            status: { in: status ? [status] : NOT_ARRIVED },
            ...(institutionId !== undefined && { recipientId: institutionId }),
            ...(until !== undefined && { occurredAt: { lte: new Date(until) } }),
          },
          { orderBy: 'occurredAt', countMax, after: behind(from, after) },
        ),
      { within },
    );
    return { rows, next: next && cursorOf(rows.at(-1)!) };
  }
}
