import { createHmac, timingSafeEqual } from 'node:crypto';
import { boundedText } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import { inSpan } from '@caretab/telemetry';
import { Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { Lender, LenderAnswer, LenderOrder } from './lender';

export interface LenderGatewayOptions {
  readonly url: string;
  /** Signs orders and answers: HMAC-SHA256 in hex. */
  readonly secret: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
}

const ANSWER_BYTES_MAX = 16_384;
const Kind = Type.Union(['reserve', 'draw', 'reduce', 'release'].map((kind) => Type.Literal(kind)));
const answerCheck = TypeCompiler.Compile(
  Type.Object(
    {
      ...{ orderId: Type.String(), kind: Kind, visitId: Type.String() },
      amountFen: Type.Integer({ minimum: 0 }),
      outcome: Type.Union([Type.Literal('done'), Type.Literal('refused')]),
      reason: Type.Optional(Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,63}$' })),
    },
    { additionalProperties: false },
  ),
);

const contradiction = (reason: string): LenderAnswer => ({ status: 'contradiction', reason });

/**
 * A bank over HTTP: `POST <url>/orders` `{orderId, kind, lenderId, visitId, accountPersonId, amountFen,
 * at, signature}`, signed over `at.orderId.kind.lenderId.visitId.accountPersonId.amountFen`; the header
 * `idempotency-key` is the order's id. The answer's `caretab-signature` is over `orderId.body`. What is
 * late, cut off, too long or not signed is no answer; what is signed and cannot be is a contradiction.
 */
export class LenderGateway implements Lender {
  constructor(private readonly options: LenderGatewayOptions) {}

  async ask(order: LenderOrder): Promise<LenderAnswer> {
    const { url, timeoutMs, clock, fetch } = this.options;
    const { orderId, kind, lenderId, visitId, accountPersonId, amountFen } = order;
    const at = clock.now().toISOString();
    const signed = [at, orderId, kind, lenderId, visitId, accountPersonId, String(amountFen)];
    const sent = { orderId, kind, lenderId, visitId, accountPersonId, amountFen, at };
    try {
      const response = await inSpan('lender', { kind: 'client' }, () =>
        fetch(`${url}/orders`, {
          method: 'POST',
          body: JSON.stringify({ ...sent, signature: this.sign(...signed) }),
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          headers: { 'content-type': 'application/json', 'idempotency-key': orderId },
        }),
      );
      const text = await boundedText(response, ANSWER_BYTES_MAX);
      const isTheirs = this.isSigned(response.headers.get('caretab-signature'), orderId, text);
      return isTheirs && response.ok ? this.read(order, JSON.parse(text)) : { status: 'no-answer' };
    } catch {
      return { status: 'no-answer' };
    }
  }

  private read(order: LenderOrder, body: unknown): LenderAnswer {
    if (!answerCheck.Check(body)) return contradiction('ANSWER_MALFORMED');
    if (body.orderId !== order.orderId || body.kind !== order.kind)
      return contradiction('ORDER_DIFFERS');
    if (body.visitId !== order.visitId) return contradiction('VISIT_DIFFERS');
    if (body.amountFen !== order.amountFen) return contradiction('AMOUNT_DIFFERS');
    if (body.outcome === 'done') return { status: 'done' };
    return { status: 'refused', reason: body.reason ?? 'LENDER_REFUSED' };
  }

  private sign(...parts: readonly string[]): string {
    return createHmac('sha256', this.options.secret).update(parts.join('.')).digest('hex');
  }

  private isSigned(signature: string | null, orderId: string, text: string): boolean {
    const expected = this.sign(orderId, text);
    return (
      signature?.length === expected.length &&
      timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
    );
  }
}
