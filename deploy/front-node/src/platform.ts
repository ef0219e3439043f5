import { assert } from '@caretab/kernel';
import { problemCodeOf } from './refusal';
import type { Answer } from './state';

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `away`: no answer of the platform, or one that says to come again; nothing is known of the question. */
export type Said =
  | ({ readonly outcome: 'answered' } & Answer)
  /** Nothing is known of this question alone: what else is asked may be answered. */
  | ({ readonly outcome: 'held'; readonly why: string } & Answer)
  | { readonly outcome: 'away'; readonly why: string; readonly retryAfterMs?: number };

export interface PlatformOptions {
  readonly url: string;
  readonly identityUrl: string;
  readonly key: string;
  readonly timeoutMs?: number;
  readonly now: () => number;
}

const TIMEOUT_MS = 8_000;
const ANSWER_CHARS_MAX = 8_000_000;
const RETRY_AFTER_S_MAX = 600;
/** Not the message is refused then, but the node: its key ended. */
const OF_THE_KEY = 'UNAUTHENTICATED';
/** What is asked alone: it failed, an issuer is away, or the key of the node is for something else. */
const OF_THE_QUESTION: readonly string[] = ['CODE_ISSUER_UNAVAILABLE', 'ACCESS_FORBIDDEN'];
const AGAIN: readonly number[] = [408, 425, 429];

/** The platform over HTTP, with the institution's key; knows when it answered last. */
export class PlatformClient {
  private answeredAtMs: number | undefined;
  private awaySinceMs: number | undefined;
  private why: string | undefined;

  constructor(private readonly options: PlatformOptions) {}

  get standing(): { readonly isThere: boolean; readonly sinceMs?: number; readonly why?: string } {
    const isThere = this.awaySinceMs === undefined && this.answeredAtMs !== undefined;
    const sinceMs = isThere ? this.answeredAtMs : this.awaySinceMs;
    return {
      isThere,
      ...(sinceMs !== undefined && { sinceMs }),
      ...(this.why !== undefined && { why: this.why }),
    };
  }

  async ask({ method, path, body, headers = {} }: Question): Promise<Said> {
    const { url, identityUrl, key, timeoutMs = TIMEOUT_MS } = this.options;
    const base = path.startsWith('/identity/') ? identityUrl : url;
    const target = new URL(path, base);
    assert(target.origin === new URL(base).origin, 'the platform alone gets the institution’s key');
    try {
      const response = await fetch(target, {
        method,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (text.length > ANSWER_CHARS_MAX) return this.away('an answer that is too long');
      return this.read(response, text);
    } catch (error) {
      return this.away(error instanceof SyntaxError ? 'an answer that is no JSON' : 'no answer');
    }
  }

  private read({ status, headers }: Response, text: string): Said {
    const body: unknown = text === '' ? null : JSON.parse(text);
    const code = problemCodeOf({ status, body });
    if (code !== undefined && (status === 500 || OF_THE_QUESTION.includes(code)))
      return { outcome: 'held', why: `${status} ${code}`, status, body };
    if (status >= 500 || AGAIN.includes(status)) {
      const seconds = Number(headers.get('retry-after') ?? Number.NaN);
      const isSaid = seconds >= 0 && seconds <= RETRY_AFTER_S_MAX;
      return this.away(`${status} ${code ?? ''}`.trim(), isSaid ? seconds * 1_000 : undefined);
    }
    const isOk = status >= 200 && status < 300;
    if (!isOk && (code === undefined || code === OF_THE_KEY))
      return this.away(`${status} ${code ?? 'from something else than the platform'}`);
    this.answeredAtMs = this.options.now();
    this.awaySinceMs = undefined;
    this.why = undefined;
    return { outcome: 'answered', status, body };
  }

  private away(why: string, retryAfterMs?: number): Said {
    this.awaySinceMs ??= this.options.now();
    this.why = why;
    return { outcome: 'away', why, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
}
