import { approvalIdOf, ask, type Answer, SecondPeople, type SignedIn } from '@caretab/hospital';

export type { Answer };

/** The platform's HTTP API from outside: an answer whatever its status. */
export class Api {
  /** Every text that was answered, for the journey that looks for personal data in them. */
  readonly answers: string[] = [];
  private second: Promise<SecondPeople> | undefined;

  /**
   * `serviceUrls`: where single services answer, if not all at `url`. Asks as the operator where no
   * other is named.
   */
  constructor(
    readonly url: string,
    private readonly serviceUrls: Readonly<Record<string, string>> = {},
    private readonly operatorKey?: string,
    /** Who approves what the operator asks for; where it is left out, they are registered when needed. */
    private readonly people?: readonly SignedIn[],
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

  /**
   * The answer to what needs two persons: the operator asks for it, another approves, the operator asks
   * again. What needs no approval is answered at once.
   */
  async approved<Body = any>(method: string, path: string, body?: unknown): Promise<Answer<Body>> {
    const answer = await this.ask<Body>(method, path, body);
    const approval = approvalIdOf(answer as Answer);
    if (approval === undefined) return answer;
    await (await this.secondPeople()).give(path.split('/')[1]!, approval);
    return this.ask<Body>(method, path, body, { approval });
  }

  /** The body of a 2xx answer to what needs two persons. Throws with the problem otherwise. */
  async doneByTwo<Body = any>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.approved<Body>(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
    return answer.body;
  }

  /** Other persons than the operator, each signed in with a second factor. */
  secondPeople(): Promise<SecondPeople> {
    const as = (method: string, path: string, body: unknown, authorization: string | undefined) =>
      this.askAs(authorization === undefined ? {} : { authorization }, method, path, body);
    return (this.second ??= this.people
      ? Promise.resolve(new SecondPeople(as, this.people))
      : SecondPeople.register(as, this.operatorKey && `Bearer ${this.operatorKey}`));
  }

  get<Body = any>(path: string): Promise<Body> {
    return this.done('GET', path);
  }
}
