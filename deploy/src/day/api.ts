/** An HTTP answer that was not 2xx; the message names the request and the problem's code, never a body. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, what: string) {
    super(`${what} answered ${status} ${code}`);
    this.name = 'ApiError';
  }
}

const DEADLINE_MS = 30_000;

/** The platform's HTTP API, as the sample day's players use it. `url` is one origin for all services, or one per service. */
export class Api {
  constructor(
    private readonly urlOf: (service: string) => string,
    private readonly operatorKey?: string | undefined,
  ) {}

  get<Answer>(path: string): Promise<Answer> {
    return this.call('GET', path);
  }

  put<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.call('PUT', path, body);
  }

  post<Answer>(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.call('POST', path, body, headers);
  }

  private async call<Answer>(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const service = path.startsWith('/v1/') ? 'gateway' : path.split('/')[1]!;
    const response = await fetch(`${this.urlOf(service)}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(this.operatorKey && { authorization: `Bearer ${this.operatorKey}` }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const text = await response.text();
    const answer = text === '' ? undefined : (JSON.parse(text) as unknown);
    if (!response.ok) throw new ApiError(response.status, (answer as { code?: string } | undefined)?.code ?? '', `${method} ${path.split('?')[0]!.replace(/\/p-[0-9a-f-]+/, '/:personId')}`);
    return answer as Answer;
  }
}

/** Runs `work` over items, at most `concurrency` at once, in the items' order of starting. */
export const each = async <Item>(items: readonly Item[], concurrency: number, work: (item: Item) => Promise<unknown>): Promise<void> => {
  const queue = items.values();
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (const item of queue) await work(item);
  }));
};
