import { createHmac } from 'node:crypto';
import { type Clock, DomainError } from '@caretab/kernel';
import { boundedText } from '@caretab/host';
import {
  type Answer,
  readAccount,
  readFoundPayment,
  readFoundRefund,
  readPayment,
  readRefund,
} from './answer';
import type {
  AccountOutcome,
  AccountVerifier,
  Channel,
  PaymentOrder,
  PaymentOutcome,
  RefundOrder,
  RefundOutcome,
  Silence,
  StatementPage,
} from './channel';
import { readStatement } from './statement';

export interface ChannelGatewayOptions {
  readonly url: string;
  /** Signs every request: HMAC-SHA256 over `timestamp.METHOD.path.body`. */
  readonly secret: string;
  readonly timeoutMs: number;
  /** A page of a statement takes longer than an order; default: `timeoutMs`. */
  readonly statementTimeoutMs?: number;
  readonly clock: Clock;
  /** Default: the machine's own. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

const ANSWER_BYTES_MAX = 64 * 1024;
/** A page of a statement: some ten thousand entries. A bank without pages has a day in it. */
const STATEMENT_BYTES_MAX = 8 * 1024 * 1024;

/** The acquirer over HTTP: signed requests, a deadline each. `answer.ts` reads what it answers. */
export class ChannelGateway implements AccountVerifier, Channel {
  constructor(private readonly options: ChannelGatewayOptions) {}

  async verify({ accountToken }: Pick<PaymentOrder, 'accountToken'>): Promise<AccountOutcome> {
    const answer = await this.call('POST', '/accounts', { content: { accountToken } });
    return 'silence' in answer ? { status: 'no-answer', ...answer } : readAccount(answer);
  }

  async pay(order: PaymentOrder): Promise<PaymentOutcome> {
    const { orderId, accountToken, amountFen } = order;
    const answer = await this.call('POST', '/payments', {
      content: { orderId, accountToken, amountFen, currency: 'CNY' },
    });
    return 'silence' in answer ? { status: 'no-answer', ...answer } : readPayment(order, answer);
  }

  async findPayment(order: Pick<PaymentOrder, 'orderId' | 'amountFen'>): Promise<PaymentOutcome> {
    const answer = await this.call('GET', `/payments/${encodeURIComponent(order.orderId)}`);
    return 'silence' in answer
      ? { status: 'no-answer', ...answer }
      : readFoundPayment(order, answer);
  }

  async refund(order: RefundOrder): Promise<RefundOutcome> {
    const { refundId, orderId, amountFen, accountToken } = order;
    const answer = await this.call('POST', '/refunds', {
      content: { refundId, orderId, amountFen, ...(accountToken && { accountToken }) },
    });
    return 'silence' in answer ? { status: 'no-answer', ...answer } : readRefund(order, answer);
  }

  async findRefund(order: RefundOrder): Promise<RefundOutcome> {
    const answer = await this.call('GET', `/refunds/${encodeURIComponent(order.refundId)}`);
    return 'silence' in answer
      ? { status: 'no-answer', ...answer }
      : readFoundRefund(order, answer);
  }

  async statement(date: string, after?: string): Promise<StatementPage> {
    const from = after === undefined ? '' : `&after=${encodeURIComponent(after)}`;
    const answer = await this.call('GET', `/statement?date=${encodeURIComponent(date)}${from}`, {
      bytesMax: STATEMENT_BYTES_MAX,
      timeoutMs: this.options.statementTimeoutMs,
    });
    const page = 'silence' in answer ? undefined : readStatement(answer, after);
    if (!page) throw new DomainError('CHANNEL_UNAVAILABLE', 'conflict', { date });
    return page;
  }

  /** One request; `silence` where no answer came, or one that is too long. */
  private async call(
    method: 'GET' | 'POST',
    path: string,
    {
      content,
      bytesMax = ANSWER_BYTES_MAX,
      timeoutMs = this.options.timeoutMs,
    }: {
      readonly content?: unknown;
      readonly bytesMax?: number;
      readonly timeoutMs?: number | undefined;
    } = {},
  ): Promise<Answer | { readonly silence: Silence }> {
    const { url, secret, clock, fetch = globalThis.fetch } = this.options;
    const body = content === undefined ? '' : JSON.stringify(content);
    const timestamp = String(clock.now().getTime());
    const signature = createHmac('sha256', secret)
      .update(`${timestamp}.${method}.${path}.${body}`)
      .digest('hex');
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          'caretab-timestamp': timestamp,
          'caretab-signature': signature,
        },
        signal: AbortSignal.timeout(timeoutMs),
        ...(body && { body }),
      });
      const text = await boundedText(response, bytesMax);
      return { status: response.status, body: jsonOf(text) };
    } catch (error) {
      // Time-out, refused or broken connection, cut-off body: the outcome is unknown.
      return { silence: (error as Error).name === 'TimeoutError' ? 'timeout' : 'unreachable' };
    }
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
