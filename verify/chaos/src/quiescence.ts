import { backlogOf, type Service, SERVICES } from '@caretab/deploy';
import { pause } from '@caretab/hospital';
import { escapeLiteral } from 'pg';
import { allRows } from './audit-rows';
import type { PlatformAccess } from './platform-access';
import { replayParked } from './parked-replay';
import { endRefundCases } from './refund-cases';

/** The tables that are work queues: a row is left to do while its next_attempt_at is set. */
const QUEUES: readonly { readonly service: Service; readonly table: string }[] = [
  { service: 'payment', table: 'collection' },
  { service: 'payment', table: 'refund' },
  { service: 'notification', table: 'notice' },
];

/** What payment counts of these queues. */
const MONEY = ['payment.collections', 'payment.refunds'] as const;

export interface Patience {
  readonly pollMs: number;
  readonly quietPolls: number;
  /**
   * Without any change; longer than a lease, a pause between two attempts or a session of the bus.
   */
  readonly patienceMs: number;
  readonly patienceMaxMs: number;
  /** So long nothing may have changed before the operator looks at what is parked. */
  readonly operatorAfterMs: number;
}

const PATIENCE: Patience = {
  pollMs: 500,
  quietPolls: 3,
  patienceMs: 7 * 60_000,
  patienceMaxMs: 30 * 60_000,
  operatorAfterMs: 10_000,
};

/** What is still to do, by kind: the services' backlogs, and the items of their work queues. */
const leftAt = async (
  field: PlatformAccess,
  aside: readonly string[],
): Promise<Record<string, number>> => {
  const left = await backlogOf(field.api, SERVICES);
  // Counted below without the money of visits that stand aside.
  if (aside.length > 0) for (const kind of MONEY) delete left[kind];
  for (const { service, table } of QUEUES) {
    const beside = aside.map((visitId) => escapeLiteral(visitId)).join();
    const found = await allRows<{ count: number; next: Date | null }>(
      field.databaseUrlOf(service),
      `select count(*) as count, min(next_attempt_at) as next from ${service}.${table}
       where next_attempt_at is not null
       ${service === 'payment' && beside ? `and visit_id not in (${beside})` : ''}`,
    ).catch((error: Error) => [{ count: 1, next: null, error: error.message }]);
    const { count, next } = found[0]!;
    if (count > 0)
      left[`${service}.${table} (next at ${next?.toISOString() ?? 'an unknown time'})`] = count;
  }
  return left;
};

const withoutJobs = (left: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(left).filter(([kind]) => !kind.endsWith('.jobsRunning'));

/** What is looked at, and who helps. */
export interface QuiescenceProbe {
  left(): Promise<Readonly<Record<string, number>>>;
  /** The operator's round: how many parked messages went through, and refund cases were ended. */
  replay(): Promise<number>;
}

/**
 * Waits until nothing moves and nothing is left to do, with an operator who replays what the faults
 * parked. Throws with what is left when that has not changed for seven minutes, or after half an
 * hour.
 */
export const untilQuiescent = async (
  { left: look, replay }: QuiescenceProbe,
  update: (text: string) => void,
  patience = PATIENCE,
): Promise<void> => {
  const startedAt = performance.now();
  let [before, changedAt, lookedAt, quiet] = ['', startedAt, startedAt, 0];
  for (;;) {
    const left = await look();
    const now = performance.now();
    const told = JSON.stringify(Object.fromEntries(withoutJobs(left)));
    quiet = Object.keys(left).length === 0 ? quiet + 1 : 0;
    update(
      Object.entries(left)
        .map(([kind, count]) => `${kind} ${count}`)
        .join(' · '),
    );
    if (told !== before) [before, changedAt] = [told, now];
    const isQuiet = quiet >= patience.quietPolls;
    if (isQuiet || now - Math.max(changedAt, lookedAt) > patience.operatorAfterMs) {
      lookedAt = now;
      if ((await replay()) > 0) [quiet, changedAt] = [0, now];
      else if (isQuiet) return;
    }
    if (now - changedAt > patience.patienceMs || now - startedAt > patience.patienceMaxMs)
      throw new Error(`the platform did not become idle; pending work: ${told}`);
    await pause(patience.pollMs);
  }
};

/**
 * The whole platform at rest, as its services and their tables say. `aside`: visits that stand aside;
 * what waits for them is not waited for, nor replayed.
 */
export const untilPlatformQuiescent = (
  field: PlatformAccess,
  update: (text: string) => void,
  aside: readonly string[] = [],
): Promise<void> =>
  untilQuiescent(
    {
      left: () => leftAt(field, aside),
      replay: async () =>
        (await replayParked(field.api, SERVICES, aside)) + (await endRefundCases(field.api)),
    },
    update,
  );
