import type { Clock, Timers } from '@caretab/kernel';
import type { Random } from '@caretab/doubles';
import type { Faults } from './faults';
import type { Scheduler } from './scheduler';

/**
 * The connection to something outside the process broke; whether the call had an effect is unknown.
 */
export class ConnectionBroken extends Error {
  readonly code = 'ECONNRESET';

  constructor(where: string) {
    super(`the line broke: ${where}`);
    this.name = 'ConnectionBroken';
  }
}

export interface MachineParts {
  readonly scheduler: Scheduler;
  readonly faults: Pick<Faults, 'strikes'>;
  /** How long things take. */
  readonly random: Random;
  /** How far its clock is off, in milliseconds. */
  readonly offMs?: () => number;
}

/**
 * One life of one process. Whatever it waits for goes through here; once it is dead nothing of it
 * ever goes on.
 */
export class Machine implements Timers {
  private isAlive = true;
  private goesOnAtMs = 0;
  private readonly dying: (() => void)[] = [];
  private readonly pausing: ((durationMs: number) => void)[] = [];
  readonly clock: Clock;

  constructor(
    readonly name: string,
    private readonly parts: MachineParts,
  ) {
    const { scheduler, offMs = () => 0 } = parts;
    this.clock = { now: () => new Date(scheduler.now().getTime() + offMs()) };
  }

  get alive(): boolean {
    return this.isAlive;
  }

  onDeath(listener: () => void): () => void {
    this.dying.push(listener);
    return () => void this.dying.splice(this.dying.indexOf(listener), 1);
  }

  /** Called with the length of a pause of the process, before it begins. */
  onPause(listener: (durationMs: number) => void): void {
    this.pausing.push(listener);
  }

  /** kill -9: no goodbye. */
  die(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const listener of this.dying.splice(0)) listener();
  }

  /** Time passes; the process may die of it, or stand still for long. */
  point(what: string): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isAlive) return;
      const { scheduler, faults } = this.parts;
      const goOn = (): void => {
        if (!this.isAlive) return;
        if (this.isPaused)
          return void scheduler.after(
            this.goesOnAtMs - scheduler.nowMs,
            `${this.name} ${what}, after standing still`,
            goOn,
          );
        if (faults.strikes('crash', this.name, what)) return this.die();
        if (faults.strikes('paused', this.name, what)) return this.pause(what, goOn);
        resolve();
      };
      scheduler.after(this.delayMs(what), `${this.name} ${what}`, goOn);
    });
  }

  /** A point at which the line may also break. */
  async risky(what: string, kind: 'broken' | 'answerLost' = 'broken'): Promise<void> {
    await this.point(what);
    if (this.parts.faults.strikes(kind, this.name, what)) throw new ConnectionBroken(what);
  }

  /** A call over a line: it may break on the way there or on the way back. */
  async call<Result>(what: string, effect: () => Promise<Result>): Promise<Result> {
    await this.risky(what);
    const result = await effect();
    await this.risky(`${what}: answer`, 'answerLost');
    return result;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isAlive) return;
      void this.parts.scheduler
        .sleepAs(`${this.name} wakes`, durationMs, signal)
        .then(() => this.awake())
        .then(resolve);
    });
  }

  /** Resolves once the process runs; of a dead one, never. */
  async awake(): Promise<void> {
    while (this.isPaused)
      await this.parts.scheduler.sleepAs(
        `${this.name} goes on`,
        this.goesOnAtMs - this.parts.scheduler.nowMs,
      );
    if (!this.isAlive) await new Promise<never>(() => undefined);
  }

  private get isPaused(): boolean {
    return this.goesOnAtMs > this.parts.scheduler.nowMs;
  }

  private pause(what: string, goOn: () => void): void {
    const { random, scheduler } = this.parts;
    const durationMs = random.integer(1_000, 40_000);
    this.goesOnAtMs = scheduler.nowMs + durationMs;
    for (const listener of this.pausing) listener(durationMs);
    scheduler.after(durationMs, `${this.name} ${what}, after standing still`, goOn);
  }

  private delayMs(what: string): number {
    const { random, faults } = this.parts;
    if (faults.strikes('stalled', this.name, what)) return random.integer(500, 9_000);
    const spread = random.next();
    return spread < 0.9 ? 0.1 + spread * 3 : 3 + random.next() * 40;
  }
}
