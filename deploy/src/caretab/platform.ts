import type { Problem, Route, RouteAnswer } from '@caretab/contracts';
import type { CommandLine } from '@caretab/command-line';
import { operatorKeyFor } from './operator-key';

const DEFAULT_URL = 'http://127.0.0.1:8080';
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
export class Refused extends Error {}

/** One address of a running platform, asked over HTTP as an operator. */
export class Platform {
  /** Of the Authorization header field; none where no key is known. */
  readonly authorization: string | undefined;

  constructor(
    readonly url: string,
    key: string | undefined,
  ) {
    this.authorization = key && `Bearer ${key}`;
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
    let answer: Response;
    try {
      answer = await fetch(target, {
        method: route.method,
        headers: {
          ...(this.authorization && { authorization: this.authorization }),
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
    if (!answer.ok) throw new Refused(await refusalOf(answer));
    return answer;
  }
}

/** Options of every command that asks a running platform. */
export const addressOptions = ['--url'] as const;
export const addressHelp = `  --url URL      address of the platform, or of one service
                 (default ${DEFAULT_URL}, or CARETAB_URL)
  OPERATOR_KEY   environment variable with the operators' key; of a platform on
                 this machine it is read from its data folder (CARETAB_DATA)`;

/** Of commands that need two persons: the first time without it, and then with the id that is named. */
export const approvalOptions = ['--approval'] as const;
export const approvalHelp = `  --approval ID  the approval that another person gave to this very command; without
                 it one is asked for (caretab approvals)`;

/** Every address that the command line names, else the one of the environment or the default. */
export const platformsOf = (given: CommandLine): readonly Platform[] => {
  const urls = given.all('--url');
  const asked = urls.length > 0 ? urls : [process.env['CARETAB_URL'] ?? DEFAULT_URL];
  for (const url of asked)
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw given.wrong(`--url takes an address such as ${DEFAULT_URL}, not ${url}`);
  return asked.map((url) => new Platform(url, operatorKeyFor(url)));
};

/** The platform that the command line names; with several addresses, the last. */
export const platformOf = (given: CommandLine): Platform => platformsOf(given).at(-1)!;

const pathOf = ({ path }: Route, params: Texts): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `timeout after ${TIMEOUT_MS} ms`;
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
};

/** A problem document as text: status, code, and each field at fault with its remedy. */
const refusalOf = async (answer: Response): Promise<string> => {
  const text = await answer.text();
  try {
    const { title, code, details } = JSON.parse(text) as Problem;
    const faults = details.map(({ field, why, remedy, value }) =>
      [field, why, remedy, value === undefined ? undefined : JSON.stringify(value)]
        .filter((part) => part)
        .join(': '),
    );
    return [`refused with ${answer.status} ${code}: ${title}`, ...faults].join('\n  ');
  } catch {
    return `refused with ${answer.status}: ${text.slice(0, 500)}`;
  }
};
