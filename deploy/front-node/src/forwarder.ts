import { assert } from '@caretab/kernel';
import type { Journal } from './journal';
import type { PlatformClient, Said } from './platform';
import type { Entry, Message, State } from './state';

const WORKERS = 8;
const PAUSE_MS = 500;
const PAUSE_MS_MAX = 30_000;
/** How long a worker sleeps that has nothing to do, at most: it is woken by what comes. */
const REST_MS = 1_000;

export interface ForwarderParts {
  readonly journal: Pick<Journal<Entry>, 'append'>;
  readonly state: State;
  readonly platform: Pick<PlatformClient, 'ask'>;
  readonly now: () => number;
  /** In [0, 1): spreads attempts of several nodes. */
  readonly chance: () => number;
}

/**
 * Sends what was taken: messages of one visit one after another, visits side by side. Where the platform
 * is away everything waits, longer each time; a message of which nothing is known holds its visit alone.
 */
export class Forwarder {
  private readonly lanes = new Map<string, string[]>();
  private readonly ready: string[] = [];
  private readonly heldUntil = new Map<string, number>();
  private readonly failures = new Map<string, number>();
  private readonly watchers = new Map<string, Set<() => void>>();
  private pausedUntilMs = 0;
  private pauses = 0;
  private lastHeld = '';
  private isStopped = false;
  private wake: (() => void)[] = [];
  private workers: readonly Promise<void>[] = [];

  constructor(private readonly parts: ForwarderParts) {}

  /** Begins with what earlier runs took and did not send. */
  start(): void {
    for (const message of this.parts.state.messages.values())
      if (message.state === 'waiting') this.add(message);
    this.workers = Array.from({ length: WORKERS }, () => this.work());
  }

  add({ key, visit }: Pick<Message, 'key' | 'visit'>): void {
    const lane = this.lanes.get(visit);
    if (lane) lane.push(key);
    else {
      this.lanes.set(visit, [key]);
      this.ready.push(visit);
    }
    this.wakeUp();
  }

  /** The message as it stands once it is over, or after so long. */
  async outcome(key: string, waitMs: number): Promise<Message> {
    const { state } = this.parts;
    if (state.messages.get(key)?.state === 'waiting') await this.watched(key, waitMs);
    const message = state.messages.get(key);
    assert(message, 'a message that was taken is there');
    return message;
  }

  get standing(): {
    readonly pausedUntilMs: number;
    readonly held: number;
    readonly lastHeld: string;
  } {
    const { pausedUntilMs, lastHeld } = this;
    return { pausedUntilMs, held: this.heldUntil.size, lastHeld };
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wakeUp();
    await Promise.all(this.workers);
  }

  private watched(key: string, waitMs: number): Promise<void> {
    const watching = this.watchers.get(key) ?? new Set();
    this.watchers.set(key, watching);
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        watching.delete(done);
        if (watching.size === 0) this.watchers.delete(key);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      watching.add(done);
    });
  }

  private async work(): Promise<void> {
    while (!this.isStopped) {
      const visit = this.next();
      if (visit === undefined) await this.rest();
      else await this.send(visit);
    }
  }

  private next(): string | undefined {
    const now = this.parts.now();
    if (now < this.pausedUntilMs) return undefined;
    const at = this.ready.findIndex((visit) => (this.heldUntil.get(visit) ?? 0) <= now);
    return at < 0 ? undefined : this.ready.splice(at, 1)[0];
  }

  private rest(): Promise<void> {
    const leftMs = this.pausedUntilMs - this.parts.now();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, leftMs > 0 ? Math.min(leftMs, REST_MS) : REST_MS);
      this.wake.push(done);
    });
  }

  private wakeUp(): void {
    for (const wake of this.wake.splice(0)) wake();
  }

  private async send(visit: string): Promise<void> {
    const lane = this.lanes.get(visit);
    const key = lane?.[0];
    assert(lane && key !== undefined, 'a visit that is ready has a message');
    const message = this.parts.state.messages.get(key);
    assert(message, 'a message in a lane was taken');
    // What came of it is not on disk: it is sent again, under its key, after a pause.
    const isOver = await this.attempt(message).catch(() =>
      this.again(visit, { outcome: 'away', why: 'the disk takes nothing' }),
    );
    if (isOver) {
      lane.shift();
      for (const done of [...(this.watchers.get(key) ?? [])]) done();
    }
    if (lane.length === 0) this.lanes.delete(visit);
    else if (isOver) this.ready.push(visit);
    else this.ready.unshift(visit);
    this.wakeUp();
  }

  /** Whether it is over: what came of it is on disk. */
  private async attempt(message: Message): Promise<boolean> {
    const { key, path, body, prefer, visit } = message;
    const said = await this.parts.platform.ask({
      ...{ method: 'POST', path, body },
      headers: { 'idempotency-key': key, ...(prefer !== undefined && { prefer }) },
    });
    if (said.outcome !== 'answered') return this.again(visit, said);
    this.pauses = 0;
    this.failures.delete(visit);
    this.heldUntil.delete(visit);
    const { status, body: answer } = said;
    const at = new Date(this.parts.now()).toISOString();
    const end = { key, at, status, body: answer };
    const type = status < 300 ? 'forwarded' : 'refused';
    await this.parts.journal.append(
      type === 'forwarded' ? { type, ...end } : { type, noticed: false, ...end },
    );
    return true;
  }

  private again(visit: string, said: Exclude<Said, { outcome: 'answered' }>): false {
    const { now, chance } = this.parts;
    const pauseOf = (failures: number): number =>
      Math.min(PAUSE_MS * 2 ** failures, PAUSE_MS_MAX) * (0.5 + chance() / 2);
    if (said.outcome === 'held') {
      const failures = this.failures.get(visit) ?? 0;
      this.failures.set(visit, failures + 1);
      this.lastHeld = said.why;
      this.heldUntil.set(visit, now() + pauseOf(failures));
      return false;
    }
    // Several were out when it went away: that is one pause.
    if (now() >= this.pausedUntilMs) {
      this.pausedUntilMs = now() + (said.retryAfterMs ?? pauseOf(this.pauses));
      this.pauses = Math.min(this.pauses + 1, 10);
    }
    return false;
  }
}
