/** An answer over HTTP, whatever its status. */
export interface Answer<Body = any> {
  readonly status: number;
  /** The JSON of the answer; undefined when it is none (`text` has it). */
  readonly body: Body;
  readonly text: string;
  /** `Retry-After` as it was sent; null without one. */
  readonly retryAfter: string | null;
}

export interface Question {
  readonly method: string;
  readonly path: string;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const ANSWER_TIMEOUT_MS = 30_000;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A page, or metrics.
  }
};

/** Asks once. Rejects when no answer came: no connection, or none in time. */
export const ask = async <Body = any>(
  url: string,
  { method, path, body, headers }: Question,
  timeoutMs = ANSWER_TIMEOUT_MS,
): Promise<Answer<Body>> => {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: parsed(text) as Body,
    text,
    retryAfter: response.headers.get('retry-after'),
  };
};
