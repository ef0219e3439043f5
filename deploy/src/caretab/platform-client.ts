import type { Problem, Route, RouteAnswer } from '@caretab/contracts';

const TIMEOUT_MS = 30_000;

type Texts = Readonly<Record<string, string | undefined>>;
export interface Input {
  readonly params?: Texts;
  readonly query?: Texts;
  readonly body?: unknown;
  /** Id of the approval that another person gave to it. */
  readonly approval?: string | undefined;
}

/** What the platform refused, or why it could not be asked; for a person to read. */
export class Refused extends Error {
  /** Of the problem that was answered; absent where none was. */
  readonly code: string | undefined;

  constructor(message: string, { code, cause }: { readonly code?: string; cause?: unknown } = {}) {
    super(message, { cause });
    this.code = code;
  }
}

/** One address of a running platform, asked over HTTP. */
export class Platform {
  /** `credential`: a key or token of the one who asks; none for who asks without. */
  constructor(
    readonly url: string,
    private readonly credential: () => Promise<string | undefined>,
  ) {}

  /** Of the Authorization header field; none where no credential is known. */
  async authorization(): Promise<string | undefined> {
    const credential = await this.credential();
    return credential === undefined ? undefined : `Bearer ${credential}`;
  }

  /** The answer of a route. Throws Refused with the platform's reason and remedy. */
  async ask<R extends Route>(route: R, input: Input = {}): Promise<RouteAnswer<R>> {
    const answer = await this.send(route, input, AbortSignal.timeout(TIMEOUT_MS));
    if (answer.status === 204) return undefined as RouteAnswer<R>;
    return answer.json().catch((cause: unknown) => {
      throw new Refused(
        `the answer of ${this.url} is not JSON: is this the address of CareTab? Name it with --url.`,
        { cause },
      );
    }) as Promise<RouteAnswer<R>>;
  }

  /** The answer of a route that goes on for as long as the work does, one line of JSON at a time. */
  async *lines(route: Route, input: Input = {}): AsyncGenerator<unknown> {
    const { body } = await this.send(route, input);
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of body ?? []) {
      const texts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = texts.pop() ?? '';
      for (const text of texts) if (text !== '') yield JSON.parse(text);
    }
    if (rest !== '') yield JSON.parse(rest);
  }

  private async send(route: Route, input: Input, signal?: AbortSignal): Promise<Response> {
    const target = new URL(pathOf(route, input.params ?? {}), this.url);
    for (const [name, value] of Object.entries(input.query ?? {}))
      if (value !== undefined) target.searchParams.set(name, value);
    const authorization = await this.authorization();
    let answer: Response;
    try {
      answer = await fetch(target, {
        method: route.method,
        headers: {
          ...(authorization !== undefined && { authorization }),
          ...(input.body !== undefined && { 'content-type': 'application/json' }),
          ...(input.approval !== undefined && { approval: input.approval }),
        },
        ...(input.body !== undefined && { body: JSON.stringify(input.body) }),
        ...(signal && { signal }),
      });
    } catch (error) {
      throw new Refused(
        `no answer from ${this.url}: ${reasonOf(error)}. Is the platform up? Name its address with --url.`,
        { cause: error },
      );
    }
    if (!answer.ok) throw await refusalOf(answer);
    return answer;
  }
}

const pathOf = ({ path }: Route, params: Texts): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `timeout after ${TIMEOUT_MS} ms`;
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
};

/** A problem document as text: status, code, and each field at fault with its remedy. */
const refusalOf = async (answer: Response): Promise<Refused> => {
  const text = await answer.text();
  try {
    const { title, code, details } = JSON.parse(text) as Problem;
    const faults = details.map(({ field, why, remedy, value }) =>
      [field, why, remedy, value === undefined ? undefined : JSON.stringify(value)]
        .filter((part) => part)
        .join(': '),
    );
    const lines = [`refused with ${answer.status} ${code}: ${title}`, ...faults];
    return new Refused(lines.join('\n  '), { code });
  } catch {
    return new Refused(`refused with ${answer.status}: ${text.slice(0, 500)}`);
  }
};
