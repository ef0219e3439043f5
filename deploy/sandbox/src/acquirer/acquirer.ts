import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { FEN_MAX } from '@caretab/kernel';
import { answerJson, bodyOf, fieldsIn, listen, type RunningServer } from '../http-server';
import { Journal } from '../journal';
import {
  AcquirerBook,
  type Answer,
  type BookEntry,
  type Payment,
  type PaymentRequest,
  type Refund,
  type RefundRequest,
} from './acquirer-book';
import { accountOf, behaviourOf, capturedAs } from './behaviour';
import { isSigned } from './request-signature';
import { type AlipayParty, alipayReply, zippedBill } from './alipay';
import type { Movement, ShapedDesk } from './shaped-desk';
import { type WechatParty, wechatReply } from './wechat';

export interface AcquirerOptions {
  readonly port: number;
  readonly host: string;
  /** Shared with the platform; every request is signed with it. */
  readonly secret: string;
  readonly journalFile?: string;
  /** How long a `:processing` payment takes until it is captured. */
  readonly processingMs?: number;
  readonly now?: () => Date;
  /** Whose keys the API in WeChat Pay's shape knows, under `/v3/`; without it there is none. */
  readonly wechat?: WechatParty | undefined;
  /** The same of a gateway in Alipay's shape, at `/alipay/gateway.do`. */
  readonly alipay?: AlipayParty | undefined;
}

export type Acquirer = RunningServer;

/** An answer that never comes: the line stays open until the caller gives up. */
const SILENCE = Symbol('silence');
type Reply = { readonly status: number; readonly body: unknown } | typeof SILENCE;

const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 120;
const isAmount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= FEN_MAX;
const refusal = (status: number, code: string): Reply => ({ status, body: { code } });

const STATUS_OF = {
  ORDER_CONFLICT: 409,
  REFUND_CONFLICT: 409,
  REFUND_ABOVE_CAPTURED: 409,
  ORDER_UNKNOWN: 404,
  ACCOUNT_CLOSED: 422,
  TRY_LATER: 409,
  R0471: 409,
} as const;
const replyOf = <Value>(answer: Answer<Value>, show: (value: Value) => unknown): Reply =>
  'refused' in answer
    ? refusal(STATUS_OF[answer.refused], answer.refused)
    : { status: 200, body: show(answer.value) };

const shownPayment = (
  { orderId, amountFen, status, reference, reason, at }: Payment,
  clearingDate: string,
): unknown => ({
  orderId,
  amountFen,
  currency: 'CNY',
  status,
  reference,
  ...(reason && { reason }),
  ...(status === 'captured' && { capturedAt: at, clearingDate }),
});
const shownRefund = (
  { refundId, orderId, amountFen, reference, at }: Refund,
  clearingDate: string,
): unknown => ({
  refundId,
  orderId,
  amountFen,
  currency: 'CNY',
  status: 'refunded',
  reference,
  refundedAt: at,
  clearingDate,
});

/** Where a bill of Alipay's shape is downloaded. */
const BILL = '/alipay/bill?date=';
/** Rows of one page of a statement. */
const STATEMENT_PAGE_ROWS = 1000;

/** The acquirer's answers, without HTTP. */
class Desk {
  /** Orders whose requests are unauthorized, each until when (ms). A restart forgets them. */
  private readonly unauthorized = new Map<string, number>();

  constructor(
    private readonly book: AcquirerBook,
    private readonly processingMs: number,
    private readonly now: () => Date,
  ) {}

