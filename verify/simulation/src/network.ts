import type { Random } from '@caretab/doubles';
import type { NotificationPorts } from '@caretab/notification';
import type { Reply, Request } from './controller-door';
import type { Faults } from './faults';
import type { Instance } from './instance';
import type { LenderTwin } from './lender-twin';
import type { Machine } from './machine';
import { KEY_REJECTED, type Outages } from './outages';
import type { AcquirerTwin } from './outside-twins';
import type { Scheduler } from './scheduler';
import { Violation } from './violation';

/** A process that answers now, and the machine it runs on. */
export interface Running {
  readonly instance: Instance;
  readonly machine: Machine;
}

/**
 * What arrived: a `mail`, an `sms`, or a webhook by the path it came to; its words, or its body.
 */
export interface Delivered {
  readonly to: string;
  readonly noticeId: string;
  readonly body: unknown;
  /** Of a mail or an SMS: whom it was for. */
  readonly address?: string;
}

/** What lies between processes, and at the network's ends. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly chance: Random;
  readonly outages: Outages;
  readonly acquirer: AcquirerTwin;
  /** A bank that lends, where one does. */
  readonly lender: LenderTwin | undefined;
  readonly isStorming: boolean;
  /** A violation that a party observed. */
  found: Violation | undefined;
  /** Mails, SMS and webhooks that arrived. */
  readonly delivered: Delivered[];
  /** The hospital whose webhook receiver is away. */
  readonly receiverAway: string | undefined;
  running(service: string): Running | undefined;
}

/** A caller gives up after so long. */
const PATIENCE_MS = 2_500;
/**
 * A request that comes again does so within this; one that comes late needs at least the caller's
 * patience.
 */
const AGAIN_TIMEOUT_MS = 6_000;
const LATE_TIMEOUT_MS = 15_000;
/** A call lasts as long as so many statements, so that more can happen to the caller meanwhile. */
const STATEMENTS_OF_A_CALL = 12;

/**
 * HTTP between processes, and to the outside: requests and answers get lost, come late or twice,
 * and a server may die of one.
 */
export class Network {
  constructor(private readonly world: Surroundings) {}

  /** Asks a process of a service. Rejects when no process listens, or when it dies. */
  async request(service: string, request: Request): Promise<Reply> {
    const { world } = this;
    const again = world.faults.strikes('askedTwice', service, `${request.method} ${request.path}`);
    if (again)
      world.scheduler.after(
        world.chance.integer(1, AGAIN_TIMEOUT_MS),
        `${request.method} ${request.path} comes again to ${service}`,
        () => void this.ask(service, request).catch(() => undefined),
      );
    return this.ask(service, request);
  }

  /** Has a process of a service do something. Rejects as `request`. */
  async within<Result>(
    service: string,
    work: (target: Running) => Promise<Result>,
  ): Promise<Result> {
    const target = this.world.running(service);
    if (!target) throw refused();
    return new Promise((resolve, reject) => {
      const forget = target.machine.onDeath(() => reject(broken()));
      const outcome = target.machine.awake().then(() => work(target));
      const end = (): void => {
        if (!target.machine.alive) return;
        forget();
        resolve(outcome);
      };
      outcome.then(end, end);
    });
  }

  /** What a machine uses as `fetch`. */
  fetchOf(machine: Machine): typeof fetch {
    return (async (input: unknown, init: RequestInit = {}) => {
      const url = new URL(String(input));
      const request = {
        method: (init.method ?? 'GET') as Request['method'],
        path: url.pathname + url.search,
        headers: (init.headers ?? {}) as Record<string, string>,
        body: typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
      };
      const what = `asks ${url.host} ${request.method} ${request.path}`;
      await machine.risky(what).catch(() => Promise.reject(refused()));
      for (let times = 0; times < STATEMENTS_OF_A_CALL; times += 1)
        await machine.point(`waits: ${what}`);
      const reply = await this.inTime(machine, url.host, request, what);
      await machine
        .risky(`${what}: answer ${reply.status}`, 'answerLost')
        .catch(() => Promise.reject(broken()));
      const text = JSON.stringify(reply.body);
      return {
        status: reply.status,
        ok: reply.status < 300,
        headers: new Headers(reply.headers),
        body: bodyOf(text),
        text: async () => text,
        json: async () => JSON.parse(text) as unknown,
        arrayBuffer: async () => new ArrayBuffer(0),
      };
    }) as unknown as typeof fetch;
  }

