/** An answer over HTTP, whatever its status: a journey says itself what it expects. */
export interface Answer<Body = any> {
  readonly status: number;
  readonly body: Body;
  readonly text: string;
  /** Seconds; undefined when the answer does not ask to come again. */
  readonly retryAfter?: number | undefined;
}

const DEADLINE_MS = 30_000;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A page or metrics; `text` has it.
  }
};

/** The platform's HTTP API from outside. */
export class Api {
  /** Everything that was answered, for the journey that looks for personal data. */
  readonly answers: string[] = [];

  /** `serviceUrls`: where single services answer, if not all at `url`. */
  constructor(
    readonly url: string,
    private readonly serviceUrls: Readonly<Record<string, string>> = {},
  ) {}

  async ask<Body = any>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(`${this.serviceUrls[path.split('/')[1]!] ?? this.url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const text = await response.text();
    this.answers.push(text);
    const retryAfter = response.headers.get('retry-after');
    return {
      status: response.status,
      body: parsed(text) as Body,
      text,
      ...(retryAfter !== null && { retryAfter: Number(retryAfter) }),
    };
  }

  /** The body of a 2xx answer. Throws with the problem otherwise. */
  async done<Body = any>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Body> {
    const answer = await this.ask<Body>(method, path, body, headers);
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
    return answer.body;
  }

  get<Body = any>(path: string): Promise<Body> {
    return this.done('GET', path);
  }
}