  async pay(request: PaymentRequest): Promise<Reply> {
    const behaviour = behaviourOf(request.accountToken);
    const { orderId } = request;
    const isNew = !this.book.payment(orderId, this.now());
    if (isNew && behaviour.kind === 'unauthorized' && !this.unauthorized.has(orderId))
      this.unauthorized.set(orderId, this.now().getTime() + behaviour.forMs);
    if (this.isUnauthorized(orderId)) return refusal(401, 'SIGNATURE_WRONG');
    if (isNew && behaviour.kind === 'error-once' && this.book.firstTime(`error:${request.orderId}`))
      return refusal(500, 'INTERNAL');
    if (
      isNew &&
      behaviour.kind === 'no-answer-lost' &&
      this.book.firstTime(`lost:${request.orderId}`)
    )
      return SILENCE;
    const answer = this.book.pay(request, this.answerTo(request, isNew), this.now());
    if (isNew && behaviour.kind === 'no-answer-captured') return SILENCE;
    if (this.isSilent(orderId)) return SILENCE;
    if (behaviour.kind === 'late') await sleep(behaviour.delayMs);
    return replyOf(answer, (payment) => this.shown(payment));
  }

  account(accountToken: string): Reply {
    const known = accountOf(accountToken);
    if (known === 'silent') return SILENCE;
    return known ? { status: 200, body: known } : refusal(422, 'ACCOUNT_UNKNOWN');
  }

  payment(orderId: string): Reply {
    if (this.isUnauthorized(orderId)) return refusal(401, 'SIGNATURE_WRONG');
    if (this.isSilent(orderId)) return SILENCE;
    const payment = this.book.payment(orderId, this.now());
    return payment ? { status: 200, body: this.shown(payment) } : refusal(404, 'ORDER_UNKNOWN');
  }

  refund(request: RefundRequest): Reply {
    return replyOf(this.book.refund(request, this.now()), (refund) => this.shownRefund(refund));
  }

  refundOf(refundId: string): Reply {
    const refund = this.book.refundOf(refundId);
    return refund
      ? { status: 200, body: this.shownRefund(refund) }
      : refusal(404, 'REFUND_UNKNOWN');
  }

  /** A page; `after` counts the movements before it. A day that goes on grows at its end. */
  statement(date: string, after: number): Reply {
    const movements = this.book.statement(date, this.now());
    const until = after + STATEMENT_PAGE_ROWS;
    const entries = movements.slice(after, until);
    return movements.length > until
      ? { status: 200, body: { date, entries, next: String(until) } }
      : { status: 200, body: { date, entries: [...entries, ...this.book.disputes(date)] } };
  }

  /** As an API in another shape asks for them; `SILENCE` stays silence. */
  get shaped(): ShapedDesk<typeof SILENCE> {
    return {
      pay: (order) => this.pay({ ...order, currency: 'CNY' }),
      payment: (orderId) => this.payment(orderId),
      refund: (order) => this.refund(order),
      refundOf: (refundId) => this.refundOf(refundId),
      movements: (date): readonly Movement[] => this.book.statement(date, this.now()),
    };
  }

  private isUnauthorized(orderId: string): boolean {
    return this.now().getTime() < (this.unauthorized.get(orderId) ?? 0);
  }

  private isSilent(orderId: string): boolean {
    const now = this.now();
    return now.toISOString() < (this.book.payment(orderId, now)?.silentUntil ?? '');
  }

  private shown(payment: Payment): unknown {
    return shownPayment(payment, this.book.clearingDateOf(payment.at));
  }

  private shownRefund(refund: Refund): unknown {
    return shownRefund(refund, this.book.clearingDateOf(refund.at));
  }

  private answerTo(
    { accountToken, amountFen }: PaymentRequest,
    isNew: boolean,
  ): Parameters<AcquirerBook['pay']>[1] {
    const behaviour = behaviourOf(accountToken);
    const { kind } = behaviour;
    const at = this.now();
    const declines =
      kind === 'declined' ||
      (isNew && kind === 'declined-once' && this.book.firstTime(`declined:${accountToken}`));
    if (declines) return { status: 'declined', reason: 'INSUFFICIENT_FUNDS', at };
    if (kind === 'processing')
      return { status: 'processing', at: new Date(at.getTime() + this.processingMs) };
    return { status: 'captured', at, ...capturedAs(behaviour, amountFen) };
  }
}

