import { parkedTable } from '@caretab/bus';
import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import type { Approvals } from './approval';
import type { Backlog } from './backlog';
import type { Degradation } from './degradations';

/** Parked messages that no operator looked after for so long degrade their service. */
export const PARKED_MS_MAX = 15 * 60_000;
/** So does work that has not become less for so long: messages to publish or to handle. */
export const STUCK_MS_MAX = 5 * 60_000;
export const WATCH_INTERVAL_MS = 15_000;
const MS_PER_S = 1000;

/** Of a kind of work: how much there is, and since when there has been no less. */
interface Waiting {
  readonly count: number;
  readonly leastCount: number;
  readonly since: Date;
}

/**
 * Looks at what waits in a service, every fifteen seconds: gauges and `/health` show what the last
 * look found, so that neither asks a database.
 */
export class ServiceWatch {
  private readonly waiting = new Map<string, Waiting>();
  private parked = { count: 0, oldest: undefined as Date | undefined };
  private approvals = { count: 0, oldest: undefined as Date | undefined };

  constructor(
    private readonly parts: {
      readonly service: string;
      readonly store: Store;
      readonly backlog: Backlog;
      readonly approvals: Pick<Approvals, 'waiting'>;
      readonly clock: Clock;
    },
  ) {}

  /** Returns 0: a job that has nothing more to do at once. */
  async look(): Promise<number> {
    const { service, store, backlog, clock } = this.parts;
    const now = clock.now();
    // Without the bus there is no lag to read: `/health` says so itself, and the last look stands.
    const counts = await backlog.of(service).catch(() => ({}));
    for (const [kind, count] of Object.entries<number>(counts))
      this.waiting.set(kind, this.next(kind, count, now));
    this.parked = await store.transact(async (transaction) => {
      const rows = transaction.rows(parkedTable);
      const where = { status: 'parked' as const };
      const [first] = await rows.find(where, { orderBy: 'parkedAt', countMax: 1 });
      return { count: await rows.count(where), oldest: first?.parkedAt };
    });
    this.approvals = await this.parts.approvals.waiting();
    return 0;
  }

  degradations(): readonly Degradation[] {
    const nowMs = this.parts.clock.now().getTime();
    const { count, oldest } = this.parked;
    const found: Degradation[] = [];
    if (oldest && nowMs - oldest.getTime() >= PARKED_MS_MAX)
      found.push({ what: 'parked messages', why: `${count} wait for an operator`, since: oldest });
    for (const [kind, { count: waiting, since }] of this.waiting)
      if (isOfMessages(kind) && waiting > 0 && nowMs - since.getTime() >= STUCK_MS_MAX)
        found.push({ what: kind, why: `${waiting} wait and do not become fewer`, since });
    return found;
  }

  observe(): void {
    const { service, clock } = this.parts;
    const own = meter(`caretab.${service}`);
    const parked = own.createObservableGauge(`caretab.${service}.parked`, {
      description: 'Messages that could not be handled and wait for an operator',
    });
    const age = own.createObservableGauge(`caretab.${service}.oldest_parked_age_seconds`, {
      description: 'Age of the oldest of them',
    });
    const approvals = own.createObservableGauge(`caretab.${service}.approvals`, {
      description: 'Requests that wait for the approval of another person',
    });
    const approvalAge = own.createObservableGauge(
      `caretab.${service}.oldest_approval_age_seconds`,
      { description: 'Age of the oldest of them' },
    );
    const backlog = own.createObservableGauge(`caretab.${service}.backlog`, {
      description: 'Work that waits, by kind: outbox, lag by group, and the service’s own',
    });
    own.addBatchObservableCallback(
      (result) => {
        const nowMs = clock.now().getTime();
        const ageS = (oldest: Date | undefined): number =>
          oldest ? (nowMs - oldest.getTime()) / MS_PER_S : 0;
        result.observe(parked, this.parked.count);
        result.observe(age, ageS(this.parked.oldest));
        result.observe(approvals, this.approvals.count);
        result.observe(approvalAge, ageS(this.approvals.oldest));
        for (const [kind, waiting] of this.waiting)
          result.observe(backlog, waiting.count, { kind });
      },
      [parked, age, approvals, approvalAge, backlog],
    );
  }

  private next(kind: string, count: number, now: Date): Waiting {
    const known = this.waiting.get(kind);
    const isLess = !known || count === 0 || known.count === 0 || count < known.leastCount;
    return isLess
      ? { count, leastCount: count, since: now }
      : { count, leastCount: known.leastCount, since: known.since };
  }
}

/** What is planned for later may wait; messages may not. */
const isOfMessages = (kind: string): boolean =>
  kind === 'outbox' || kind === 'publication' || kind.startsWith('lag:');
