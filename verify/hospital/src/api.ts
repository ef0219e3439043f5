import { type Answer as Answered, ask, type Question } from './ask';
import { patiently, retryAfterMs, Unavailable } from './patience';
import { approvalIdOf, SecondPeople } from './second-people';

/**
 * An HTTP answer that was not 2xx; the message names the request and the problem's code, never a
 * body.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    what: string,
    /** Of APPROVAL_NEEDED. */
    readonly approvalId?: string,
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
  private second: Promise<SecondPeople> | undefined;

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

  /**
   * What needs two persons: the second one is registered when the first such request comes. An approval
   * whose request got no answer may have been used: then there is another.
   */
  async postByTwo<Answer>(path: string, body: unknown): Promise<Answer> {
    let approval: string | undefined;
    for (;;)
      try {
        return await this.post<Answer>(path, body, approval === undefined ? {} : { approval });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code !== 'APPROVAL_NEEDED' && error.code !== 'APPROVAL_USED') throw error;
        approval = error.approvalId;
        if (approval === undefined) continue;
        await (await this.secondPeople()).give(path.split('/')[1]!, approval);
      }
  }

  private secondPeople(): Promise<SecondPeople> {
    const key = this.operatorKey;
    return (this.second ??= SecondPeople.register(
      (method, path, body, authorization) =>
        patiently(() =>
          this.answerOf(this.nextUrl(path), {
            ...{ method, path, body },
            headers: authorization === undefined ? {} : { authorization },
          }),
        ),
      key && `Bearer ${key}`,
    ));
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
    return patiently(() => this.ask<Answer>(this.nextUrl(question.path), question));
  }

  private nextUrl(path: string): string {
    const urls = this.urlsFor(path);
    return urls[(this.turn += 1) % urls.length]!;
  }

  private urlsFor(path: string): readonly string[] {
    const [, service = ''] = path.split('/');
    return this.urlsOf(['v1', 'health', 'metrics', 'docs'].includes(service) ? 'gateway' : service);
  }

  /** Throws Unavailable without an answer, or for 503 and 429; ApiError for every other refusal. */
  private async ask<Body>(url: string, question: Question): Promise<Body> {
    const key = this.operatorKey;
    const answer = await this.answerOf<Body & { readonly code?: string }>(url, {
      ...question,
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...question.headers },
    });
    const { status, body } = answer;
    if (status >= 200 && status < 300) return body;
    throw new ApiError(status, body?.code ?? '', named(question), approvalIdOf(answer));
  }

  /** Throws Unavailable without an answer, or for 503 and 429. */
  private async answerOf<Body>(url: string, question: Question): Promise<Answered<Body>> {
    const answer = await ask<Body>(url, question).catch((cause: unknown) => {
      throw new Unavailable(`no answer to ${named(question)} from ${url}`, { cause });
    });
    const { status, retryAfter } = answer;
    if (!LATER.includes(status)) return answer;
    const { code = '' } = (answer.body ?? {}) as { readonly code?: string };
    const cause = new ApiError(status, code, named(question));
    throw new Unavailable(cause.message, { cause, waitMs: retryAfterMs(retryAfter) });
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
