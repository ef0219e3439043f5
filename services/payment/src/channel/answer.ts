import { businessDateOf, DAY_MS, flawsOf, Id, isDay, isMoment } from '@caretab/contracts';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type {
  AccountOutcome,
  Answered,
  Contradiction,
  NoAnswer,
  PaymentOrder,
  PaymentOutcome,
  RefundOrder,
  RefundOutcome,
  Silence,
} from './channel';

/** An HTTP answer; `body` is undefined where it is not JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

const CURRENCY = 'CNY';
const CODE = /^[A-Z][A-Z0-9_]{1,60}$/;
/** What is kept of a code of the bank's own, without `BANK_`. */
const BANK_CODE_MAX = 56;
const OK = 200;
const NOT_FOUND = 404;
const KEPT_TEXT_MAX = 60;
/** What a case keeps of an answer. */
const KEPT = [
  'status',
  'orderId',
  'refundId',
  'amountFen',
  'currency',
  'reference',
  'code',
  'reason',
  'capturedAt',
  'refundedAt',
  'clearingDate',
] as const;
const idCheck = TypeCompiler.Compile(Id);

const isFields = (body: unknown): body is Fields =>
  typeof body === 'object' && body !== null && !Array.isArray(body);
const isId = (value: unknown): value is string =>
  idCheck.Check(value) && flawsOf(Id, value).length === 0;
const isInstant = (value: unknown): value is string => typeof value === 'string' && isMoment(value);

/** A clearing date lies so far from the moment at most: a long holiday. */
const CLEARING_DAYS_MAX = 15;

/** The clearing date of an answer: undefined where it says none, `wrong` where it cannot be one. */
const clearingDateOf = (body: Fields, at: string): string | undefined | typeof WRONG => {
  const date = body['clearingDate'];
  if (date === undefined || date === null) return undefined;
  if (typeof date !== 'string' || !isDay(date)) return WRONG;
  return isClearedOn(date, at) ? date : WRONG;
};
/** Whether a day, YYYY-MM-DD, can be the clearing date of a movement at that moment. */
export const isClearedOn = (date: string, at: string | Date): boolean => {
  const days = (Date.parse(date) - Date.parse(businessDateOf(at))) / DAY_MS;
  return days >= -1 && days <= CLEARING_DAYS_MAX;
};
const WRONG = Symbol('wrong');

const kept = (value: unknown): string | number =>
  typeof value === 'number' && Number.isFinite(value)
    ? value
    : (typeof value === 'string' ? value : JSON.stringify(value))
        .replace(/[^\x20-\x7e]/g, '?')
        .slice(0, KEPT_TEXT_MAX);

/** The fields of an answer that a case keeps, with the HTTP status. */
export const answeredOf = ({ status, body }: Answer): Answered => ({
  httpStatus: status,
  ...(isFields(body) &&
    Object.fromEntries(
      KEPT.filter((name) => body[name] !== undefined).map((name) => [name, kept(body[name])]),
    )),
});

const noAnswer = (silence: Silence): NoAnswer => ({ status: 'no-answer', silence });

const contradiction = (reason: string, answer: Answer): Contradiction => ({
  status: 'contradiction',
  reason,
  answered: answeredOf(answer),
});

/**
 * A code as it is kept; undefined where there is none. Any text or number is one: what is not of our
 * form becomes `BANK_` and its letters and digits, `insufficient_funds` and 51 for example
 * `BANK_INSUFFICIENT_FUNDS` and `BANK_51`.
 */
const reasonOf = (code: unknown): string | undefined => {
  if ((typeof code !== 'string' && typeof code !== 'number') || code === '') return undefined;
  const text = String(code);
  if (CODE.test(text)) return text;
  const plain = text.slice(0, BANK_CODE_MAX).toUpperCase();
  return `BANK_${plain.replace(/[^A-Z0-9]+/g, '_').slice(0, BANK_CODE_MAX)}`;
};

const codeOf = (body: unknown): string | undefined =>
  isFields(body) ? reasonOf(body['code']) : undefined;

/**
 * What a status means that is neither a result nor a refusal with a code; else undefined. A 4xx
 * without a code is no refusal, also a 409 or 422: a proxy answers so too, and 409 may mean that the
 * same order is being worked on. Taken for a no it could have money paid twice; the inquiries go on.
 */
const silenceOf = ({ status, body }: Answer): Silence | undefined => {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 408 || status === 429 || status >= 500) return 'failing';
  return status >= 400 && codeOf(body) !== undefined ? undefined : 'unreadable';
};

/** A 404 that says nothing else in our words: what is not known there is sent again unchanged. */
const isUnknownThere = ({ status, body }: Answer, code: string): boolean => {
  const said = isFields(body) ? body['code'] : undefined;
  return status === NOT_FOUND && (said === code || !(typeof said === 'string' && CODE.test(said)));
};

const currencyDiffers = ({ currency }: Fields): boolean =>
  currency !== undefined && currency !== null && currency !== CURRENCY;

/** Whole fen above zero; other numbers are no amount. */
const isAmount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) > 0;

