import { systemElapsed } from './system';

/** Where outages are reported; shaped on pino. */
export interface OutageLog {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
  error(facts: object, text: string): void;
}

export interface OutageWords {
  /** What is tried again and again: `Kafka consumer`. */
  readonly what: string;
  /** Default: `failed`. */
  readonly fails?: string;
  /** Of the first line; those that follow are warnings. Default: `warn`. */
  readonly level?: 'warn' | 'error';
}

/** One cause: since when, and for whom. */
interface Outage {
  readonly sinceMs: number;
  reportedMs: number;
  failures: number;
  readonly members: Set<unknown>;
}

const REPORT_INTERVAL_MS = 60_000;
const MS_PER_S = 1000;

/**
 * Reports an outage once, however often is retried and by however many: its beginning with the cause,
 * a line a minute while it lasts, and its end.
 */
export class Outages {
  private readonly outages = new Map<unknown, Outage>();

  /** `elapsedMs` goes forward alone, whatever is done to the clock. */
  constructor(
    private readonly log: OutageLog,
    private readonly words: OutageWords,
    private readonly elapsedMs: () => number = systemElapsed,
  ) {}

  /**
   * A try of a member failed. Members that fail for the same cause are reported as one outage; without a
   * cause a member's outage is its own.
   */
  failed(member: unknown, facts: object, cause: unknown = member): void {
    for (const known of this.outages.keys()) if (known !== cause) this.end(known, member);
    const nowMs = this.elapsedMs();
    const { what, fails = 'failed', level = 'warn' } = this.words;
    const outage = this.outages.get(cause);
    if (!outage) {
      const members = new Set([member]);
      this.outages.set(cause, { sinceMs: nowMs, reportedMs: nowMs, failures: 1, members });
      this.log[level](facts, `${what} ${fails}, retrying`);
      return;
    }
    outage.members.add(member);
    outage.failures += 1;
    if (nowMs - outage.reportedMs < REPORT_INTERVAL_MS) return;
    outage.reportedMs = nowMs;
    const { failures, sinceMs } = outage;
    const seconds = Math.round((nowMs - sinceMs) / MS_PER_S);
    this.log.warn({ ...facts, failures, seconds }, `${what} ${fails} for ${seconds} s, retrying`);
  }

  /** A try of a member worked. The outage is over when it has for each that failed. */
  worked(member: unknown): void {
    for (const cause of this.outages.keys()) {
      const over = this.end(cause, member);
      if (!over) continue;
      const seconds = Math.round((this.elapsedMs() - over.sinceMs) / MS_PER_S);
      this.log.info({ failures: over.failures, seconds }, `${this.words.what} resumed`);
    }
  }

  /** A member does not try any more; nothing is said of it. */
  left(member: unknown): void {
    for (const cause of this.outages.keys()) this.end(cause, member);
  }

  /** The outage that this ended. */
  private end(cause: unknown, member: unknown): Outage | undefined {
    const outage = this.outages.get(cause)!;
    if (!outage.members.delete(member) || outage.members.size > 0) return undefined;
    this.outages.delete(cause);
    return outage;
  }
}
