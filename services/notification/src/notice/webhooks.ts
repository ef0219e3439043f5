import { isMoment } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Cursor, Store } from '@caretab/store';
import { type NoticeRow, type NoticeStatus, noticeTable } from './notice.table';

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

/** Webhooks as their receivers and operators look for them, oldest first, and the re-send. */
export class WebhookNotices {
  constructor(private readonly parts: { readonly store: Store; readonly clock: Clock }) {}

  /** At most 100. */
  list(range: WebhookRange): Promise<WebhookPage<NoticeRow>> {
    return this.page(range, PAGE_ROWS);
  }

  /**
   * Makes the webhooks of a page due now, each under its own notice id, and starts their time of
   * retries again. What is being sent and what is due anyway stays as it is. At most 500 in a call;
   * repeatable.
   */
  async resend(range: WebhookRange): Promise<{ resent: number; next: string | undefined }> {
    const { store, clock } = this.parts;
    const { rows, next } = await this.page(range, RESENT_ROWS);
    const now = clock.now();
    const resent = await store.transact(async (transaction) => {
      const notices = transaction.rows(noticeTable);
      const locked = await notices.lockAll(rows.map(({ noticeId }) => ({ noticeId })));
      const again = locked.filter(
        ({ status, attempts }) => status !== 'sending' && !(status === 'pending' && attempts === 0),
      );
      await notices.save(
        ...again.map((row) => ({
          ...row,
          status: 'pending' as const,
          reason: null,
          attempts: 0,
          nextAttemptAt: now,
          dueSince: now,
        })),
      );
      return again.length;
    });
    return { resent, next };
  }

  private async page(
    { institutionId, status, from, until, after }: WebhookRange,
    countMax: number,
  ): Promise<WebhookPage<NoticeRow>> {
    const { rows, next } = await this.parts.store.transact((transaction) =>
      transaction.rows(noticeTable).page(
        {
          channel: 'webhook',
          status: { in: status ? [status] : NOT_ARRIVED },
          ...(institutionId !== undefined && { recipientId: institutionId }),
          ...(until !== undefined && { occurredAt: { lte: new Date(until) } }),
        },
        { orderBy: 'occurredAt', countMax, after: behind(from, after) },
      ),
    );
    return { rows, next: next && cursorOf(rows.at(-1)!) };
  }
}
