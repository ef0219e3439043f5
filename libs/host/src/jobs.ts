import { assert, type Timers } from '@caretab/kernel';
import type { OnApplicationShutdown } from '@nestjs/common';

interface Job {
  readonly name: string;
  readonly intervalMs: number;
  /**
   * Does what is due and returns how much it did; it is called again at once while it did
   * something.
   */
  readonly work: () => Promise<number>;
  wakeUp: AbortController;
  woken: boolean;
  running: boolean;
}

/**
 * Time-driven work of all services in this process. A job never runs twice at once; a failure is
 * reported and tried again at its next turn; shutting down waits for running work.
 */
export class Jobs implements OnApplicationShutdown {
  private readonly jobs = new Map<string, Job>();
  private readonly loops: Promise<void>[] = [];
  private stopped = false;
  private started = false;

  constructor(
    private readonly timers: Timers,
    private readonly failed: (job: string, error: unknown) => void,
    private readonly worked: (job: string) => void = () => undefined,
  ) {}

  /** Runs `work` every `intervalMs`, once the platform is up. */
  every(name: string, intervalMs: number, work: () => Promise<number>): void {
    assert(!this.jobs.has(name), `the job ${name} is registered once`);
    const job: Job = {
      name,
      intervalMs,
      work,
      wakeUp: new AbortController(),
      woken: false,
      running: false,
    };
    this.jobs.set(name, job);
    if (this.started) this.loops.push(this.loop(job));
  }

  /** Runs a job at once, or once more if it is running. */
  wake(name: string): void {
    const job = this.jobs.get(name);
    if (!job) return;
    job.woken = true;
    job.wakeUp.abort();
  }

  start(): void {
    assert(!this.started, 'jobs are started once');
    this.started = true;
    for (const job of this.jobs.values()) this.loops.push(this.loop(job));
  }

  /** Names of a service's jobs that are at work now. */
  running(service: string): string[] {
    return [...this.jobs.values()]
      .filter((job) => job.running && job.name.startsWith(`${service}.`))
      .map((job) => job.name);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const job of this.jobs.values()) job.wakeUp.abort();
    await Promise.all(this.loops);
  }

  private async loop(job: Job): Promise<void> {
    while (!this.stopped) {
      if (!(await this.runOnce(job)) && !job.woken)
        await this.timers.sleep(job.intervalMs, job.wakeUp.signal);
      job.woken = false;
      job.wakeUp = new AbortController();
    }
  }

  private async runOnce(job: Job): Promise<boolean> {
    job.running = true;
    try {
      const done = await job.work();
      this.worked(job.name);
      return done > 0;
    } catch (error) {
      this.failed(job.name, error);
      return false;
    } finally {
      job.running = false;
    }
  }
}
