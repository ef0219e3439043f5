import type { ChildProcess } from 'node:child_process';
import {
  end,
  type Instance,
  isLiving,
  isReady,
  lastLineOf,
  type Life,
  type Records,
  startProcess,
} from '@caretab/deploy';
import { pause } from '@caretab/hospital';
import { SKEWED_CLOCK } from './clocks';

const READY_POLL_MS = 100;
const STOP_TIMEOUT_MS = 30_000;
const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 8000;
/** A process that lived so long is restarted at once when it ends. */
const SOUND_MS = 10_000;
/** A freshly started process that should run has so long to become ready. */
const START_TIMEOUT_MS = 90_000;

export type ToldInstance = Instance & { readonly env: Readonly<Record<string, string>> };

export interface SupervisorParts {
  readonly dataDir: string;
  readonly host: string;
  readonly instances: readonly ToldInstance[];
  readonly records: Records;
  say(line: string): void;
}

/** An unexpected end. */
export interface Death {
  readonly name: string;
  readonly how: string;
  /**
   * Whether it had been ready in this life; one that had not could not start, for example without
   * its database.
   */
  readonly wasReady: boolean;
  readonly lastLine: string;
}

interface Charge {
  readonly instance: ToldInstance;
  child: ChildProcess | undefined;
  life: Life | undefined;
  startedAt: number;
  wasReady: boolean;
  /** Ended by order: the nemesis says when it is started again. */
  isOrdered: boolean;
  orders: number;
  failures: number;
  /** Settings that it starts with in the place of its own. */
  other: Readonly<Record<string, string>> | undefined;
}

/**
 * Starts every process of the services, and starts again whatever ended, with growing pauses, as
 * Kubernetes would.
 */
export class Supervisor {
  /** Every unexpected end. */
  readonly deaths: Death[] = [];
  /** Became ready with settings that must keep them from it. */
  readonly readyWithOther: string[] = [];
  private readonly charges: Map<string, Charge>;
  private readonly lives: Life[] = [];
  private isStopping = false;

  constructor(private readonly parts: SupervisorParts) {
    this.charges = new Map(
      parts.instances.map((instance) => [
        instance.name,
        {
          instance,
          child: undefined,
          life: undefined,
          startedAt: 0,
          wasReady: false,
          isOrdered: false,
          orders: 0,
          failures: 0,
          other: undefined,
        },
      ]),
    );
  }

  get names(): readonly string[] {
    return [...this.charges.keys()];
  }

  /** Resolves when every process is ready; throws when one is not in time. */
  async start(update: (text: string) => void): Promise<void> {
    const waiting = new Set(this.names);
    for (const name of waiting) this.startAgain(name);
    await Promise.all(
      this.names.map(async (name) => {
        if (!(await this.untilReady(name, START_TIMEOUT_MS)))
          throw new Error(
            `${name} is not ready after ${START_TIMEOUT_MS / 1000} s: ${lastLineOf(this.parts.dataDir, name)}`,
          );
        waiting.delete(name);
        update(`waiting for ${[...waiting].join(', ')}`);
      }),
    );
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    for (const { life } of this.charges.values()) if (life) signal(life, 'SIGCONT');
    await end(this.lives.filter(isLiving), STOP_TIMEOUT_MS);
  }

  /**
   * Ends a process by order and waits for its end; it is started again by `startAgain` alone. False
   * when it does not run, so there is nothing to end.
   */
  async endByOrder(name: string, how: 'SIGKILL' | 'SIGTERM'): Promise<boolean> {
    const charge = this.charges.get(name)!;
    const { child, life } = charge;
    if (!child || !life || charge.isOrdered) return false;
    charge.isOrdered = true;
    charge.orders += 1;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    signal(life, how);
    // A process that does not end when asked is killed, as an orchestrator does.
    const killer = setTimeout(() => signal(life, 'SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(killer);
    return true;
  }

  startAgain(name: string): void {
    if (this.isStopping) return;
    const { dataDir, records } = this.parts;
    const charge = this.charges.get(name)!;
    const { child, life } = startProcess(
      dataDir,
      charge.instance,
      { ...charge.instance.env, ...charge.other },
      {
        preloaded: [SKEWED_CLOCK],
      },
    );
    Object.assign(charge, {
      child,
      life,
      startedAt: performance.now(),
      wasReady: false,
      isOrdered: false,
    });
    this.lives.push(life);
    records.note(name, life);
    let isOver = false;
    const over = (how: string): void => {
      if (isOver) return;
      isOver = true;
      records.forget(name, life);
      this.ended(charge, how);
    };
    child.once('exit', (code, killedBy) => over(killedBy ?? `exit code ${code}`));
    child.once('error', (error) => over(error.message));
    void this.untilReady(name, START_TIMEOUT_MS);
  }

  /** Stands still, as a machine whose memory is swapped out; false when it does not run. */
  freeze(name: string): boolean {
    return this.signalTo(name, 'SIGSTOP');
  }

  goOn(name: string): boolean {
    return this.signalTo(name, 'SIGCONT');
  }

  /** Whether it says within this time that requests may be sent to it. */
  async untilReady(name: string, timeoutMs: number): Promise<boolean> {
    const charge = this.charges.get(name)!;
    for (
      const giveUpAt = performance.now() + timeoutMs;
      performance.now() < giveUpAt && !this.isStopping;
      await pause(READY_POLL_MS)
    ) {
      const { child } = charge;
      if (
        !child ||
        !(await isReady(this.parts.host, charge.instance.port)) ||
        charge.child !== child
      )
        continue;
      charge.wasReady = true;
      if (charge.other) this.readyWithOther.push(name);
      return true;
    }
    return false;
  }

  /** From its next start on; undefined: its own again. */
  setOther(name: string, other: Charge['other']): void {
    this.charges.get(name)!.other = other;
  }

  /** Its own setting of that name. */
  settingOf(name: string, setting: string): string {
    return this.charges.get(name)!.instance.env[setting] ?? '';
  }

  /** How often a process was ended by order. */
  ordersTo(name: string): number {
    return this.charges.get(name)!.orders;
  }

  /** Process ids of what runs now, by name. */
  pids(): ReadonlyMap<string, number> {
    return new Map(
      [...this.charges].flatMap(([name, { child }]) =>
        child?.pid === undefined ? [] : [[name, child.pid] as const],
      ),
    );
  }

  private signalTo(name: string, which: NodeJS.Signals): boolean {
    const { life, child } = this.charges.get(name)!;
    if (!child || !life) return false;
    signal(life, which);
    return true;
  }

  private ended(charge: Charge, how: string): void {
    const { name } = charge.instance;
    charge.child = undefined;
    if (this.isStopping || charge.isOrdered) return;
    charge.failures = performance.now() - charge.startedAt > SOUND_MS ? 0 : charge.failures + 1;
    const pauseMs = Math.min(PAUSE_FIRST_MS * 2 ** charge.failures, PAUSE_MAX_MS);
    const lastLine = lastLineOf(this.parts.dataDir, name);
    this.deaths.push({ name, how, wasReady: charge.wasReady, lastLine });
    this.parts.say(
      `✗ ${name} ended by itself (${how}), ` +
        `${charge.wasReady ? 'though it was ready' : 'before it was ready'}: ` +
        `${lastLine || 'nothing said'}`,
    );
    setTimeout(() => this.startAgain(name), pauseMs);
  }
}

const signal = (life: Life, which: NodeJS.Signals): void => {
  try {
    if (isLiving(life)) process.kill(life.pid, which);
  } catch {
    // It ended in between.
  }
};