  /** What a machine uses in the place of SMTP. */
  async mail(
    machine: Machine,
    { messageId, to, subject, text }: Parameters<NotificationPorts['mail']['sendMail']>[0],
  ): Promise<void> {
    await machine
      .risky('mails')
      .catch(() => Promise.reject(Object.assign(new Error('refused'), { syscall: 'connect' })));
    const noticeId = /^<(.+)@caretab>$/.exec(messageId)?.[1] ?? messageId;
    this.world.delivered.push({
      ...{ to: 'mail', noticeId, address: to, body: `${subject}\n${text}` },
    });
    await machine.risky('mails: answer', 'answerLost');
  }

  private async ask(service: string, request: Request): Promise<Reply> {
    return this.within(service, ({ instance }) => instance.door.handle(request));
  }

  /** An answer that does not come in time is none, whatever is still done over there. */
  private async inTime(
    machine: Machine,
    host: string,
    request: Request,
    what: string,
  ): Promise<Reply> {
    const { scheduler, faults, chance } = this.world;
    const isLate = faults.strikes('askedLate', machine.name, what);
    const reply = await new Promise<Reply | 'silence'>((resolve) => {
      const giveUp = scheduler.after(PATIENCE_MS, `${machine.name} gives up: ${what}`, () =>
        resolve('silence'),
      );
      const ask = (): void => {
        const answer = this.answer(host, request);
        const end = (): void => {
          giveUp();
          resolve(answer);
        };
        answer.then((given) => void (given !== 'silence' && end()), end);
      };
      if (isLate)
        scheduler.after(chance.integer(PATIENCE_MS + 1, LATE_TIMEOUT_MS), `late: ${what}`, ask);
      else ask();
    });
    await machine.awake();
    if (reply === 'silence')
      throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    return reply;
  }

  private async answer(host: string, request: Request): Promise<Reply | 'silence'> {
    const { world } = this;
    if (host === 'webhooks') return this.webhook(request);
    if (host === 'sms') return this.sms(request);
    if (host === 'lender') return this.lender(request);
    if (host !== 'acquirer') return this.request(host, request);
    if (world.outages.has('acquirer')) throw refused();
    if (world.outages.has(KEY_REJECTED)) return { status: 401, body: { code: 'SIGNATURE_WRONG' } };
    if (world.faults.strikes('askedTwice', host, `${request.method} ${request.path}`))
      world.scheduler.after(
        world.chance.integer(1, AGAIN_TIMEOUT_MS),
        `${request.method} ${request.path} comes again to the acquirer`,
        () => void world.acquirer.answer(request),
      );
    const lies = world.faults.strikes('bankLies', host, `${request.method} ${request.path}`);
    return world.acquirer.answer(request, lies ? world.chance : undefined);
  }

  /** A bank that lends is in whatever mood; what it finds impossible is a fault of ours. */
  private lender(request: Request): Reply | 'silence' {
    const { world } = this;
    try {
      return world.lender!.answer(request, world.lender!.moodOf(request, world.isStorming));
    } catch (error) {
      if (error instanceof Violation) world.found ??= error;
      throw error;
    }
  }

  /** An SMS provider: some numbers are out of use, and some messages break it after it sent them. */
  private sms({ body }: Request): Reply {
    const { messageId, to, text } = body as {
      readonly messageId: string;
      readonly to: { readonly mobile: string };
      readonly text: string;
    };
    const kind = Number(to.mobile.at(-1)) % 4;
    if (kind === 0) return { status: 404, body: null };
    this.world.delivered.push({
      ...{ to: 'sms', noticeId: messageId, address: to.mobile, body: text },
    });
    return { status: kind === 1 ? 500 : 202, body: null };
  }

  /** A receiver that is away is silent, refuses the connection, or has a proxy that answers for it. */
  private webhook({ path, headers, body }: Request): Reply | 'silence' {
    const { world } = this;
    if (path === `/${world.receiverAway}`) {
      const how = world.chance.pick(['silence', 'refused', 503, 404] as const);
      if (how === 'refused') throw refused();
      return how === 'silence' ? how : { status: how, body: null };
    }
    world.delivered.push({ to: path, noticeId: headers?.['caretab-notice-id'] ?? '', body });
    return { status: 200, body: null };
  }
}

/** A body that comes in one piece; a real stream would read on outside of the scheduler. */
export const bodyOf = (
  text: string,
): {
  getReader(): {
    read(): Promise<{ done: boolean; value: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
  cancel(): Promise<void>;
} => ({
  cancel: async () => undefined,
  getReader: () => {
    const pieces = [new TextEncoder().encode(text)];
    return {
      read: async () => ({ done: pieces.length === 0, value: pieces.shift() }),
      cancel: async () => undefined,
    };
  },
});

const failed = (code: string): TypeError => new TypeError('fetch failed', { cause: { code } });
const refused = (): TypeError => failed('ECONNREFUSED');
const broken = (): TypeError => failed('ECONNRESET');
