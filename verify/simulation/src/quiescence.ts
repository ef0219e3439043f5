import type { ParkedRow } from '@caretab/bus';
import type { SimulatedPlatform } from './simulated-platform';

interface Working {
  readonly status: string;
  readonly nextAttemptAt: Date | null;
  readonly recipientId?: string;
}

/** A webhook whose receiver is away waits, and may. */
const waitsForReceiver = ({ receiverAway }: SimulatedPlatform, { recipientId }: Working): boolean =>
  receiverAway !== undefined && recipientId === receiverAway;

/** What still is to be done, in words; nothing when the platform is at rest. */
export const openWork = async (world: SimulatedPlatform): Promise<string | undefined> => {
  if (!world.isUp) return 'a process is down';
  for (const [service, database] of world.databases)
    if (database.outbox.size > 0)
      return `${service} has ${database.outbox.size} messages to publish`;
  for (const { instance } of world.instances) {
    for (const { group, topics } of instance.consumers) {
      const lag = await world.bus.lag(group, topics);
      if (lag > 0) return `${group} is ${lag} messages behind`;
    }
  }
  const checkpoints = rows<{ name: string; position: string }>(world, 'visit-ledger', 'checkpoint');
  for (const { name, position } of checkpoints)
    if (await hasFactsAfter(world, BigInt(position))) return `${name} is at ${position}`;
  const busy = (service: string, table: string, ...open: string[]): string | undefined => {
    const count = rows<Working>(world, service, table).filter(
      (row) => open.includes(row.status) && !isPlanned(world, row) && !waitsForReceiver(world, row),
    ).length;
    return count > 0 ? `${service} has ${count} of ${table} under way` : undefined;
  };
  const held = rows<{ readonly isHeld: boolean }>(world, 'payment', 'difference');
  if (held.some(({ isHeld }) => isHeld)) return 'payment holds visits until neighbours agree';
  const asking = [...rows<Asking>(world, 'credit', 'loan'), ...bankLines(world)].filter((row) =>
    isSoon(world, row),
  ).length;
  if (asking > 0) return `credit has ${asking} banks to ask`;
  return (
    busy('payment', 'collection', 'due', 'sending', 'unresolved') ??
    busy('payment', 'refund', 'due', 'sending') ??
    busy('notification', 'notice', 'pending', 'sending') ??
    busy('identity', 'erasure', 'requested', 'closing', 'destroying')
  );
};

type Asking = Pick<Working, 'nextAttemptAt'>;

const bankLines = (world: SimulatedPlatform): readonly Asking[] =>
  rows<Asking>(world, 'credit', 'bank_line');

const isSoon = (world: SimulatedPlatform, { nextAttemptAt }: Asking): boolean =>
  nextAttemptAt !== null && nextAttemptAt.getTime() <= world.scheduler.nowMs + PLANNED_MS;

const hasFactsAfter = async ({ events }: SimulatedPlatform, after: bigint): Promise<boolean> => {
  if ((await events.head()) === after) return false;
  const reading = { after, countMax: 1, streamPrefix: 'visit-', onFaults: async () => undefined };
  return (await events.readAll(reading)).length > 0;
};

/** What waits for its time for longer is no work now. */
const PLANNED_MS = 120_000;
const isPlanned = (world: SimulatedPlatform, { status, nextAttemptAt }: Working): boolean =>
  status === 'due' && (nextAttemptAt?.getTime() ?? 0) > world.scheduler.nowMs + PLANNED_MS;

/** Whether there are webhooks whose next attempt is not soon. */
export const hasPlannedWebhooks = (world: SimulatedPlatform): boolean =>
  rows<Working>(world, 'notification', 'notice').some(
    ({ status, nextAttemptAt }) =>
      status === 'pending' && (nextAttemptAt?.getTime() ?? 0) > world.scheduler.nowMs + PLANNED_MS,
  );

/** In how many ms the first debit is made that waits for the morning; nothing where none does. */
export const nextDebitMs = (world: SimulatedPlatform): number | undefined => {
  const waits = rows<Working>(world, 'payment', 'collection')
    .filter((row) => isPlanned(world, row))
    .map(({ nextAttemptAt }) => nextAttemptAt!.getTime() - world.scheduler.nowMs);
  return waits.length > 0 ? Math.min(...waits) : undefined;
};

/** In how many ms the first refund is planned that waits for its time; nothing where none does. */
export const nextRefundMs = (world: SimulatedPlatform): number | undefined => {
  const waits = rows<Working>(world, 'payment', 'refund')
    .filter((row) => isPlanned(world, row))
    .map(({ nextAttemptAt }) => nextAttemptAt!.getTime() - world.scheduler.nowMs);
  return waits.length > 0 ? Math.min(...waits) : undefined;
};

export const rows = <Row extends object>(
  world: SimulatedPlatform,
  service: string,
  table: string,
): Readonly<Row>[] => world.databases.get(service)!.committed<Row>(table);

export const parkedRows = (
  world: SimulatedPlatform,
): { readonly service: string; readonly row: ParkedRow }[] =>
  [...world.databases.keys()].flatMap((service) =>
    rows<ParkedRow>(world, service, 'parked')
      .filter((row) => row.status === 'parked' && !isForgery(row))
      .map((row) => ({ service, row })),
  );

const countParked = (world: SimulatedPlatform, counts: (row: ParkedRow) => boolean): number =>
  [...world.databases.keys()].reduce(
    (sum, service) => sum + rows<ParkedRow>(world, service, 'parked').filter(counts).length,
    0,
  );

/** Messages that were parked and went through later, by an operator or by themselves. */
export const replayedRows = (world: SimulatedPlatform): number =>
  countParked(world, ({ status }) => status === 'replayed');

/** Messages that were emptied with their person. */
export const forgottenRows = (world: SimulatedPlatform): number =>
  countParked(world, ({ status, value }) => status === 'discarded' && value === '');

/**
 * The operator's round: what is parked is handled once more, in order. Returns how many succeeded;
 * a process that dies of it is left to the next round.
 */
export const replayParked = async (world: SimulatedPlatform): Promise<number> => {
  let replayed = 0;
  await discardForgeries(world);
  for (const service of new Set(parkedRows(world).map((each) => each.service))) {
    const replay = (filter: { readonly code?: string }) =>
      world.network
        .within(service, ({ instance }) => instance.parked.replay(filter))
        .catch((error: unknown) =>
          world.tell(`  the replay of ${service} failed: ${String(error)}`),
        );
    const result = await replay({});
    replayed += result?.replayed ?? 0;
    // What its sender got wrong stays; what an outage parked behind it is handled.
    if (result && result.skipped > 0)
      replayed += (await replay({ code: 'HANDLER_FAILED' }))?.replayed ?? 0;
  }
  return replayed;
};

/** Else a replay would leave alone what is behind one. */
const discardForgeries = async (world: SimulatedPlatform): Promise<void> => {
  for (const service of world.databases.keys())
    for (const row of rows<ParkedRow>(world, service, 'parked'))
      if (row.status === 'parked' && isForgery(row))
        await world.network
          .within(service, ({ instance }) => instance.parked.discard(row.id, 'forged'))
          .catch((error: unknown) => world.tell(`  not discarded: ${String(error)}`));
};

/** A header beside what is signed, so that the judge knows forgeries again. */
export const FORGED = 'caretab-forged';

/** Whether what is parked is a forgery, which no replay is to bring through. */
export const isForgery = ({ headers }: Pick<ParkedRow, 'headers'>): boolean =>
  headers.includes(`"${FORGED}"`);
