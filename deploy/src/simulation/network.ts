import type { Reply, Request } from './controller-door';
import type { Machine } from './machine';
import type { World } from './world';

/** A caller gives up after so long. */
const PATIENCE_MS = 2_500;

/** HTTP between processes, and to the outside: requests and answers get lost, and whoever is asked may die of it. */
export class Network {
  constructor(private readonly world: World) {}

  /** Asks a process of a service. Rejects when nobody listens or when the one asked dies. */
  async request(service: string, request: Request): Promise<Reply> {
    const target = this.world.running(service);
    if (!target) throw refused();
    return new Promise((resolve, reject) => {
      const forget = target.machine.onDeath(() => reject(broken()));
      void target.instance.door.handle(request).then((reply) => {
        if (!target.machine.alive) return;
        forget();
        resolve(reply);
      });
    });
  }

  /** What a machine uses as `fetch`. */
  fetchOf(machine: Machine): typeof fetch {
    return (async (input: unknown, init: RequestInit = {}) => {
      const url = new URL(String(input));
      const request = {
        method: (init.method ?? 'GET') as Request['method'], path: url.pathname + url.search, headers: (init.headers ?? {}) as Record<string, string>,
        body: typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
      };
      const what = `asks ${url.host} ${request.method} ${request.path}`;
      await machine.risky(what).catch(() => Promise.reject(refused()));
      const reply = await this.answer(url.host, request);
      if (reply === 'silence') {
        await machine.sleep(PATIENCE_MS);
        throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      }
      await machine.risky(`${what}: answer ${reply.status}`, 'answerLost').catch(() => Promise.reject(broken()));
      const text = JSON.stringify(reply.body);
      return { status: reply.status, ok: reply.status < 300, text: async () => text, json: async () => JSON.parse(text) as unknown, arrayBuffer: async () => new ArrayBuffer(0) };
    }) as unknown as typeof fetch;
  }

  /** What a machine uses in the place of SMTP. */
  async mail(machine: Machine, { messageId }: { readonly messageId: string }): Promise<void> {
    await machine.risky('mails').catch(() => Promise.reject(Object.assign(new Error('refused'), { syscall: 'connect' })));
    this.world.delivered.push({ to: 'mail', noticeId: messageId });
    await machine.risky('mails: answer', 'answerLost');
  }

  private answer(host: string, request: Request): Promise<Reply | 'silence'> {
    if (host === 'acquirer') return Promise.resolve(this.world.acquirer.answer(request));
    if (host === 'webhooks') return Promise.resolve(this.webhook(request));
    return this.request(host, request);
  }

  private webhook({ path, headers }: Request): Reply {
    this.world.delivered.push({ to: path, noticeId: headers?.['caretab-notice-id'] ?? '' });
    return { status: 200, body: null };
  }
}

const failed = (code: string): TypeError => new TypeError('fetch failed', { cause: { code } });
const refused = (): TypeError => failed('ECONNREFUSED');
const broken = (): TypeError => failed('ECONNRESET');
