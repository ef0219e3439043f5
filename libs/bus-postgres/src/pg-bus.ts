import { assert, Outages, systemIds, systemTimers, type Timers } from '@caretab/kernel';
import { Pool } from 'pg';
import {
  type BatchHandler,
  type Bus,
  type Committed,
  type ConsumeOptions,
  type CrashableConsumer,
  type Log,
  type Message,
  type Offset,
  partitionOf,
  silentLog,
  type TopicDeclaration,
} from '@caretab/bus';
import { PgBell, type News } from './pg-bell';
import { PgConsumer, type PgPartition } from './pg-consumer';
import { PgMembership } from './pg-membership';
import { committedOf, rewind } from './pg-offsets';
import { prune } from './pg-pruning';
import { proveBus } from './prove-bus';
import { type Kept, readKept } from './pg-read-kept';
import { createTables } from './pg-schema';
import { sessions, SETTING } from './pg-sessions';
import { PgWriter } from './pg-writer';

export interface PgBusOptions {
  readonly url: string;
  readonly schema?: string;
  /** Connections at most, beside the one that listens. At least 4. */
  readonly poolMax?: number;
  /** A member that is silent for so long is taken for dead. */
  readonly sessionMs?: number;
  readonly heartbeatMs?: number;
  /** When readers first look by themselves, in case a notification was lost; later less often. */
  readonly pollMs?: number;
  /** Partitions that one consumer works at the same time. */
  readonly sideBySideMax?: number;
  readonly timers?: Timers;
  readonly logger?: Log;
}

const DEFAULTS = {
  schema: 'bus',
  poolMax: 8,
  sessionMs: 10_000,
  heartbeatMs: 3000,
  pollMs: 500,
  sideBySideMax: 4,
};
const READ_REST_MS_MAX = 10;
const WRITERS_MAX = 2;
// Text columns cannot hold NUL, and it would fail the sends that share the write.
const NUL = '\u0000';

/**
 * The bus on PostgreSQL: a log per partition whose offsets readers can trust, and consumer groups
 * with sessions and fencing.
 */
export class PgBus implements Bus {
  private readonly options: typeof DEFAULTS & PgBusOptions;
  private readonly timers: Timers;
  /** Of all consumers: they lose the same database. */
  private readonly outages: Outages;
  private readonly writing: Pool;
  private readonly reading: Pool;
  private readonly writer: PgWriter;
  private readonly bell: PgBell;
  private readonly consumers = new Set<PgConsumer>();
  private readonly topics = new Map<string, Promise<readonly PgPartition[]>>();
  private readonly sending = new Set<Promise<void>>();
  private opening: Promise<void> | undefined;

  constructor(options: PgBusOptions) {
    this.options = { ...DEFAULTS, ...options };
    const { url: connectionString, schema, poolMax } = this.options;
    this.timers = options.timers ?? systemTimers;
    this.outages = new Outages(options.logger ?? silentLog, { what: 'bus consumer' });
    this.writing = new Pool({
      ...sessions(connectionString, { synchronous_commit: 'on' }),
      max: WRITERS_MAX,
      application_name: 'caretab-bus-write',
    });
    // Offsets may be lost by a crash of the database: the messages after them are then delivered
    // again, and recognised.
    this.reading = new Pool({
      ...sessions(connectionString, { synchronous_commit: 'off' }),
      max: Math.max(poolMax - WRITERS_MAX, 2),
      application_name: 'caretab-bus-read',
    });
    for (const pool of [this.writing, this.reading]) {
      pool.on('error', () => undefined); // An idle connection broke; the pool makes another.
      // Broken before it was checked out: the next query fails and reports it.
      pool.on('connect', (client) => client.on('error', () => undefined));
    }
    this.writer = new PgWriter(this.writing, schema, (partitionIds) =>
      this.notify({ partitionIds, groups: [] }),
    );
    const bell = {
      url: connectionString,
      pool: this.reading,
      channel: `${schema}_news`,
      instance: systemIds.next(),
      timers: this.timers,
    };
    this.bell = new PgBell(bell, (news) => this.receive(news));
  }

  /**
   * Makes what is missing. The partitions of a topic that exists stay as they are, because keys
   * would move; its retention is updated.
   */
  async declare(topics: readonly TopicDeclaration[]): Promise<void> {
    await this.open();
    if (topics.length === 0) return;
    const { schema } = this.options;
    const sorted = [...topics].sort((a, b) => (a.name < b.name ? -1 : 1));
    await this.writing.query(
      `WITH declared AS (SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[]) AS d (name,
        partitions, retention_ms)),
      existing AS (SELECT name FROM ${schema}.topics),
      saved AS (
        INSERT INTO ${schema}.topics SELECT name, retention_ms FROM declared
        ON CONFLICT (name) DO UPDATE SET retention_ms = excluded.retention_ms RETURNING name
      )
      INSERT INTO ${schema}.partitions (topic, partition)
      SELECT d.name, n FROM declared d JOIN saved USING (name), generate_series(0, d.partitions - 1) AS n
      WHERE d.name NOT IN (SELECT name FROM existing) ON CONFLICT DO NOTHING`,
      [
        sorted.map(({ name }) => name),
        sorted.map(({ partitions }) => partitions),
        sorted.map(({ retentionMs }) => retentionMs),
      ],
    );
  }

