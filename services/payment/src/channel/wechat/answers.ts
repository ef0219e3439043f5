import { type Answer, readFoundPayment, readFoundRefund } from '../answer';
import type { PaymentOrder, PaymentOutcome, RefundOrder, RefundOutcome } from '../channel';
import { numberOf } from '../order-number';

/**
 * Answers in the words of WeChat Pay, put into those of `answer.ts`, which checks them against what
 * was asked: order, amount, currency, reference and moment.
 */

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const UNKNOWN = new Set(['ORDER_NOT_EXIST', 'ORDERNOTEXIST', 'RESOURCE_NOT_EXISTS']);

/** `2026-03-02T17:00:00+08:00`, as an instant of ours. */
const instantOf = (value: unknown): unknown => {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? value : new Date(at).toISOString();
};

const codeOf = ({ body }: Answer): unknown => fieldsOf(body)['code'];

/** Of a code that says that nothing is known there, in the words of `answer.ts`. */
const unknown = (answer: Answer, code: string): Answer | undefined =>
  answer.status === 404 && UNKNOWN.has(String(codeOf(answer)))
    ? { status: 404, body: { code } }
    : undefined;

/** An order that is closed, taken back or failed is declined for good; other states are open. */
const STATES: Readonly<Record<string, string>> = {
  SUCCESS: 'captured',
  // What went back since was captured.
  REFUND: 'captured',
  NOTPAY: 'processing',
  USERPAYING: 'processing',
  ACCEPT: 'processing',
  CLOSED: 'declined',
  REVOKED: 'declined',
  PAYERROR: 'declined',
};

const ofOrder = ({ orderId }: Pick<PaymentOrder, 'orderId'>, body: unknown): Fields => {
  const { out_trade_no, trade_state, transaction_id, success_time, amount } = fieldsOf(body);
  const { total, currency } = fieldsOf(amount);
  const status = STATES[String(trade_state)] ?? String(trade_state);
  return {
    orderId: out_trade_no === numberOf(orderId) ? orderId : String(out_trade_no),
    status,
    amountFen: total,
    currency,
    reference: transaction_id,
    capturedAt: instantOf(success_time),
    ...(status === 'declined' && { reason: trade_state }),
  };
};

/** What an inquiry for an order says. */
export const foundPayment = (
  order: Pick<PaymentOrder, 'orderId' | 'amountFen'>,
  answer: Answer,
): PaymentOutcome =>
  readFoundPayment(
    order,
    unknown(answer, 'ORDER_UNKNOWN') ?? {
      status: answer.status,
      body: answer.status < 300 ? ofOrder(order, answer.body) : answer.body,
    },
  );

const ofRefund = ({ refundId, orderId }: RefundOrder, body: unknown): Fields => {
  const { out_refund_no, out_trade_no, refund_id, status, success_time, amount } = fieldsOf(body);
  const { refund, currency } = fieldsOf(amount);
  const states: Fields = {
    SUCCESS: 'refunded',
    PROCESSING: 'processing',
    CLOSED: 'refused',
    ABNORMAL: 'refused',
  };
  return {
    refundId: out_refund_no === numberOf(refundId) ? refundId : String(out_refund_no),
    orderId: out_trade_no === numberOf(orderId) ? orderId : String(out_trade_no),
    status: states[String(status)] ?? String(status),
    amountFen: refund,
    currency,
    reference: refund_id,
    refundedAt: instantOf(success_time),
    ...(states[String(status)] === 'refused' && { reason: `REFUND_${String(status)}` }),
  };
};

/** What an inquiry for a refund says, or the answer to one that was asked for. */
export const foundRefund = (order: RefundOrder, answer: Answer): RefundOutcome =>
  readFoundRefund(
    order,
    unknown(answer, 'REFUND_UNKNOWN') ?? {
      // 403 is their no to a refund as well, and to our rights only by this code.
      status: answer.status === 403 && codeOf(answer) !== 'NO_AUTH' ? 409 : answer.status,
      body: answer.status < 300 ? ofRefund(order, answer.body) : answer.body,
    },
  );
