import { AcquirerBook, behaviourOf, capturedAs, type Refund } from '@caretab/sandbox';
import type { Random } from '@caretab/doubles';
import { groundlessRefusal, lieInstead } from './bank-lies';
import type { Reply, Request } from './controller-door';

const PROCESSING_MS = 2000;
/** Rows of one page of a statement: few, so that a day has several. */
const STATEMENT_PAGE_ROWS = 3;
const REFUSED = {
  ORDER_CONFLICT: 409,
  REFUND_CONFLICT: 409,
  REFUND_ABOVE_CAPTURED: 409,
  ORDER_UNKNOWN: 404,
  ACCOUNT_CLOSED: 422,
  R0471: 409,
  TRY_LATER: 409,
} as const;

const DAY_MS = 86_400_000;
const dayOf = (atMs: number): string => new Date(atMs + 8 * 3_600_000).toISOString().slice(0, 10);

/** When the bank's clearing day ends (minute of the day), and whether its answers say the date. */
export interface BankCalendar {
  readonly closeMinute: number;
  readonly saysDate: boolean;
}

/**
 * Every bank has its own: closing at midnight and silent about it, or in the middle of the day, so
 * that what moves later is the next day's.
 */
const CALENDARS: readonly BankCalendar[] = [
  { closeMinute: 24 * 60, saysDate: false },
  { closeMinute: 23 * 60 + 30, saysDate: false },
  { closeMinute: 11 * 60, saysDate: true },
  { closeMinute: 15 * 60, saysDate: true },
];

export const calendarOf = (seed: number): BankCalendar => CALENDARS[seed % CALENDARS.length]!;

/** One movement of money at the acquirer. */
export interface Moved {
  readonly kind: 'capture' | 'refund';
  readonly orderId: string;
  readonly amountFen: number;
}

/**
 * The acquirer: the sandbox's own books and behaviours, asked without a socket. It never dies; the
 * lines to it do.
 */
export class AcquirerTwin {
  readonly book: AcquirerBook;
  /** How many requests were answered: whether there is anything new to look at. */
  answers = 0;
  /** When each order first came. */
  readonly ordered = new Map<string, Date>();
  /** From which account each order was to be paid. */
  readonly tokens = new Map<string, string>();
  /** How often each refund was refused. */
  readonly refusals = new Map<string, number>();

  /** By day: rows of the statement that move nothing of the book. */
  readonly stated = new Map<string, readonly unknown[]>();

  constructor(
    private readonly now: () => Date,
    private readonly calendar: BankCalendar,
  ) {
    this.book = new AcquirerBook(
      [],
      () => undefined,
      (at) => dayOf(Date.parse(at) + (24 * 60 - calendar.closeMinute) * 60_000),
    );
  }

  /** `SILENCE`: an answer that never comes. `lies`: what is answered is not the truth. */
  answer(request: Request, lies?: Random): Reply | 'silence' {
    this.answers += 1;
    const { method, path, body } = request;
    const { refundId } = (body ?? {}) as { refundId?: string };
    const isNewRefund =
      method === 'POST' && refundId !== undefined && !this.book.refundOf(refundId);
    const truth =
      lies && isNewRefund ? groundlessRefusal(lies) : this.truth({ method, path, body });
    if (isNewRefund && truth !== 'silence' && truth.status !== 200)
      this.refusals.set(refundId, (this.refusals.get(refundId) ?? 0) + 1);
    return lies && truth !== 'silence' ? lieInstead(truth, lies) : truth;
  }