  async send(topic: string, messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    // Every send waits for the same promise, so that sends that are not waited for stay in order
    // from the first on.
    const partitions = await this.partitionsOf(topic);
    const rows = messages.map(({ key, value, headers }) => ({
      partitionId: partitions[partitionOf(key, partitions.length)]!.id,
      key,
      value,
      headers: JSON.stringify(headers),
    }));
    assert(
      !rows.some(({ key, value }) => key.includes(NUL) || value.includes(NUL)),
      'keys and values hold no NUL character',
    );
    const written = this.writer.write(rows);
    this.sending.add(written);
    try {
      await written;
    } finally {
      this.sending.delete(written);
    }
  }

  async consume(options: ConsumeOptions, handle: BatchHandler): Promise<CrashableConsumer> {
    const { schema, sessionMs, heartbeatMs, pollMs, sideBySideMax } = this.options;
    const partitions = (
      await Promise.all(options.topics.map((topic) => this.partitionsOf(topic)))
    ).flat();
    const me = { id: systemIds.next(), topics: options.topics };
    const consumer: PgConsumer = new PgConsumer({
      pool: this.reading,
      schema,
      options,
      handle,
      partitions,
      heartbeatMs,
      pollMs,
      restMaxMs: READ_REST_MS_MAX,
      sideBySideMax,
      timers: this.timers,
      outages: this.outages,
      membership: new PgMembership(this.reading, schema, options.group, me, sessionMs),
      announce: () => this.notify({ partitionIds: [], groups: [options.group] }, consumer),
      onEnd: () => this.consumers.delete(consumer),
    });
    this.consumers.add(consumer);
    try {
      await consumer.start();
    } catch (error) {
      this.consumers.delete(consumer);
      throw error;
    }
    return consumer;
  }

  async lag(group: string, topics: readonly string[]): Promise<number> {
    await this.open();
    const { schema } = this.options;
    const { rows } = await this.reading.query<{ lag: string }>(
      `SELECT coalesce(sum(p.next_offset - greatest(coalesce(o."offset", 0), p.first_offset)), 0) AS lag
      FROM ${schema}.partitions p LEFT JOIN ${schema}.offsets o ON o.partition_id = p.id AND
      o.group_name = $1 WHERE p.topic = ANY ($2)`,
      [group, topics],
    );
    return Number(rows[0]!.lag);
  }

  async committed(group: string, topics: readonly string[]): Promise<readonly Committed[]> {
    await this.open();
    return committedOf(this.reading, this.options.schema, { group, topics });
  }

  async read({ topic }: { readonly topic: string }, handle: Kept): Promise<void> {
    const from = { pool: this.reading, schema: this.options.schema };
    await readKept(from, await this.partitionsOf(topic), handle);
  }

  /** The partitions lose their owners, whose commits no longer count, and are claimed again. */
  async rewind(group: string, to: readonly Offset[]): Promise<void> {
    await this.open();
    await rewind(this.writing, this.options.schema, { group, to });
    this.notify({ partitionIds: [], groups: [group] });
  }

  /**
   * Deletes messages older than their topic's retention that every group of the partition has
   * handled. Returns how many. A group that was given up holds them: its offsets must be deleted.
   */
  async prune(): Promise<number> {
    await this.open();
    return prune(this.reading, this.options.schema);
  }

  /** Waits for batches and sends in work. Nothing is sent or consumed afterwards. */
  async close(): Promise<void> {
    await Promise.all([...this.consumers].map((consumer) => consumer.stop()));
    await Promise.allSettled([...this.sending, this.opening]);
    await this.bell.close();
    await Promise.all([this.writing.end(), this.reading.end()]);
  }

  private open(): Promise<void> {
    const { url, schema } = this.options;
    this.opening ??= proveBus({ url, setting: SETTING }, schema)
      .then(() => createTables(this.writing, schema))
      .then(() => this.bell.listen())
      .catch((error: unknown) => {
        this.opening = undefined;
        throw error;
      });
    return this.opening;
  }

  private partitionsOf(topic: string): Promise<readonly PgPartition[]> {
    let partitions = this.topics.get(topic);
    if (!partitions) {
      partitions = this.readPartitions(topic);
      this.topics.set(topic, partitions);
      partitions.catch(() => this.topics.delete(topic));
    }
    return partitions;
  }

  private async readPartitions(topic: string): Promise<readonly PgPartition[]> {
    await this.open();
    const { rows } = await this.reading.query<PgPartition>(
      `SELECT id, topic, partition FROM ${this.options.schema}.partitions WHERE topic = $1 ORDER BY partition`,
      [topic],
    );
    assert(rows.length > 0, `topic ${topic} is declared before it is used`);
    return rows;
  }

  /** To this instance's own consumers at once, to the others through the database. */
  private notify(news: News, except?: PgConsumer): void {
    this.receive(news, except);
    this.bell.ring(news);
  }

  private receive({ partitionIds, groups }: News, except?: PgConsumer): void {
    for (const consumer of this.consumers) {
      if (partitionIds === undefined) consumer.regroup();
      else if (groups.includes(consumer.group) && consumer !== except) consumer.regroup();
      if (partitionIds === undefined || partitionIds.length > 0) consumer.wake(partitionIds);
    }
  }
}