const route = async (desk: Desk, method: string, url: URL, text: string): Promise<Reply> => {
  const [, resource, id] = url.pathname.split('/');
  if (method === 'GET' && resource === 'payments' && id)
    return desk.payment(decodeURIComponent(id));
  if (method === 'GET' && resource === 'refunds' && id)
    return desk.refundOf(decodeURIComponent(id));
  if (method === 'GET' && resource === 'statement') {
    const date = url.searchParams.get('date') ?? '';
    const after = url.searchParams.get('after') ?? '0';
    if (!/^\d{1,9}$/.test(after)) return refusal(400, 'REQUEST_INVALID');
    return /^\d{4}-\d{2}-\d{2}$/.test(date)
      ? desk.statement(date, Number(after))
      : refusal(400, 'DATE_UNREADABLE');
  }
  if (method !== 'POST' || id) return refusal(404, 'ROUTE_UNKNOWN');
  const { orderId, accountToken, amountFen, currency, refundId } = fieldsIn(text) ?? {};
  if (resource === 'accounts')
    return isId(accountToken) ? desk.account(accountToken) : refusal(400, 'REQUEST_INVALID');
  if (!isId(orderId) || !isAmount(amountFen)) return refusal(400, 'REQUEST_INVALID');
  if (resource === 'payments')
    return isId(accountToken) && currency === 'CNY'
      ? desk.pay({ orderId, accountToken, amountFen, currency })
      : refusal(400, 'REQUEST_INVALID');
  if (resource === 'refunds')
    return isId(refundId)
      ? desk.refund({ refundId, orderId, amountFen, ...(isId(accountToken) && { accountToken }) })
      : refusal(400, 'REQUEST_INVALID');
  return refusal(404, 'ROUTE_UNKNOWN');
};

/**
 * A bank in small, for development, tests and demonstrations: `POST /accounts`, `POST /payments`, `GET
 * /payments/:orderId`, `POST /refunds`, `GET /refunds/:refundId`, `GET /statement?date=&after=`.
 * Idempotent by order and refund id, durable before it answers, and troublesome on demand: see
 * `behaviourOf`.
 */
export const startAcquirer = async (options: AcquirerOptions): Promise<Acquirer> => {
  const now = options.now ?? (() => new Date());
  const journal = await Journal.open<BookEntry>(options.journalFile);
  const desk = new Desk(
    new AcquirerBook(journal.earlier, (entry) => journal.append(entry)),
    options.processingMs ?? 2000,
    now,
  );

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [method, path] = [request.method ?? 'GET', request.url ?? '/'];
    const body = await bodyOf(request);
    if (body === undefined) return answerJson(response, 413, { code: 'REQUEST_TOO_LARGE' });
    if (options.alipay && path.startsWith(BILL)) {
      response.writeHead(200).end(zippedBill(desk.shaped.movements(path.slice(BILL.length))));
      return;
    }
    if (options.alipay && path === '/alipay/gateway.do') {
      const said = await alipayReply(desk.shaped, options.alipay, body, now());
      await journal.synced();
      if (said !== SILENCE) response.writeHead(200).end(said);
      return;
    }
    if (options.wechat && path.startsWith('/v3/')) {
      const authorization = request.headers.authorization ?? '';
      const asked = { method, path, body, authorization };
      const said = await wechatReply(desk.shaped, options.wechat, asked, now());
      await journal.synced();
      if (said !== SILENCE) response.writeHead(said.status, said.headers).end(said.text);
      return;
    }
    const headers = {
      timestamp: request.headers['caretab-timestamp'] as string,
      signature: request.headers['caretab-signature'] as string,
    };
    if (!isSigned(options.secret, now().getTime(), { method, path, body }, headers))
      return answerJson(response, 401, { code: 'SIGNATURE_WRONG' });
    const reply = await route(desk, method, new URL(path, 'http://acquirer'), body);
    await journal.synced();
    if (reply !== SILENCE) answerJson(response, reply.status, reply.body);
  };

  const server = await listen((request, response) => {
    handle(request, response).catch(() => response.destroy());
  }, options);
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await journal.close();
    },
  };
};
