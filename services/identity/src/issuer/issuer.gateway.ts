import { createHmac, timingSafeEqual } from 'node:crypto';
import { boundedText } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import { inSpan } from '@caretab/telemetry';
import { Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { CredentialDecoder, Decoded, DecodeQuestion } from './credential-decoder';
import type { Issuer } from './issuers';

const ANSWER_BYTES_MAX = 4_096;
const Said = Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()]));
const ANSWER = TypeCompiler.Compile(
  Type.Object({
    requestId: Type.String(),
    outcome: Type.Union(
      (['decoded', 'unknown', 'expired', 'used', 'other-institution'] as const).map((one) =>
        Type.Literal(one),
      ),
    ),
    ...{ name: Said, idNumber: Said, insuranceNumber: Said, holderId: Said },
  }),
);

/**
 * Issuers over HTTP: `POST <url>/decode`, signed over `at.requestId.kind.institutionId.token`. The answer
 * is signed over `requestId.<its text>` in `caretab-signature`. What is late, too long, of another
 * question or not signed by the issuer's key is no answer.
 */
export class IssuerGateway implements CredentialDecoder {
  constructor(
    private readonly options: {
      readonly issuers: readonly Issuer[];
      readonly clock: Clock;
      readonly fetch: typeof globalThis.fetch;
    },
  ) {}

  async decode(question: DecodeQuestion): Promise<Decoded> {
    const issuer = this.options.issuers.find(({ kinds }) => kinds.includes(question.kind));
    if (!issuer) return { outcome: 'unset' };
    try {
      return await this.asked(issuer, question);
    } catch {
      return { outcome: 'silent' };
    }
  }

  private async asked(issuer: Issuer, question: DecodeQuestion): Promise<Decoded> {
    const { clock, fetch } = this.options;
    const { requestId, kind, institutionId, token } = question;
    const at = clock.now().toISOString();
    const signature = signed(issuer.key, at, requestId, kind, institutionId, token);
    const response = await inSpan(`issuer ${issuer.issuer}`, { kind: 'client' }, () =>
      fetch(`${issuer.url}/decode`, {
        method: 'POST',
        body: JSON.stringify({ ...{ requestId, kind, institutionId, token }, at, signature }),
        redirect: 'manual',
        signal: AbortSignal.timeout(issuer.timeoutMs),
        headers: { 'content-type': 'application/json' },
      }),
    );
    const text = await boundedText(response, ANSWER_BYTES_MAX);
    const by = response.headers.get('caretab-signature') ?? '';
    if (!response.ok || !isSame(by, signed(issuer.key, requestId, text)))
      return { outcome: 'silent' };
    const answer: unknown = JSON.parse(text);
    if (!ANSWER.Check(answer) || answer.requestId !== requestId) return { outcome: 'silent' };
    if (answer.outcome !== 'decoded') return { outcome: answer.outcome };
    const { insuranceAuthority, cardAuthority } = issuer;
    return {
      outcome: 'decoded',
      holder: {
        name: answer.name ?? undefined,
        idNumber: answer.idNumber ?? undefined,
        insuranceNumber: answer.insuranceNumber ?? undefined,
        holderId: answer.holderId ?? undefined,
      },
      domains: {
        ...(insuranceAuthority !== undefined && { insuranceAuthority }),
        ...(cardAuthority !== undefined && { cardAuthority }),
      },
    };
  }
}

const signed = (key: string, ...parts: readonly string[]): string =>
  createHmac('sha256', key).update(parts.join('.')).digest('hex');

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
