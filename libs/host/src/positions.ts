import { type Bus, type Committed, isAway, type Offset } from '@caretab/bus';
import { CannotStart, type Clock, DomainError } from '@caretab/kernel';
import type { Position, Store } from '@caretab/store';
import { meter } from '@caretab/telemetry';
import type { Degradation } from './degradations';

/** Messages that the bus counts as handled by a group, and the service's database does not. */
export interface Forgotten {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** Offset that the bus has of the group. */
  readonly committed: number;
  /** Offset up to which the database has the effects. */
  readonly handled: number;
  /** Messages in between that the bus no longer keeps. */
  readonly gone: number;
}

/** A log of the bus that ends before what was read of it: it was cut, or replaced by an older copy. */
interface CutLog {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly end: number;
  /** Offset up to which the group, or the database, has read. */
  readonly readTo: number;
}

/** So long it may be the lag of a new leader. */
export const LAG_MS_MAX = 30_000;

type Consumed = { readonly group: string; readonly topics: readonly string[] };

const keyOf = ({ group, topic, partition }: Omit<Position, 'offset'>): string =>
  `${group} ${topic} ${partition}`;

/**
 * Compares the offsets that the bus has of a service's groups with the positions in its database.
 * Only a database that was restored from a copy, or messages that the bus dropped unread, make the
 * bus be ahead. A log that ends before what was read of it has lost messages, or was replaced.
 */
export class Positions {
  private found: readonly Forgotten[] = [];
  private since: Date | undefined;
  private cut: readonly CutLog[] = [];
  private cutSince: Date | undefined;
  private hasBegun = false;

  constructor(
    private readonly parts: {
      readonly service: string;
      readonly store: Store;
      readonly bus: Bus;
      readonly clock: Clock;
      readonly consumers: readonly Consumed[];
    },
  ) {}

  /**
   * Before the consumers begin: a partition without a position gets the one that the bus has, so
   * that a copy of the database from now on has one of each. A bus that does not answer yet, as
   * Kafka for topics that were just made, blocks no start: the next look begins.
   */
  async begin(): Promise<void> {
    await this.placeUnknown().catch((error: unknown) => {
      if (!isAway(error)) throw error;
    });
  }

  private async placeUnknown(): Promise<void> {
    const { store } = this.parts;
    const [committed, known] = await this.both();
    for (const { group, topic, partition, offset } of committed)
      if (!known.has(keyOf({ group, topic, partition })))
        await store.place({ group, topic, partition, offset: Number(offset) });
    this.hasBegun = true;
  }

  /** Compares now; returns 0: a job that has nothing more to do at once. */
  async look(): Promise<number> {
    if (!this.hasBegun) await this.placeUnknown();
    this.found = await this.forgotten();
    this.since = this.found.length === 0 ? undefined : (this.since ?? this.parts.clock.now());
    this.cut = await this.cutLogs();
    this.cutSince = this.cut.length === 0 ? undefined : (this.cutSince ?? this.parts.clock.now());
    return 0;
  }

  /** Throws BUS_UNREACHABLE (unavailable). */
  async forgotten(): Promise<readonly Forgotten[]> {
    // The bus first: what it has committed is in the database by then.
    const [committed, known] = await this.both();
    return committed.flatMap(({ group, topic, partition, offset, first }) => {
      const handled = known.get(keyOf({ group, topic, partition }))?.offset;
      if (handled === undefined || Number(offset) <= handled) return [];
      const gone = Math.max(Number(first) - handled, 0);
      return [{ group, topic, partition, committed: Number(offset), handled, gone }];
    });
  }

  private async cutLogs(): Promise<readonly CutLog[]> {
    // The database first: a log that is whole reaches at least as far.
    const known = await this.known();
    return (await this.committed()).flatMap(({ group, topic, partition, offset, end }) => {
      const handled = known.get(keyOf({ group, topic, partition }))?.offset ?? 0;
      const readTo = Math.max(handled, Number(offset));
      return Number(end) < readTo ? [{ group, topic, partition, end: Number(end), readTo }] : [];
    });
  }