  private truth({ method, path, body }: Request): Reply | 'silence' {
    const [route = '', query = ''] = path.split('?');
    const [, resource, id] = route.split('/');
    const given = (body ?? {}) as {
      orderId: string;
      accountToken: string;
      amountFen: number;
      refundId: string;
    };
    if (resource === 'statement') {
      const asked = new URLSearchParams(query);
      const date = asked.get('date')!;
      const rows = [...this.statement(date), ...(this.stated.get(date) ?? [])];
      const until = Number(asked.get('after') ?? 0) + STATEMENT_PAGE_ROWS;
      const entries = rows.slice(until - STATEMENT_PAGE_ROWS, until);
      return { status: 200, body: { entries, ...(rows.length > until && { next: `${until}` }) } };
    }
    if (resource === 'payments')
      return method === 'GET' ? this.payment(decodeURIComponent(id!)) : this.pay(given);
    if (method === 'GET') {
      const refund = this.book.refundOf(decodeURIComponent(id!));
      return refund ? this.refunded(refund) : { status: 404, body: { code: 'REFUND_UNKNOWN' } };
    }
    const made = this.book.refund(
      {
        refundId: given.refundId,
        orderId: given.orderId,
        amountFen: given.amountFen,
        ...(given.accountToken && { accountToken: given.accountToken }),
      },
      this.now(),
    );
    return 'refused' in made
      ? { status: REFUSED[made.refused], body: { code: made.refused } }
      : this.refunded(made.value);
  }

  /** Everything that moved on these days, also what the bank takes for the days after them. */
  moved(dates: readonly string[]): readonly Moved[] {
    return this.withNext(dates).flatMap((date) => this.statement(date));
  }

  /** These days and the ones after them: what moves after the bank's closing time is the next day's. */
  withNext(dates: readonly string[]): readonly string[] {
    return [...new Set(dates.flatMap((date) => [date, dayOf(Date.parse(date) + DAY_MS)]))];
  }

  /** What moved on a day, by the bank's own clearing date. */
  statement(date: string): readonly Moved[] {
    return this.book.statement(date, this.now());
  }

  private pay({
    orderId,
    accountToken,
    amountFen,
  }: {
    orderId: string;
    accountToken: string;
    amountFen: number;
  }): Reply | 'silence' {
    const behaviour = behaviourOf(accountToken);
    const { kind } = behaviour;
    const now = this.now();
    const isNew = !this.book.payment(orderId, now);
    if (!this.ordered.has(orderId)) this.ordered.set(orderId, now);
    this.tokens.set(orderId, accountToken);
    if (isNew && kind === 'error-once' && this.book.firstTime(`error:${orderId}`))
      return { status: 500, body: {} };
    if (isNew && kind === 'no-answer-lost' && this.book.firstTime(`lost:${orderId}`))
      return 'silence';
    const declines =
      kind === 'declined' ||
      (isNew && kind === 'declined-once' && this.book.firstTime(`declined:${accountToken}`));
    const answer = declines
      ? ({ status: 'declined', reason: 'INSUFFICIENT_FUNDS', at: now } as const)
      : kind === 'processing'
        ? ({ status: 'processing', at: new Date(now.getTime() + PROCESSING_MS) } as const)
        : ({ status: 'captured', at: now, ...capturedAs(behaviour, amountFen) } as const);
    const taken = this.book.pay({ orderId, accountToken, amountFen, currency: 'CNY' }, answer, now);
    if ('refused' in taken)
      return { status: REFUSED[taken.refused], body: { code: taken.refused } };
    return isNew && kind === 'no-answer-captured' ? 'silence' : this.payment(orderId);
  }

  private payment(orderId: string): Reply {
    const payment = this.book.payment(orderId, this.now());
    if (!payment) return { status: 404, body: { code: 'ORDER_UNKNOWN' } };
    const { status, reference, reason, amountFen, at } = payment;
    return {
      status: 200,
      body: {
        orderId,
        amountFen,
        currency: 'CNY',
        status,
        reference,
        ...(reason && { reason }),
        ...(status === 'captured' && { capturedAt: at, ...this.said(at) }),
      },
    };
  }

  private said(at: string): object {
    return this.calendar.saysDate ? { clearingDate: this.book.clearingDateOf(at) } : {};
  }

  private refunded({ reference, at, ...of }: Refund): Reply {
    const { refundId, orderId, amountFen } = of;
    return {
      status: 200,
      body: {
        refundId,
        orderId,
        amountFen,
        currency: 'CNY',
        status: 'refunded',
        reference,
        refundedAt: at,
        ...this.said(at),
      },
    };
  }
}
