import type { ServiceTokens, Subject } from '@caretab/access';
import { DomainError, type Timers } from '@caretab/kernel';
import { boundedText } from './bounded-text';
import { visitHeaders } from '@caretab/telemetry';

export interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** In whose place it is asked; absent: for the asking service itself. */
  readonly carried?: Subject | undefined;
  /** Codes of problems that are the answer, though they say that something is away. */
  readonly passedOn?: readonly string[] | undefined;
  /** How long the asked service waits itself for someone outside: so much longer is it waited for. */
  readonly outsideMs?: number | undefined;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export interface AskOptions {
  /** `http://host:port`. */
  readonly url: string;
  /** The name of the service that answers there. */
  readonly asked: string;
  /** By which the asking service says who it is. */
  readonly tokens: ServiceTokens;
  readonly timers: Timers;
  /** Default: the machine's own. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** For one attempt. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 2_000;
/** The history of a visit with five thousand charges is a tenth of it. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024;
const ATTEMPTS_MAX = 3;
const PAUSE_MS = 50;
const TOO_MANY = 429;
/** The other side was not reached, so asking again cannot do anything twice. */
const NOT_REACHED = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Our caller gets the `Retry-After` that we got. */
const comeAgain = ({ headers }: Response): { readonly retryAfterSeconds?: number } => {
  const seconds = headers.get('retry-after') ?? '';
  return /^\d{1,4}$/.test(seconds) ? { retryAfterSeconds: Number(seconds) } : {};
};

const causeCode = (error: unknown): string =>
  String(((error as { cause?: { code?: unknown } }).cause ?? {}).code ?? '');

const isPassedOn = ({ passedOn = [] }: Question, text: string): boolean => {
  if (passedOn.length === 0) return false;
  try {
    return passedOn.includes((JSON.parse(text) as { readonly code?: string } | null)?.code ?? '');
  } catch {
    return false;
  }
};

/**
 * Asks another service of the platform. A connection that fails is tried twice more; an answer that
 * does not come within the deadline is not waited for. Throws what `unavailable` makes for both, and
 * for an answer of 500 or above or 429.
 */
export const ask = async (
  { url, asked, tokens, timers, fetch = globalThis.fetch, deadlineMs = DEADLINE_MS }: AskOptions,
  question: Question,
  unavailable: (details: DomainError['details']) => DomainError,
): Promise<Reply> => {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(new URL(question.path, url), {
        method: question.method,
        headers: {
          ...visitHeaders(),
          authorization: tokens.authorization(asked, question.carried),
          ...(question.body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(question.body !== undefined && { body: JSON.stringify(question.body) }),
        signal: AbortSignal.timeout(deadlineMs + (question.outsideMs ?? 0)),
      });
      const text = await boundedText(response, ANSWER_BYTES_MAX);
      const isAway = response.status >= 500 || response.status === TOO_MANY;
      if (isAway && !isPassedOn(question, text))
        throw unavailable({
          answered: response.status,
          remedy: 'try again later',
          ...comeAgain(response),
        });
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
    } catch (error) {
      if (error instanceof DomainError) throw error;
      if (attempt === ATTEMPTS_MAX || !NOT_REACHED.has(causeCode(error)))
        throw unavailable({
          why: 'it does not answer',
          remedy: 'try again later',
        });
      await timers.sleep(PAUSE_MS * attempt);
    }
  }
};
