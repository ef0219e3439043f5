import { createHash, type KeyObject, randomBytes } from 'node:crypto';
import { boundedText } from '@caretab/host';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Answer } from '../answer';
import type {
  Channel,
  NoAnswer,
  PaymentOrder,
  PaymentOutcome,
  RefundOrder,
  RefundOutcome,
  Silence,
  StatementPage,
} from '../channel';
import { numberOf } from '../order-number';
import { foundPayment, foundRefund } from './answers';
import { entriesOfBill } from './bill';
import { authorization, isTheirs, type Merchant } from './signature';

export interface WechatOptions extends Merchant {
  /** Without a path. */
  readonly url: string;
  readonly appId: string;
  /** Their public keys by serial number. */
  readonly platformKeys: ReadonlyMap<string, KeyObject>;
  readonly timeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly clock: Clock;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** An answer that was not signed by them: it counts as none. */
  readonly forged: () => void;
}

const ANSWER_BYTES_MAX = 64 * 1024;
/** A bill is read whole: some three hundred thousand movements. */
const BILL_BYTES_MAX = 64 * 1024 * 1024;

type Asked = { readonly method: 'GET' | 'POST'; readonly path: string; readonly content?: unknown };
type Silent = { readonly silence: Silence };

const silent = ({ silence }: Silent): NoAnswer => ({ status: 'no-answer', silence });

/**
 * WeChat Pay's API of version 3: requests are signed, and so are its answers; one that is not theirs
 * is none. An account's token is the payer's code. Only an inquiry decides what a refusal leaves open.
 */
export class WechatChannel implements Channel {
  constructor(private readonly options: WechatOptions) {}

  async pay(order: PaymentOrder): Promise<PaymentOutcome> {
    const { appId: appid, merchantId: mchid } = this.options;
    const { orderId, amountFen: total, accountToken } = order;
    const answer = await this.call({
      method: 'POST',
      path: '/v3/pay/transactions/codepay',
      content: {
        ...{ appid, mchid, description: '医疗费用', out_trade_no: numberOf(orderId) },
        payer: { auth_code: accountToken },
        amount: { total, currency: 'CNY' },
        scene_info: { store_info: { id: 'caretab' } },
      },
    });
    if ('silence' in answer) return silent(answer);
    // The payer is at it: entering the password.
    if (answer.status === 202) return { status: 'processing' };
    // A refusal of the request says nothing of an order that may have been there before.
    return answer.status < 300 ? foundPayment(order, answer) : this.afterRefusal(order, answer);
  }

  async findPayment(
    order: Pick<PaymentOrder, 'orderId' | 'amountFen' | 'channel'>,
  ): Promise<PaymentOutcome> {
    const answer = await this.ordered(order.orderId);
    return 'silence' in answer ? silent(answer) : foundPayment(order, answer);
  }

  async refund(order: RefundOrder): Promise<RefundOutcome> {
    // The sum of the order is part of the request, and theirs is the one that counts.
    const ordered = await this.ordered(order.orderId);
    if ('silence' in ordered) return silent(ordered);
    const { amount } = (ordered.body ?? {}) as { amount?: { total?: unknown } };
    const answer = await this.call({
      method: 'POST',
      path: '/v3/refund/domestic/refunds',
      content: {
        out_trade_no: numberOf(order.orderId),
        out_refund_no: numberOf(order.refundId),
        amount: { refund: order.amountFen, total: amount?.total, currency: 'CNY' },
      },
    });
    return 'silence' in answer ? silent(answer) : foundRefund(order, answer);
  }

  async findRefund(order: RefundOrder): Promise<RefundOutcome> {
    const answer = await this.call({
      method: 'GET',
      path: `/v3/refund/domestic/refunds/${numberOf(order.refundId)}`,
    });
    return 'silence' in answer ? silent(answer) : foundRefund(order, answer);
  }

  /** The bill of a day, from the next morning on; before there is none. */
  async statement(date: string): Promise<StatementPage> {
    const unavailable = (): DomainError =>
      new DomainError('CHANNEL_UNAVAILABLE', 'conflict', { date });
    const answer = await this.call({
      method: 'GET',
      path: `/v3/bill/tradebill?bill_date=${date}&bill_type=ALL`,
    });
    if ('silence' in answer) throw unavailable();
    const { code, download_url, hash_value } = (answer.body ?? {}) as Record<string, unknown>;
    // A day without a movement has no bill.
    if (answer.status === 400 && code === 'NO_STATEMENT_EXIST') return { entries: [] };
    const bill = typeof download_url === 'string' ? await this.file(download_url) : undefined;
    const isWhole = bill && createHash('sha1').update(bill).digest('hex') === hash_value;
    const entries = isWhole ? entriesOfBill(bill) : undefined;
    if (!entries) throw unavailable();
    return { entries };
  }

  /** Nothing is known of the order there: then the refusal was of it, and signed. */
  private async afterRefusal(order: PaymentOrder, refusal: Answer): Promise<PaymentOutcome> {
    if (refusal.status === 429 || refusal.status >= 500) return silent({ silence: 'failing' });
    if (refusal.status === 401) return silent({ silence: 'unauthorized' });
    const found = await this.findPayment(order);
    const { code } = (refusal.body ?? {}) as { code?: unknown };
    const isDeclined = found.status === 'not-found' && typeof code === 'string';
    return isDeclined
      ? { status: 'declined', reason: `WECHAT_${code.replace(/[^A-Z0-9_]/g, '_').slice(0, 50)}` }
      : found;
  }

  private ordered(orderId: string): Promise<Answer | Silent> {
    const { merchantId } = this.options;
    return this.call({
      method: 'GET',
      path: `/v3/pay/transactions/out-trade-no/${numberOf(orderId)}?mchid=${merchantId}`,
    });
  }

  /** A file of theirs, which is not signed but by its hash; of their own address alone. */
  private async file(url: string): Promise<string | undefined> {
    const { pathname, search, origin } = new URL(url, this.options.url);
    if (origin !== new URL(this.options.url).origin) return undefined;
    try {
      const response = await this.send(
        { method: 'GET', path: `${pathname}${search}` },
        this.options.statementTimeoutMs,
      );
      return response.ok ? await boundedText(response, BILL_BYTES_MAX) : undefined;
    } catch {
      return undefined;
    }
  }

  private async call(asked: Asked): Promise<Answer | Silent> {
    const { clock, platformKeys, forged } = this.options;
    try {
      const response = await this.send(asked, this.options.timeoutMs);
      const text = await boundedText(response, ANSWER_BYTES_MAX);
      if (!isTheirs(platformKeys, response.headers, text, clock.now())) {
        // A gateway before them fails without a signature.
        if (response.status >= 500 || response.status === 429) return { silence: 'failing' };
        forged();
        return { silence: response.status === 401 ? 'unauthorized' : 'unreadable' };
      }
      return { status: response.status, body: jsonOf(text) };
    } catch (error) {
      return { silence: (error as Error).name === 'TimeoutError' ? 'timeout' : 'unreachable' };
    }
  }

  private send({ method, path, content }: Asked, timeoutMs: number): Promise<Response> {
    const { url, clock, fetch = globalThis.fetch } = this.options;
    const body = content === undefined ? '' : JSON.stringify(content);
    const moment = { nonce: randomBytes(16).toString('hex'), now: clock.now() };
    return fetch(`${url}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: authorization(this.options, { method, path, body }, moment),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body && { body }),
    });
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
