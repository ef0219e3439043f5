import type { Clock, Timers } from '@caretab/kernel';
import type { Random } from '@caretab/testing';
import type { Faults } from './faults';
import type { Scheduler } from './scheduler';

/** The line to something outside the process broke; whether anything was done over there, nobody knows. */
export class LineBroken extends Error {
  readonly code = 'ECONNRESET';

  constructor(where: string) {
    super(`the line broke: ${where}`);
    this.name = 'LineBroken';
  }
}

export interface MachineParts {
  readonly scheduler: Scheduler;
  readonly faults: Pick<Faults, 'strikes'>;
  /** How long things take. */
  readonly random: Random;
}

/** One life of one process. Whatever it waits for goes through here; once it is dead nothing of it ever goes on. */
export class Machine implements Timers {
  private isAlive = true;
  private readonly dying: (() => void)[] = [];
  readonly clock: Clock;

  constructor(readonly name: string, private readonly parts: MachineParts, skewMs = 0) {
    const { scheduler } = parts;
    this.clock = { now: () => new Date(scheduler.now().getTime() + skewMs) };
  }

  get alive(): boolean {
    return this.isAlive;
  }

  onDeath(listener: () => void): () => void {
    this.dying.push(listener);
    return () => void this.dying.splice(this.dying.indexOf(listener), 1);
  }

  /** kill -9: no goodbye. */
  die(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const listener of this.dying.splice(0)) listener();
  }

  /** Time passes; the process may die of it. */
  point(what: string): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isAlive) return;
      this.parts.scheduler.after(this.delayMs(what), `${this.name} ${what}`, () => {
        if (!this.isAlive) return;
        if (this.parts.faults.strikes('crash', `${this.name} ${what}`)) return this.die();
        resolve();
      });
    });
  }

  /** A point at which the line may also break. */
  async risky(what: string, kind: 'broken' | 'answerLost' = 'broken'): Promise<void> {
    await this.point(what);
    if (this.parts.faults.strikes(kind, `${this.name} ${what}`)) throw new LineBroken(what);
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
      void this.parts.scheduler.sleepAs(`${this.name} wakes`, durationMs, signal).then(() => {
        if (this.isAlive) resolve();
      });
    });
  }

  private delayMs(what: string): number {
    const { random, faults } = this.parts;
    if (faults.strikes('stalled', `${this.name} ${what}`)) return random.integer(500, 9_000);
    const spread = random.next();
    return spread < 0.9 ? 0.1 + spread * 3 : 3 + random.next() * 40;
  }
}