  /**
   * Has the forgotten messages delivered again, as far as the bus keeps them. Throws
   * BUS_UNREACHABLE (unavailable), REWIND_UNAVAILABLE (conflict).
   */
  async rewind(): Promise<readonly Forgotten[]> {
    const { bus, store } = this.parts;
    const forgotten = await this.forgotten();
    if (forgotten.length > 0 && !bus.rewind)
      throw new DomainError('REWIND_UNAVAILABLE', 'conflict', { forgotten: forgotten.length });
    for (const { group } of this.parts.consumers) {
      const own = forgotten.filter((one) => one.group === group);
      if (own.length === 0) continue;
      const to: Offset[] = own.map(({ topic, partition, handled, gone }) => ({
        ...{ topic, partition, offset: BigInt(handled + gone) },
      }));
      // What the bus no longer keeps is skipped: the position would wait for it for ever.
      for (const { topic, partition, handled, gone } of own)
        if (gone > 0) await store.place({ group, topic, partition, offset: handled + gone });
      await bus.rewind!(group, to);
    }
    await this.look();
    return forgotten;
  }

  degradations(): readonly Degradation[] {
    const forgotten = this.found.map(({ group, topic, partition, committed, handled }) => ({
      what: `position of ${group}`,
      why: `${topic}/${partition}: the bus is at ${committed}, the database at ${handled}`,
      since: this.since!,
    }));
    const since = this.cutSince;
    if (!since || this.parts.clock.now().getTime() - since.getTime() < LAG_MS_MAX) return forgotten;
    const cut = this.cut.map(({ group, topic, partition, end, readTo }) => ({
      what: `the log of ${topic}/${partition}`,
      why: `it ends at ${end}, but ${group} has read up to ${readTo} (docs/runbooks/bus-restored.md)`,
      since,
    }));
    return [...forgotten, ...cut];
  }

  observe(): void {
    const { service } = this.parts;
    const cut = meter(`caretab.${service}`).createObservableGauge(`caretab.${service}.cut_logs`, {
      description: 'Partitions of the bus that end before what was read of them',
    });
    cut.addCallback((result) => result.observe(this.cut.length));
    const gauge = meter(`caretab.${service}`).createObservableGauge(
      `caretab.${service}.forgotten_messages`,
      { description: 'Messages that the bus counts as handled and the database does not' },
    );
    gauge.addCallback((result) => {
      for (const { group, topics } of this.parts.consumers)
        for (const topic of topics) {
          const own = this.found.filter((one) => one.group === group && one.topic === topic);
          const count = own.reduce((sum, { committed, handled }) => sum + committed - handled, 0);
          result.observe(count, { group, topic });
        }
    });
  }

  private async both(): Promise<
    readonly [readonly (Committed & { readonly group: string })[], ReadonlyMap<string, Position>]
  > {
    const committed = await this.committed();
    return [committed, await this.known()];
  }

  private async committed(): Promise<readonly (Committed & { readonly group: string })[]> {
    const { bus, consumers } = this.parts;
    const committed = await Promise.all(
      consumers.map(async ({ group, topics }) =>
        (await committedOf(bus, group, topics)).map((one) => ({ ...one, group })),
      ),
    );
    return committed.flat();
  }

  private async known(): Promise<ReadonlyMap<string, Position>> {
    const { store, consumers } = this.parts;
    const positions = await store.positions(consumers.map(({ group }) => group));
    return new Map(positions.map((one) => [keyOf(one), one]));
  }
}

/** The positions of the services in this process, by service name. */
export class PositionsByService extends Map<string, Positions> {}

const committedOf = async (
  bus: Bus,
  group: string,
  topics: readonly string[],
): Promise<readonly Committed[]> => {
  try {
    return await bus.committed(group, topics);
  } catch (error) {
    // A right is missing: it stays so.
    if (error instanceof CannotStart) throw error;
    throw Object.assign(
      new DomainError('BUS_UNREACHABLE', 'unavailable', { group, remedy: 'try again later' }),
      { cause: error },
    );
  }
};
