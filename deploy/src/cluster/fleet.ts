import type { ChildProcess } from 'node:child_process';
import { pause } from '@caretab/hospital';
import { end, isLiving, type Life, type Records } from './process-identity';
import { isReady } from './probe';
import { lastLineOf, logFileOf, startProcess } from './service-process';
import type { Instance } from './topology';

const READY_POLL_MS = 100;
const WATCH_INTERVAL_MS = 500;
const READY_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 20_000;

export interface FleetParts {
  readonly dataDir: string;
  readonly host: string;
  readonly instances: readonly (Instance & { readonly env: Readonly<Record<string, string>> })[];
  readonly records: Records;
  /** Prints a line for the operator. */
  say(line: string): void;
  /** What to type to start a process again. */
  commandFor(name: string): string;
}

/** How one process stands: a child of ours, gone, or started again by hand. */
type State = 'starting' | 'up' | 'gone' | 'by hand';

/**
 * The processes of the services: starts them, says at once when one died and when it is back, stops
 * them all. It never starts one again by itself.
 */
export class Fleet {
  private readonly states = new Map<string, State>();
  private readonly lives: Life[] = [];
  private stopping = false;
  private watching: Promise<void> = Promise.resolve();

  constructor(private readonly parts: FleetParts) {}

  /**
   * Resolves when every process is ready. Throws with the log's last line of one that ended, or
   * does not become ready.
   */
  async start(update: (text: string) => void): Promise<void> {
    const waiting = new Set(this.parts.instances.map(({ name }) => name));
    for (const instance of this.parts.instances) this.startOne(instance);
    await Promise.all(
      this.parts.instances.map(async (instance) => {
        await this.ready(instance);
        waiting.delete(instance.name);
        update(`waiting for ${[...waiting].join(', ')}`);
      }),
    );
    this.watching = this.watch();
  }

  /**
   * Ends all of them, those included that were started by hand; each completes its running work.
   */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.watching;
    await end([...this.lives.filter(isLiving), ...this.parts.records.living()], STOP_TIMEOUT_MS);
  }

  private startOne(instance: Instance & { readonly env: Readonly<Record<string, string>> }): void {
    const { dataDir, records } = this.parts;
    const { child, life } = startProcess(dataDir, instance, instance.env);
    this.states.set(instance.name, 'starting');
    this.lives.push(life);
    records.note(instance.name, life);
    const ended = (how: string): void => {
      records.forget(instance.name, life);
      const was = this.states.get(instance.name);
      this.states.set(instance.name, 'gone');
      if (was === 'up' && !this.stopping) this.reportGone(instance.name, how);
    };
    child.once('exit', (code: ChildProcess['exitCode'], signal: ChildProcess['signalCode']) =>
      ended(signal ?? `exit code ${code}`),
    );
    child.once('error', (error) => ended(error.message));
  }

  private async ready({ name, port }: Instance): Promise<void> {
    const { dataDir, host } = this.parts;
    const lastLine = (): string => `${lastLineOf(dataDir, name)} (${logFileOf(dataDir, name)})`;
    for (
      const giveUpAt = performance.now() + READY_TIMEOUT_MS;
      !(await isReady(host, port));
      await pause(READY_POLL_MS)
    ) {
      if (this.stopping) return;
      if (this.states.get(name) === 'gone')
        throw new Error(`${name} ended while it started: ${lastLine()}`);
      if (performance.now() > giveUpAt)
        throw new Error(`${name} is not ready after ${READY_TIMEOUT_MS / 1000} s: ${lastLine()}`);
    }
    // Another program may answer on the port; ours must be alive as well.
    if (this.states.get(name) === 'gone')
      throw new Error(`${name} ended while it started: ${lastLine()}`);
    this.states.set(name, 'up');
  }

  private reportGone(name: string, how: string): void {
    const { dataDir, say, commandFor } = this.parts;
    say(
      `✗ ${name} died (${how}). Its log ends with: ` +
        `${lastLineOf(dataDir, name) || 'nothing'}\n  Start it again (a day that is ` +
        `being played waits two minutes): ${commandFor(name)}`,
    );
  }

  /** Looks for processes that were started again by hand, and for those of them that ended. */
  private async watch(): Promise<void> {
    while (!this.stopping) {
      await Promise.all(this.parts.instances.map((instance) => this.look(instance)));
      await pause(WATCH_INTERVAL_MS);
    }
  }

  private async look({ name, port }: Instance): Promise<void> {
    const { host, records, say } = this.parts;
    const state = this.states.get(name);
    if (state === 'up' || this.stopping) return;
    const life = records.of(name);
    const lives = life !== undefined && isLiving(life);
    if (state === 'by hand' && !lives) {
      this.states.set(name, 'gone');
      this.reportGone(name, 'it was started by hand');
    }
    if (state === 'gone' && lives && (await isReady(host, port))) {
      this.states.set(name, 'by hand');
      say(`✔ ${name} is back, started by hand as process ${life.pid}`);
    }
  }
}
