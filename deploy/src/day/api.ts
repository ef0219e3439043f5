import { NotNow, patiently, retryAfterMs } from './patience';

/**
 * An HTTP answer that was not 2xx; the message names the request and the problem's code, never a
 * body.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    what: string,
  ) {
    super(`${what} answered ${status} ${code}`);
    this.name = 'ApiError';
  }
}

const DEADLINE_MS = 30_000;
/** Nothing was done, and the same again will do. */
const LATER: readonly number[] = [429, 503];

interface Question {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const named = ({ method, path }: Question): string =>
  `${method} ${path.split('?')[0]!.replace(/\/p-[0-9a-f-]+/, '/:personId')}`;

/**
 * The platform's HTTP API, as the sample day's players use it. Everything they ask may be asked
 * again, so a service that is not there is waited for; its replicas are asked in turns.
 */
export class Api {
  private turn = 0;

  /** `urlsOf`: where each replica of a service answers; one origin may serve them all. */
  constructor(
    private readonly urlsOf: (service: string) => readonly string[],
    private readonly operatorKey?: string | undefined,
  ) {}

  get<Answer>(path: string): Promise<Answer> {
    return this.call({ method: 'GET', path });
  }

  put<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.call({ method: 'PUT', path, body });
  }

  post<Answer>(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.call({ method: 'POST', path, body, headers });
  }

  /** What each replica answers, at once and without waiting for one that is not there. */
  async getFromEach<Answer>(path: string): Promise<PromiseSettledResult<Answer>[]> {
    return Promise.allSettled(
      this.urlsFor(path).map((url) => this.ask<Answer>(url, { method: 'GET', path })),
    );
  }

  /** Where a path is answered, for people: by the first replica. */
  urlOf(path: string): string {
    return `${this.urlsFor(path)[0]!}${path}`;
  }

  private call<Answer>(question: Question): Promise<Answer> {
    const urls = this.urlsFor(question.path);
    return patiently(() => this.ask<Answer>(urls[(this.turn += 1) % urls.length]!, question));
  }

  private urlsFor(path: string): readonly string[] {
    const [, service = ''] = path.split('/');
    return this.urlsOf(['v1', 'health', 'metrics', 'docs'].includes(service) ? 'gateway' : service);
  }

  /**
   * Throws NotNow without an answer, or when it is 503 or 429; ApiError for every other refusal.
   */
  private async ask<Answer>(url: string, question: Question): Promise<Answer> {
    const { method, path, body, headers } = question;
    const init: RequestInit = {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.operatorKey && { authorization: `Bearer ${this.operatorKey}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    };
    const answered = await fetch(`${url}${path}`, init)
      .then(async (response) => ({ response, text: await response.text() }))
      .catch((cause: unknown) => {
        throw new NotNow(`${named(question)} is not answered by ${url}`, { cause });
      });
    const { response, text } = answered;
    const answer = text === '' ? undefined : (JSON.parse(text) as unknown);
    if (response.ok) return answer as Answer;
    const error = new ApiError(
      response.status,
      (answer as { code?: string } | undefined)?.code ?? '',
      named(question),
    );
    throw LATER.includes(response.status)
      ? new NotNow(error.message, {
          cause: error,
          waitMs: retryAfterMs(response.headers.get('retry-after')),
        })
      : error;
  }
}

/** Runs `work` over items, at most `concurrency` at once, in the items' order of starting. */
export const each = async <Item>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> => {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const item of queue) await work(item);
    }),
  );
};
