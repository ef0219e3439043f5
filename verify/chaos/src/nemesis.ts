import { isHealthy } from '@caretab/deploy';
import { pause } from '@caretab/hospital';
import type { Fault, Kind } from './faults';
import type { SupervisedPlatform } from './supervised-platform';
import type { Recoveries } from './recovery';
import type { Strike } from './strike';
import { strikeOf } from './strikes';

/** So many faults are there at a time; a further one waits. */
const AT_ONCE_MAX = 2;
const LATE_MAX_MS = 15_000;
/** So long a target is left alone after a fault, unless it is well before. */
const REST_MAX_MS = 20_000;
const HEALTHY_POLL_MS = 200;
const HEALTHY_TIMEOUT_MS = 180_000;

export interface NemesisParts {
  readonly ground: SupervisedPlatform;
  readonly recoveries: Recoveries;
  say(line: string): void;
}

/**
 * Strikes as the schedule says. Faults of one target take turns and leave it a while to recover,
 * and no more than two are there at once; so some come later than planned. One that would come much
 * later is left out, unless its kind has not been there yet: a slow machine gets fewer faults, not
 * one that never ends.
 */
export class Nemesis {
  /** What was done, by kind. */
  readonly done = new Map<Kind, number>();
  private readonly turns = new Map<string, Promise<unknown>>();
  private readonly begun = new Set<Kind>();
  private readonly recovering = new Map<number, Promise<void>>();
  private free = AT_ONCE_MAX;
  private readonly queue: (() => void)[] = [];
  private startedAt = 0;

  constructor(private readonly parts: NemesisParts) {}

  /**
   * Resolves when the last fault is over; what it struck may still recover. Ends early, with the
   * faults that are there, when `signal` aborts.
   */
  async run(faults: readonly Fault[], signal: AbortSignal): Promise<void> {
    this.startedAt = performance.now();
    await Promise.all(
      faults.map(async (fault) => {
        await sleep(fault.atMs, signal);
        if (!signal.aborted) await this.inTurn(strikeOf(this.parts.ground, fault), fault, signal);
      }),
    );
  }

  /**
   * Puts everything right that could still be wrong: lines, clocks. Resolves when whatever was
   * struck is healthy, or was given up.
   */
  async heal(): Promise<void> {
    const { lines, clocks } = this.parts.ground;
    await lines.heal();
    clocks.heal();
    await Promise.all(this.recovering.values());
  }

  private async inTurn(strike: Strike, fault: Fault, signal: AbortSignal): Promise<void> {
    const before = this.turns.get(strike.target);
    const mine = (async () => {
      await before;
      await this.take();
      try {
        if (signal.aborted || this.isTooLate(fault)) return;
        await this.strike(strike, fault, signal);
      } finally {
        this.give();
      }
    })();
    this.turns.set(
      strike.target,
      mine
        .catch(() => undefined)
        .then(() => Promise.race([this.recovering.get(fault.number), sleep(REST_MAX_MS, signal)])),
    );
    await mine;
  }

  private isTooLate({ kind, atMs }: Fault): boolean {
    return this.begun.has(kind) && performance.now() - this.startedAt > atMs + LATE_MAX_MS;
  }

  private async strike(
    strike: Strike,
    { number, kind, outageMs }: Fault,
    signal: AbortSignal,
  ): Promise<void> {
    const { recoveries } = this.parts;
    this.begun.add(kind);
    const began = performance.now();
    this.say(strike.what);
    if (!(await strike.begin())) return this.say(`  nothing was there to strike: ${strike.what}`);
    this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
    recoveries.began(number, kind, began);
    await sleep(outageMs, signal);
    await strike.end();
    const ended = performance.now();
    recoveries.ended(number, ended);
    await strike.back?.();
    const back = strike.back ? `, back after another ${seconds(performance.now() - ended)}` : '';
    this.say(`  over after ${seconds(ended - began)}${back}: ${strike.what}`);
    this.recovering.set(number, this.watch(strike, number, ended));
  }

  /** Looks on, while the next strike may come, until the struck are healthy. */
  private async watch(strike: Strike, number: number, ended: number): Promise<void> {
    const healthy = await this.untilHealthy(strike.struck);
    const now = performance.now();
    if (healthy) this.parts.recoveries.ready(number, now);
    this.say(
      healthy
        ? `  all well ${seconds(now - ended)} after its end: ${strike.what}`
        : `✗ not all well ${HEALTHY_TIMEOUT_MS / 1000} s after its end: ${strike.what}`,
    );
  }

  /** Those among them that are ended by another fault meanwhile are that one's concern. */
  private async untilHealthy(names: readonly string[]): Promise<boolean> {
    const { instances, host, supervisor } = this.parts.ground;
    const waiting = new Map(
      instances
        .filter(({ name }) => names.includes(name))
        .map((instance) => [instance, supervisor.ordersTo(instance.name)]),
    );
    for (
      const giveUpAt = performance.now() + HEALTHY_TIMEOUT_MS;
      waiting.size > 0;
      await pause(HEALTHY_POLL_MS)
    ) {
      await Promise.all(
        [...waiting].map(
          async ([instance, orders]) =>
            (supervisor.ordersTo(instance.name) > orders ||
              (await isHealthy(host, instance.port))) &&
            waiting.delete(instance),
        ),
      );
      if (performance.now() > giveUpAt) return waiting.size === 0;
    }
    return true;
  }

  /** A line with the time since the fire began. */
  say(text: string): void {
    this.parts.say(
      `${((performance.now() - this.startedAt) / 1000).toFixed(1).padStart(7)} s  ${text}`,
    );
  }

  private async take(): Promise<void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
  }

  private give(): void {
    const next = this.queue.shift();
    if (next) next();
    else this.free += 1;
  }
}

const seconds = (durationMs: number): string => `${(durationMs / 1000).toFixed(1)} s`;

/** A pause that ends early when the fire is called off. */
const sleep = (durationMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, durationMs);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
