import { Agent, request } from 'node:http';

/** An HTTP answer, as far as the bench looks at it. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Callers of one service, each on a connection of its own that it keeps. */
export class Callers {
  private readonly agent: Agent;
  private readonly address: URL;
  /** Milliseconds of each answer of the steady part. */
  private times: number[] = [];

  constructor(
    url: string,
    /** Of the gateway in a hospital's place. */
    private readonly authorization: () => string,
    readonly count: number,
  ) {
    this.address = new URL(url);
    this.agent = new Agent({ keepAlive: true, maxSockets: count });
  }

  /** Answers since the last look. */
  taken(): Float64Array {
    return Float64Array.from(this.times.splice(0));
  }

  /** Each caller sends its next request when it has the answer to its last, until `stop`. */
  async call(stop: AbortSignal, one: (post: Post) => Promise<void>): Promise<void> {
    await Promise.all(
      Array.from({ length: this.count }, async () => {
        while (!stop.aborted) {
          const startedAtMs = performance.now();
          await one((path, body) => this.post(path, body));
          this.times.push(performance.now() - startedAtMs);
        }
      }),
    );
    this.agent.destroy();
  }

  private post(path: string, body: unknown): Promise<Answer> {
    const text = JSON.stringify(body);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      // The gateway resolves; who registers sends no key and is the operator.
      ...(path.endsWith('/resolve') && { authorization: this.authorization() }),
    };
    const { hostname: host, port } = this.address;
    return new Promise((resolve, reject) => {
      request({ agent: this.agent, host, port, path, method: 'POST', headers })
        .on('response', (answer) => {
          let read = '';
          answer
            .setEncoding('utf8')
            .on('data', (chunk: string) => (read += chunk))
            .on('end', () => resolve({ status: answer.statusCode!, body: read }))
            .on('error', reject);
        })
        .on('error', reject)
        .end(text);
    });
  }
}

export type Post = (path: string, body: unknown) => Promise<Answer>;
