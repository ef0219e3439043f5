import { boundedText } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import { inSpan } from '@caretab/telemetry';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import { bankKeyOf, isSignedBy, signedBy } from './bank-key';
import type {
  ConsentsOrder,
  GrantAnswer,
  GrantOrder,
  Lender,
  LenderAnswer,
  LenderOrder,
} from './lender';

export interface LenderGatewayOptions {
  /** Where banks take orders; `{lenderId}` in it stands for the bank's. */
  readonly url: string;
  /** Makes each bank's own key: see `bankKeyOf`. */
  readonly secret: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
}

const ANSWER_BYTES_MAX = 16_384;
const Kind = Type.Union(['reserve', 'draw', 'reduce', 'release'].map((kind) => Type.Literal(kind)));
const ended = {
  outcome: Type.Union([Type.Literal('done'), Type.Literal('refused')]),
  reason: Type.Optional(Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,63}$' })),
};
const said = { amountFen: Type.Integer({ minimum: 0 }), ...ended };
const closed = { additionalProperties: false };
const orderCheck = TypeCompiler.Compile(
  Type.Object({ orderId: Type.String(), kind: Kind, visitId: Type.String(), ...said }, closed),
);
const grantCheck = TypeCompiler.Compile(
  Type.Object({ orderId: Type.String(), accountPersonId: Type.String(), ...said }, closed),
);

const consentsCheck = TypeCompiler.Compile(
  Type.Object(
    {
      ...{ orderId: Type.String(), accountPersonId: Type.String(), number: Type.Integer() },
      ...ended,
    },
    closed,
  ),
);

type Contradiction = { readonly status: 'contradiction'; readonly reason: string };
const contradiction = (reason: string): Contradiction => ({ status: 'contradiction', reason });
const NONE = { status: 'no-answer' } as const;

/**
 * A bank over HTTP: `POST <url>/orders` `{orderId, kind, lenderId, visitId, accountPersonId, amountFen,
 * at, signature}`, signed over `at.orderId.kind.lenderId.visitId.accountPersonId.amountFen`, and `POST
 * <url>/grants` `{orderId, lenderId, accountPersonId, amountFen, at, signature}`, signed over
 * `at.orderId.grant.lenderId.accountPersonId.amountFen`, and `POST <url>/consents` `{orderId, lenderId,
 * accountPersonId, number, revoked, at, signature}`, signed over
 * `at.orderId.consents.lenderId.accountPersonId.number.revoked`; the header `idempotency-key` is the order's id.
 * The answer's `caretab-signature` is over `orderId.body`. What is late, cut off, too long or not signed
 * is no answer; what is signed and cannot be is a contradiction.
 */
export class LenderGateway implements Lender {
  constructor(private readonly options: LenderGatewayOptions) {}

  async ask(order: LenderOrder): Promise<LenderAnswer> {
    const { orderId, kind, lenderId, visitId, accountPersonId, amountFen } = order;
    const body = await this.post('orders', orderCheck, {
      sent: { orderId, kind, lenderId, visitId, accountPersonId, amountFen },
      signed: [orderId, kind, lenderId, visitId, accountPersonId, String(amountFen)],
    });
    if ('status' in body) return body;
    if (body.orderId !== orderId || body.kind !== kind) return contradiction('ORDER_DIFFERS');
    if (body.visitId !== visitId) return contradiction('VISIT_DIFFERS');
    if (body.amountFen !== amountFen) return contradiction('AMOUNT_DIFFERS');
    return body.outcome === 'done' ? { status: 'done' } : refused(body.reason);
  }

  async grant(order: GrantOrder): Promise<GrantAnswer> {
    const { orderId, lenderId, accountPersonId, amountFen } = order;
    const body = await this.post('grants', grantCheck, {
      sent: { orderId, lenderId, accountPersonId, amountFen },
      signed: [orderId, 'grant', lenderId, accountPersonId, String(amountFen)],
    });
    if ('status' in body) return body;
    if (body.orderId !== orderId) return contradiction('ORDER_DIFFERS');
    if (body.accountPersonId !== accountPersonId) return contradiction('PERSON_DIFFERS');
    if (body.outcome === 'refused') return refused(body.reason);
    const isOfferOf = body.amountFen > 0 && body.amountFen <= amountFen;
    return isOfferOf
      ? { status: 'granted', lineFen: body.amountFen }
      : contradiction('AMOUNT_DIFFERS');
  }

  async inform(order: ConsentsOrder): Promise<LenderAnswer> {
    const { orderId, lenderId, accountPersonId, number, revoked } = order;
    const body = await this.post('consents', consentsCheck, {
      sent: { orderId, lenderId, accountPersonId, number, revoked },
      signed: [orderId, 'consents', lenderId, accountPersonId, String(number), revoked.join()],
    });
    if ('status' in body) return body;
    if (body.orderId !== orderId || body.number !== number) return contradiction('ORDER_DIFFERS');
    if (body.accountPersonId !== accountPersonId) return contradiction('PERSON_DIFFERS');
    return body.outcome === 'done' ? { status: 'done' } : refused(body.reason);
  }

  /** What the bank signed; never anything that is not of the form. */
  private async post<Answer extends TSchema>(
    path: string,
    check: TypeCheck<Answer>,
    order: {
      readonly sent: Readonly<Record<'orderId' | 'lenderId', string> & Record<string, unknown>>;
      readonly signed: readonly string[];
    },
  ): Promise<Static<Answer> | typeof NONE | Contradiction> {
    const { url, secret, timeoutMs, clock, fetch } = this.options;
    const { orderId, lenderId } = order.sent;
    const key = bankKeyOf(secret, lenderId);
    const at = clock.now().toISOString();
    const body = JSON.stringify({
      ...order.sent,
      at,
      signature: signedBy(key, at, ...order.signed),
    });
    try {
      const response = await inSpan('lender', { kind: 'client' }, () =>
        fetch(`${url.replaceAll('{lenderId}', lenderId)}/${path}`, {
          method: 'POST',
          body,
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          headers: { 'content-type': 'application/json', 'idempotency-key': orderId },
        }),
      );
      const text = await boundedText(response, ANSWER_BYTES_MAX);
      const isTheirs = isSignedBy(response.headers.get('caretab-signature'), key, orderId, text);
      if (!isTheirs || !response.ok) return NONE;
      const read: unknown = JSON.parse(text);
      return check.Check(read) ? read : contradiction('ANSWER_MALFORMED');
    } catch {
      return NONE;
    }
  }
}

const refused = (reason = 'LENDER_REFUSED') => ({ status: 'refused', reason }) as const;