const capturedOf = (
  { amountFen }: Pick<PaymentOrder, 'amountFen'>,
  answer: Answer,
  body: Fields,
): PaymentOutcome => {
  const captured = body['amountFen'];
  if (!isAmount(captured)) return contradiction('AMOUNT_INVALID', answer);
  if (captured > amountFen) return contradiction('AMOUNT_ABOVE_ORDER', answer);
  if (!isId(body['reference'])) return contradiction('REFERENCE_INVALID', answer);
  if (!isInstant(body['capturedAt'])) return contradiction('MOMENT_INVALID', answer);
  const clearingDate = clearingDateOf(body, body['capturedAt']);
  if (clearingDate === WRONG) return contradiction('CLEARING_DATE_INVALID', answer);
  return {
    status: 'captured',
    amountFen: captured,
    reference: body['reference'],
    at: new Date(body['capturedAt']),
    clearingDate,
  };
};

/**
 * What an answer says of a payment order, checked against the order: order id, currency, amount,
 * reference and moment. A status or a refusal that we do not know is a contradiction as well.
 */
export const readPayment = (
  order: Pick<PaymentOrder, 'orderId' | 'amountFen'>,
  answer: Answer,
): PaymentOutcome => {
  const { status, body } = answer;
  if (status !== OK) {
    const silence = silenceOf(answer);
    return silence ? noAnswer(silence) : contradiction('ORDER_REFUSED', answer);
  }
  if (!isFields(body) || typeof body['status'] !== 'string') return noAnswer('unreadable');
  if (body['orderId'] !== order.orderId) return contradiction('ORDER_DIFFERS', answer);
  if (currencyDiffers(body)) return contradiction('CURRENCY_DIFFERS', answer);
  const { reason } = body;
  switch (body['status']) {
    case 'captured':
      return capturedOf(order, answer, body);
    case 'declined':
      return {
        status: 'declined',
        reason: reasonOf(reason) ?? 'DECLINED',
      };
    case 'processing':
      return { status: 'processing' };
    default:
      return contradiction('STATUS_UNKNOWN', answer);
  }
};

/** As `readPayment`, of an inquiry: the channel may not know the order. */
export const readFoundPayment = (
  order: Pick<PaymentOrder, 'orderId' | 'amountFen'>,
  answer: Answer,
): PaymentOutcome =>
  isUnknownThere(answer, 'ORDER_UNKNOWN') ? { status: 'not-found' } : readPayment(order, answer);

/** What an answer says of a refund: all that was asked was refunded, or it was not. */
export const readRefund = (
  order: Pick<RefundOrder, 'refundId' | 'orderId' | 'amountFen'>,
  answer: Answer,
): RefundOutcome => {
  const { status, body } = answer;
  if (status !== OK) {
    const silence = silenceOf(answer);
    return silence ? noAnswer(silence) : { status: 'refused', reason: codeOf(body)! };
  }
  if (!isFields(body) || typeof body['status'] !== 'string') return noAnswer('unreadable');
  if (body['refundId'] !== order.refundId) return contradiction('REFUND_DIFFERS', answer);
  if (body['orderId'] !== order.orderId) return contradiction('ORDER_DIFFERS', answer);
  if (currencyDiffers(body)) return contradiction('CURRENCY_DIFFERS', answer);
  const { reason } = body;
  switch (body['status']) {
    case 'refunded': {
      if (body['amountFen'] !== order.amountFen) return contradiction('AMOUNT_DIFFERS', answer);
      if (!isId(body['reference'])) return contradiction('REFERENCE_INVALID', answer);
      if (!isInstant(body['refundedAt'])) return contradiction('MOMENT_INVALID', answer);
      const clearingDate = clearingDateOf(body, body['refundedAt']);
      if (clearingDate === WRONG) return contradiction('CLEARING_DATE_INVALID', answer);
      return {
        status: 'refunded',
        reference: body['reference'],
        at: new Date(body['refundedAt']),
        clearingDate,
      };
    }
    case 'refused':
      return {
        status: 'refused',
        reason: reasonOf(reason) ?? 'REFUSED',
      };
    case 'processing':
      return { status: 'processing' };
    default:
      return contradiction('STATUS_UNKNOWN', answer);
  }
};

/** As `readRefund`, of an inquiry: the channel may not know the refund. */
export const readFoundRefund = (
  order: Pick<RefundOrder, 'refundId' | 'orderId' | 'amountFen'>,
  answer: Answer,
): RefundOutcome =>
  isUnknownThere(answer, 'REFUND_UNKNOWN') ? { status: 'not-found' } : readRefund(order, answer);

/** What an answer says of an account that is to be bound. */
export const readAccount = (answer: Answer): AccountOutcome => {
  const { status, body } = answer;
  if (status !== OK) {
    const silence = silenceOf(answer);
    return silence ? noAnswer(silence) : { status: 'refused', reason: codeOf(body)! };
  }
  if (!isFields(body)) return noAnswer('unreadable');
  if (body['status'] !== 'verified') return contradiction('STATUS_UNKNOWN', answer);
  return isId(body['reference'])
    ? { status: 'verified', reference: body['reference'] }
    : contradiction('REFERENCE_INVALID', answer);
};
