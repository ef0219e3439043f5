import { createHmac } from 'node:crypto';
import { flawsOf, Id, isMoment } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import { boundedText } from '@caretab/host';
import { type TSchema, type Static, Type } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import type {
  Channel,
  PaymentOrder,
  PaymentOutcome,
  RefundOrder,
  RefundOutcome,
  StatementEntry,
} from './channel';

export interface ChannelGatewayOptions {
  readonly url: string;
  /** Signs every request: HMAC-SHA256 over `timestamp.METHOD.path.body`. */
  readonly secret: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Default: the machine's own. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

const Fen = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Payment = Type.Object({
  status: Type.Union([
    Type.Literal('captured'),
    Type.Literal('declined'),
    Type.Literal('processing'),
  ]),
  reference: Type.String(),
  reason: Type.Optional(Type.String()),
  capturedAt: Type.Optional(Type.String()),
});
const Refund = Type.Object({
  status: Type.Literal('refunded'),
  reference: Type.String(),
  refundedAt: Type.String(),
});
const Statement = Type.Object({
  entries: Type.Array(
    Type.Object({
      kind: Type.Union([Type.Literal('capture'), Type.Literal('refund')]),
      orderId: Type.String(),
      refundId: Type.Optional(Type.String()),
      amountFen: Fen,
    }),
  ),
});
const referenceCheck = TypeCompiler.Compile(Id);
const [paymentCheck, refundCheck, statementCheck] = [
  TypeCompiler.Compile(Payment),
  TypeCompiler.Compile(Refund),
  TypeCompiler.Compile(Statement),
];

/** The codes with which the acquirer says that a refund will never be. */
const REFUND_REFUSALS: readonly string[] = [
  'REFUND_ABOVE_CAPTURED',
  'REFUND_CONFLICT',
  'ORDER_UNKNOWN',
];
const CODE = /^[A-Z][A-Z0-9_]{1,60}$/;

const ANSWER_BYTES_MAX = 64 * 1024;
/** A day of a province: some hundred thousand entries. */
const STATEMENT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Whether a reference and a moment can be stored and published. Otherwise the outcome counts as
 * unknown: it is queried again, and the statement has it.
 */
const isReceipt = (reference: string, at: string | undefined): at is string =>
  referenceCheck.Check(reference) &&
  flawsOf(Id, reference).length === 0 &&
  at !== undefined &&
  isMoment(at);

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const codeOf = (body: unknown): string => String((body as { code?: unknown } | null)?.code ?? '');

/**
 * The acquirer over HTTP: signed requests, a deadline each, and `no-answer` for all that is not a
 * clear answer.
 */
export class ChannelGateway implements Channel {
  constructor(private readonly options: ChannelGatewayOptions) {}

  async pay({ orderId, accountToken, amountFen }: PaymentOrder): Promise<PaymentOutcome> {
    return this.paymentOf(
      await this.call('POST', '/payments', {
        content: { orderId, accountToken, amountFen, currency: 'CNY' },
      }),
    );
  }

  async findPayment(orderId: string): Promise<PaymentOutcome> {
    const answer = await this.call('GET', `/payments/${encodeURIComponent(orderId)}`);
    if (answer?.status === 404 && codeOf(answer.body) === 'ORDER_UNKNOWN')
      return { status: 'not-found' };
    return this.paymentOf(answer);
  }

  async refund({ refundId, orderId, amountFen }: RefundOrder): Promise<RefundOutcome> {
    const answer = await this.call('POST', '/refunds', {
      content: { refundId, orderId, amountFen },
    });
    const refusal = codeOf(answer?.body);
    if (answer && REFUND_REFUSALS.includes(refusal)) return { status: 'refused', reason: refusal };
    return this.refundOutcomeOf(answer);
  }

  async findRefund(refundId: string): Promise<RefundOutcome> {
    const answer = await this.call('GET', `/refunds/${encodeURIComponent(refundId)}`);
    if (answer?.status === 404 && codeOf(answer.body) === 'REFUND_UNKNOWN')
      return { status: 'not-found' };
    return this.refundOutcomeOf(answer);
  }

  async statement(date: string): Promise<readonly StatementEntry[]> {
    const answer = await this.call('GET', `/statement?date=${encodeURIComponent(date)}`, {
      bytesMax: STATEMENT_BYTES_MAX,
    });
    const body = this.understood(answer, statementCheck);
    if (!body) throw new DomainError('CHANNEL_UNAVAILABLE', 'conflict', { date });
    return body.entries.map(({ kind, orderId, refundId, amountFen }) => ({
      kind,
      id: refundId ?? orderId,
      amountFen,
    }));
  }

  private paymentOf(answer: Answer | undefined): PaymentOutcome {
    const body = this.understood(answer, paymentCheck);
    if (body?.status === 'captured' && isReceipt(body.reference, body.capturedAt))
      return { status: 'captured', reference: body.reference, at: new Date(body.capturedAt) };
    if (body?.status === 'declined')
      return {
        status: 'declined',
        reason: body.reason && CODE.test(body.reason) ? body.reason : 'DECLINED',
      };
    return { status: body?.status === 'processing' ? 'processing' : 'no-answer' };
  }

  private refundOutcomeOf(answer: Answer | undefined): RefundOutcome {
    const body = this.understood(answer, refundCheck);
    return body && isReceipt(body.reference, body.refundedAt)
      ? { status: 'refunded', reference: body.reference, at: new Date(body.refundedAt) }
      : { status: 'no-answer' };
  }

  private understood<Schema extends TSchema>(
    answer: Answer | undefined,
    check: TypeCheck<Schema>,
  ): Static<Schema> | undefined {
    return answer?.status === 200 && check.Check(answer.body) ? answer.body : undefined;
  }

  /**
   * One request; undefined when the deadline passed, the line broke, or the answer is too long or
   * not JSON.
   */
  private async call(
    method: 'GET' | 'POST',
    path: string,
    {
      content,
      bytesMax = ANSWER_BYTES_MAX,
    }: { readonly content?: unknown; readonly bytesMax?: number } = {},
  ): Promise<Answer | undefined> {
    const { url, secret, timeoutMs, clock, fetch = globalThis.fetch } = this.options;
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
      return {
        status: response.status,
        body: JSON.parse(await boundedText(response, bytesMax)) as unknown,
      };
    } catch {
      // Time-out, refused or broken connection, cut-off body: to the caller they are one thing, an
      // unknown outcome.
      return undefined;
    }
  }
}
