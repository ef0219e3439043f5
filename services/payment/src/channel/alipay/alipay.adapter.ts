import type { KeyObject } from 'node:crypto';
import { boundedBytes, boundedText } from '@caretab/host';
import { type Clock, DomainError, formatYuan } from '@caretab/kernel';
import type {
  Channel,
  NoAnswer,
  PaymentOrder,
  PaymentOutcome,
  RefundOrder,
  RefundOutcome,
  StatementPage,
} from '../channel';
import { numberOf } from '../order-number';
import { foundPayment, foundRefund, reasonOf, refusedRefund, type Said } from './answers';
import { billIn } from './bill';
import { signed, theirs } from './signature';

export interface AlipayOptions {
  /** Of the gateway, such as `https://openapi.alipay.com/gateway.do`. */
  readonly url: string;
  readonly appId: string;
  readonly privateKey: KeyObject;
  /** Theirs: the old one and the new one while they change. */
  readonly platformKeys: readonly KeyObject[];
  readonly timeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly clock: Clock;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** An answer that was not signed by them: it counts as none. */
  readonly forged: () => void;
}

const ANSWER_BYTES_MAX = 64 * 1024;
const BILL_BYTES_MAX = 32 * 1024 * 1024;
const HOURS_8_MS = 8 * 3_600_000;

const chinaTime = (now: Date): string =>
  new Date(now.getTime() + HOURS_8_MS).toISOString().slice(0, 19).replace('T', ' ');

/**
 * Alipay's gateway: fields are signed (RSA2), and so is the member of the answer; one that is not
 * theirs is none. An account's token is the payer's code. Only an inquiry decides what a refusal
 * leaves open.
 */
export class AlipayChannel implements Channel {
  constructor(private readonly options: AlipayOptions) {}

  async pay(order: PaymentOrder): Promise<PaymentOutcome> {
    const said = await this.call('alipay.trade.pay', {
      out_trade_no: numberOf(order.orderId),
      ...{ scene: 'bar_code', auth_code: order.accountToken, subject: '医疗费用' },
      total_amount: formatYuan(order.amountFen),
    });
    if (isSilent(said)) return said;
    const outcome = foundPayment(order, said);
    if (outcome !== 'refused' && outcome.status !== 'not-found') return outcome;
    // A refusal of the request says nothing of an order that may have been there before.
    const found = await this.findPayment(order);
    return found.status === 'not-found'
      ? {
          status: 'declined',
          reason: `ALIPAY_${reasonOf(said).replace(/[^A-Z0-9_]/g, '_')}`.slice(0, 60),
        }
      : found;
  }

  async findPayment(
    order: Pick<PaymentOrder, 'orderId' | 'amountFen' | 'channel'>,
  ): Promise<PaymentOutcome> {
    const said = await this.call('alipay.trade.query', { out_trade_no: numberOf(order.orderId) });
    if (isSilent(said)) return said;
    const outcome = foundPayment(order, said);
    return outcome === 'refused' ? { status: 'no-answer', silence: 'unreadable' } : outcome;
  }

  async refund(order: RefundOrder): Promise<RefundOutcome> {
    const said = await this.call('alipay.trade.refund', {
      out_trade_no: numberOf(order.orderId),
      out_request_no: numberOf(order.refundId),
      refund_amount: formatYuan(order.amountFen),
    });
    if (isSilent(said)) return said;
    // Its answer sums up all refunds of the order: the inquiry is about this one.
    return refusedRefund(said) ?? this.findRefund(order);
  }

  async findRefund(order: RefundOrder): Promise<RefundOutcome> {
    const said = await this.call('alipay.trade.fastpay.refund.query', {
      out_trade_no: numberOf(order.orderId),
      out_request_no: numberOf(order.refundId),
      query_options: ['gmt_refund_pay'],
    });
    return isSilent(said) ? said : foundRefund(order, said);
  }

  /** The bill of a day, from the next morning on; before there is none. */
  async statement(date: string): Promise<StatementPage> {
    const said = await this.call('alipay.data.dataservice.bill.downloadurl.query', {
      ...{ bill_type: 'trade', bill_date: date },
    });
    const unavailable = (): DomainError =>
      new DomainError('CHANNEL_UNAVAILABLE', 'conflict', { date });
    if (isSilent(said)) throw unavailable();
    // A day without a movement has no bill.
    if (reasonOf(said) === 'isp.bill_not_exist') return { entries: [] };
    const { bill_download_url } = said;
    const entries =
      typeof bill_download_url === 'string' ? await this.bill(bill_download_url) : undefined;
    if (!entries) throw unavailable();
    return { entries };
  }

  /** The link was signed by them; the file behind it is ZIP, and damage shows. */
  private async bill(url: string): Promise<StatementPage['entries'] | undefined> {
    const { fetch = globalThis.fetch, statementTimeoutMs } = this.options;
    try {
      const signal = AbortSignal.timeout(statementTimeoutMs);
      const response = await fetch(url, { redirect: 'error', signal });
      return response.ok ? billIn(await boundedBytes(response, BILL_BYTES_MAX)) : undefined;
    } catch {
      return undefined;
    }
  }

  private async call(method: string, content: unknown): Promise<Said | NoAnswer> {
    const { url, appId, privateKey, clock, timeoutMs, fetch = globalThis.fetch } = this.options;
    const fields = {
      ...{ app_id: appId, method, format: 'JSON', charset: 'utf-8', sign_type: 'RSA2' },
      ...{ timestamp: chinaTime(clock.now()), version: '1.0' },
      biz_content: JSON.stringify(content),
    };
    const body = new URLSearchParams({ ...fields, sign: signed(privateKey, fields) });
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(url, { method: 'POST', body, redirect: 'error', signal });
      const text = await boundedText(response, ANSWER_BYTES_MAX);
      if (!response.ok) return { status: 'no-answer', silence: 'failing' };
      const name = `${method.replaceAll('.', '_')}_response`;
      const said = theirs(this.options.platformKeys, text, name);
      if (typeof said === 'object' && said !== null) return said as Said;
      // Of a request that they cannot verify the answer has another name.
      if (text.includes('isv.invalid-signature'))
        return { status: 'no-answer', silence: 'unauthorized' };
      this.options.forged();
      return { status: 'no-answer', silence: 'unreadable' };
    } catch (error) {
      const isLate = (error as Error).name === 'TimeoutError';
      return { status: 'no-answer', silence: isLate ? 'timeout' : 'unreachable' };
    }
  }
}

const isSilent = (said: Said | NoAnswer): said is NoAnswer => said['status'] === 'no-answer';
