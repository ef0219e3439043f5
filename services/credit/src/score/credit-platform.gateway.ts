import { createHmac, timingSafeEqual } from 'node:crypto';
import { creditRoutes, flawsOf } from '@caretab/contracts';
import { boundedText } from '@caretab/host';
import type { Clock } from '@caretab/kernel';
import { inSpan } from '@caretab/telemetry';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { CreditPlatform, ScoreAnswer, ScoreQuestion } from './credit-platform';

export interface CreditPlatformOptions {
  readonly url: string;
  /** Signs questions and answers: HMAC-SHA256 in hex. */
  readonly secret: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
}

const ANSWER_BYTES_MAX = 16_384;
/** Its clock may be ahead of ours by so much. */
const AHEAD_MS = 60_000;
/** What is pulled is what would have been pushed. */
const Said = creditRoutes.score.body;
const saidCheck = TypeCompiler.Compile(Said);

const contradiction = (reason: string): ScoreAnswer => ({ status: 'contradiction', reason });

/**
 * The credit platform over HTTP: `POST <url>/scores` `{queryId, personId, at, signature}`, signed over
 * `at.queryId.personId`. The answer's header `caretab-signature` is over `queryId.body`. What is late,
 * cut off, too long or not signed is no answer; what is signed and cannot be is a contradiction.
 */
export class CreditPlatformGateway implements CreditPlatform {
  constructor(private readonly options: CreditPlatformOptions) {}

  async ask(question: ScoreQuestion): Promise<ScoreAnswer> {
    const { url, timeoutMs, clock, fetch } = this.options;
    const { queryId, personId } = question;
    const at = clock.now().toISOString();
    const signature = this.sign(at, queryId, personId);
    try {
      const response = await inSpan('credit platform', { kind: 'client' }, () =>
        fetch(`${url}/scores`, {
          method: 'POST',
          body: JSON.stringify({ queryId, personId, at, signature }),
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          headers: { 'content-type': 'application/json' },
        }),
      );
      const text = await boundedText(response, ANSWER_BYTES_MAX);
      const isOurs = this.isSigned(response.headers.get('caretab-signature'), queryId, text);
      if (!isOurs) return { status: 'no-answer' };
      if (response.status === 404) return { status: 'unknown' };
      return response.ok ? this.read(question, JSON.parse(text)) : { status: 'no-answer' };
    } catch {
      return { status: 'no-answer' };
    }
  }

  private read({ queryId, personId }: ScoreQuestion, body: unknown): ScoreAnswer {
    const { queryId: answers, personId: whose, ...said } = (body ?? {}) as Record<string, unknown>;
    if (answers !== queryId) return contradiction('QUERY_DIFFERS');
    if (whose !== personId) return contradiction('PERSON_DIFFERS');
    if (!saidCheck.Check(said) || flawsOf(Said, said).length > 0)
      return contradiction('SCORE_MALFORMED');
    const { scoredAt, expiresAt, ...rest } = said;
    const at = new Date(scoredAt);
    const until = expiresAt === undefined ? undefined : new Date(expiresAt);
    if (at.getTime() > this.options.clock.now().getTime() + AHEAD_MS)
      return contradiction('SCORED_IN_FUTURE');
    if (until && until <= at) return contradiction('EXPIRES_BEFORE_SCORED');
    return { status: 'scored', scored: { ...rest, scoredAt: at, expiresAt: until } };
  }

  private sign(...parts: readonly string[]): string {
    return createHmac('sha256', this.options.secret).update(parts.join('.')).digest('hex');
  }

  private isSigned(signature: string | null, queryId: string, text: string): boolean {
    const expected = this.sign(queryId, text);
    return (
      signature?.length === expected.length &&
      timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
    );
  }
}
