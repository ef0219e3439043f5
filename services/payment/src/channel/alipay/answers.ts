import { DomainError, parseYuan } from '@caretab/kernel';
import { type Answer, readFoundPayment, readRefund } from '../answer';
import type {
  NoAnswer,
  PaymentOrder,
  PaymentOutcome,
  RefundOrder,
  RefundOutcome,
} from '../channel';
import { numberOf } from '../order-number';

/**
 * Answers in the words of Alipay, put into those of `answer.ts`, which checks them against what was
 * asked: order, amount, reference and moment.
 */

export type Said = Readonly<Record<string, unknown>>;

/** Of `code`: it was done; the payer is at it; not known; refused, `sub_code` says why. */
const DONE = '10000';
const AT_IT = '10003';
const UNKNOWN = '20000';
const REFUSED = '40004';

const FAILING: NoAnswer = { status: 'no-answer', silence: 'failing' };
const answer = (body: Said): Answer => ({ status: 200, body });

/** `300.00` in fen; what is no amount stays as it is, and is refused where it is read. */
const fenOf = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  try {
    return parseYuan(value);
  } catch (error) {
    if (error instanceof DomainError) return value;
    throw error;
  }
};

/** `2026-03-02 17:00:00` in China, as an instant of ours. */
const instantOf = (value: unknown): unknown => {
  const at =
    typeof value === 'string' ? Date.parse(`${value.replace(' ', 'T')}+08:00`) : Number.NaN;
  return Number.isNaN(at) ? value : new Date(at).toISOString();
};

const isOf = ({ orderId }: Pick<PaymentOrder, 'orderId'>, { out_trade_no }: Said): string =>
  out_trade_no === numberOf(orderId) ? orderId : String(out_trade_no);

/** Why they refused, as far as it is said. */
export const reasonOf = ({ sub_code }: Said): string =>
  typeof sub_code === 'string' ? sub_code : 'REFUSED';

/** A refusal of theirs that leaves the outcome open. */
const isTheirFault = (said: Said): boolean =>
  /SYSTEM_ERROR|unknow|SYSTEM_BUSY/i.test(reasonOf(said)) || said['code'] === UNKNOWN;

/** The answer to an order names no status: it was paid. */
const PAID: ReadonlySet<unknown> = new Set([undefined, 'TRADE_SUCCESS', 'TRADE_FINISHED']);

/** In the words of `answer.ts`; what is not known stays as it is, and is a contradiction there. */
const statusOf = ({ trade_status, send_pay_date }: Said): string => {
  if (PAID.has(trade_status)) return 'captured';
  if (trade_status === 'WAIT_BUYER_PAY') return 'processing';
  if (trade_status !== 'TRADE_CLOSED') return String(trade_status);
  // A closed trade was never paid, or all of it went back: by the day of its payment.
  return send_pay_date === undefined ? 'declined' : 'captured';
};

/** What an inquiry says of an order, or the answer to it; `refused` where it decides nothing. */
export const foundPayment = (
  order: Pick<PaymentOrder, 'orderId' | 'amountFen'>,
  said: Said,
): PaymentOutcome | 'refused' => {
  if (said['code'] === AT_IT) return { status: 'processing' };
  if (isTheirFault(said)) return FAILING;
  if (said['code'] === REFUSED)
    return reasonOf(said) === 'ACQ.TRADE_NOT_EXIST' ? { status: 'not-found' } : 'refused';
  if (said['code'] !== DONE) return FAILING;
  const status = statusOf(said);
  return readFoundPayment(
    order,
    answer({
      orderId: isOf(order, said),
      status,
      amountFen: fenOf(said['total_amount']),
      reference: said['trade_no'],
      capturedAt: instantOf(said['send_pay_date'] ?? said['gmt_payment']),
      ...(status === 'declined' && { reason: 'TRADE_CLOSED' }),
    }),
  );
};

/** What an inquiry says of one refund. */
export const foundRefund = (order: RefundOrder, said: Said): RefundOutcome => {
  if (isTheirFault(said)) return FAILING;
  if (said['code'] === REFUSED && reasonOf(said) === 'ACQ.TRADE_NOT_EXIST')
    return { status: 'not-found' };
  if (said['code'] !== DONE) return FAILING;
  // A refund that is not known has an answer without its status.
  if (said['refund_status'] === undefined) return { status: 'not-found' };
  const isOurs = said['out_request_no'] === numberOf(order.refundId);
  return readRefund(
    order,
    answer({
      refundId: isOurs ? order.refundId : String(said['out_request_no']),
      orderId: isOf(order, said),
      status: said['refund_status'] === 'REFUND_SUCCESS' ? 'refunded' : said['refund_status'],
      amountFen: fenOf(said['refund_amount']),
      reference: said['trade_no'],
      refundedAt: instantOf(said['gmt_refund_pay']),
    }),
  );
};

/** Their no to a refund, for good or for now; undefined where they did not say no. */
export const refusedRefund = (said: Said): RefundOutcome | undefined =>
  said['code'] === REFUSED && !isTheirFault(said)
    ? readRefund(
        { refundId: '-', orderId: '-', amountFen: 1 },
        { status: 409, body: { code: reasonOf(said).replace(/^ACQ\./, '') } },
      )
    : undefined;
