import { instantColumn, integerColumn, jsonColumn, table, textColumn } from '@caretab/store';

/**
 * `pending` → `sending` (written down before anything leaves) → `sent` | `failed` (certainly not
 * delivered) | `unconfirmed` (unknown; to a person it is then never sent again) · `skipped`: the
 * recipient does not want it or has nowhere to receive it.
 */
export type NoticeStatus = 'pending' | 'sending' | 'sent' | 'failed' | 'unconfirmed' | 'skipped';

/** Of a webhook that was not tried: its receiver's circuit is open, or it is slow. */
export const AWAY = 'RECEIVER_AWAY';
/** Of a webhook that someone asked for, or whose receiver has a new address: it tries at once. */
export const ASKED = 'ASKED_FOR';

/** What is left of a charge, by its item. */
export interface OnTab {
  readonly itemCode: string;
  readonly amountFen: number;
  /** RFC 3339. */
  readonly occurredAt: string;
}

/** A charge that is not on the tab: what is left of it is paid at the counter. */
export interface NotOnTab {
  readonly chargeId: string;
  readonly itemCode: string;
  readonly amountFen: number;
  readonly reason?: string | undefined;
  /** RFC 3339; absent in events of earlier releases. */
  readonly occurredAt?: string | undefined;
}

/** Amounts, codes and ids for a template or a webhook; no personal data. */
export type Facts = Readonly<
  Record<string, string | number | null | readonly OnTab[] | readonly NotOnTab[]>
>;

/**
 * One notice to one recipient by one channel. Its id derives from event, recipient and template, so
 * that it exists once.
 */
export interface NoticeRow {
  readonly noticeId: string;
  readonly eventId: string;
  readonly visitId: string | null;
  /** An institution's id for webhooks, otherwise a person's pseudonymous id. */
  readonly recipientId: string;
  /** The way it goes now; one to a person that is not taken goes on to the next way. */
  readonly channel: 'app' | 'sms' | 'email' | 'webhook';
  readonly template: string;
  readonly facts: Facts;
  readonly status: NoticeStatus;
  readonly reason: string | null;
  readonly attempts: number;
  /** Set exactly while something is to be done: see `WorkRow`. */
  readonly nextAttemptAt: Date | null;
  readonly lease: number;
  /** Since when it is to be delivered; a re-send begins it again. */
  readonly dueSince: Date;
  readonly occurredAt: Date;
  readonly sentAt: Date | null;
  /** W3C trace context of the event's handling: the delivery continues it. */
  readonly traceparent: string | null;
}

export const noticeTable = table<NoticeRow>({
  name: 'notice',
  columns: {
    noticeId: textColumn('notice_id', { primary: true }),
    eventId: textColumn('event_id'),
    visitId: textColumn('visit_id', { nullable: true }),
    recipientId: textColumn('recipient_id'),
    channel: textColumn(),
    template: textColumn(),
    facts: jsonColumn(),
    status: textColumn(),
    reason: textColumn(undefined, { nullable: true }),
    attempts: integerColumn(),
    nextAttemptAt: instantColumn('next_attempt_at', { nullable: true }),
    lease: integerColumn(),
    dueSince: instantColumn('due_since'),
    occurredAt: instantColumn('occurred_at'),
    sentAt: instantColumn('sent_at', { nullable: true }),
    traceparent: textColumn(undefined, { nullable: true }),
  },
  owners: { institution: { field: 'recipientId', where: 'channel', is: 'webhook' } },
});
