import { ask, type Question } from './ask';
import { patiently, retryAfterMs, Unavailable } from './patience';

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

/** Nothing was done: the same may be asked again. */
const LATER: readonly number[] = [429, 503];

const named = ({ method, path }: Question): string =>
  `${method} ${path.split('?')[0]!.replace(/\/p-[0-9a-f-]+/, '/:personId')}`;

/**
 * The platform's HTTP API for callers whose requests are all idempotent: it retries while a service
 * is away, and asks its replicas in turn.
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

  /** What each replica answers, at once and without retries. */
  async getFromEach<Answer>(path: string): Promise<PromiseSettledResult<Answer>[]> {
    return Promise.allSettled(
      this.urlsFor(path).map((url) => this.ask<Answer>(url, { method: 'GET', path })),
    );
  }

  /** The URL of a path at the first replica, for people. */
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

  /** Throws Unavailable without an answer, or for 503 and 429; ApiError for every other refusal. */
  private async ask<Answer>(url: string, question: Question): Promise<Answer> {
    const { status, body, retryAfter } = await ask<Answer & { readonly code?: string }>(url, {
      ...question,
      headers: {
        ...(this.operatorKey && { authorization: `Bearer ${this.operatorKey}` }),
        ...question.headers,
      },
    }).catch((cause: unknown) => {
      throw new Unavailable(`no answer to ${named(question)} from ${url}`, { cause });
    });
    if (status >= 200 && status < 300) return body;
    const error = new ApiError(status, body?.code ?? '', named(question));
    throw LATER.includes(status)
      ? new Unavailable(error.message, { cause: error, waitMs: retryAfterMs(retryAfter) })
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
