import { ask, type Answer } from '@caretab/hospital';

export type { Answer };

/** The platform's HTTP API from outside: an answer whatever its status. */
export class Api {
  /** Every text that was answered, for the journey that looks for personal data in them. */
  readonly answers: string[] = [];

  /**
   * `serviceUrls`: where single services answer, if not all at `url`. Asks as the operator where no
   * other is named.
   */
  constructor(
    readonly url: string,
    private readonly serviceUrls: Readonly<Record<string, string>> = {},
    private readonly operatorKey?: string,
  ) {}

  async ask<Body = any>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer<Body>> {
    const own = { ...(this.operatorKey && { authorization: `Bearer ${this.operatorKey}` }) };
    return this.askAs({ ...own, ...headers }, method, path, body);
  }

  /** With these header fields alone. */
  async askAs<Body = any>(
    headers: Readonly<Record<string, string>>,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<Body>> {
    const url = this.serviceUrls[path.split('/')[1]!] ?? this.url;
    const answer = await ask<Body>(url, { method, path, body, headers });
    this.answers.push(answer.text);
    return answer;
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
