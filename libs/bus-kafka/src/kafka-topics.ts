import { MESSAGE_BYTES_MAX } from '@caretab/contracts';
import { CannotStart, type Timers } from '@caretab/kernel';
import { type Admin, ConfigResourceTypes, type ITopicConfig, type ITopicMetadata } from 'kafkajs';
import type { Log, TopicDeclaration } from '@caretab/bus';
import { isPassing } from './kafka-client';

/**
 * Copies of a partition where there are brokers enough; with so many, a write needs two of them.
 */
const REPLICAS = 3;
const NEWS_MS = 100;
const NEWS_TIMEOUT_MS = 30_000;
/**
 * A record compressed in a way that this client cannot undo (Snappy, LZ4, Zstandard) would hold its
 * partition up for ever. The broker undoes it on arrival; what our own producers send is not
 * compressed, so it costs nothing.
 */
const COMPRESSION = 'uncompressed';
const READABLE = [COMPRESSION, 'gzip'];
/**
 * How often a topic that seems not to be there is looked for: another process may just have created
 * it.
 */
const LOOKS = 5;

/** What a topic on the broker is, as far as declarations speak of it. */
interface Found {
  readonly partitions: number;
  readonly retentionMs: number | undefined;
  readonly cleanupPolicy: string | undefined;
  readonly compression: string | undefined;
  readonly messageBytesMax: number | undefined;
}

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

/**
 * The declared topics on the broker: missing ones are created, existing ones are compared. Another
 * process may do the same at the same time. A different number of partitions is an error, because
 * keys would lie elsewhere and lose their order. Retention and compaction are an operator's to
 * tune: a difference is said, and nothing is changed.
 */
export class KafkaTopics {
  private readonly known = new Set<string>();

  constructor(
    private readonly admin: <Result>(work: (admin: Admin) => Promise<Result>) => Promise<Result>,
    private readonly log: Log,
    private readonly timers: Timers,
    private readonly replicationFactor: number | undefined,
  ) {}

  /**
   * The first declaration of a topic by this bus counts; a consumer that names it again changes
   * nothing.
   */
  async declare(topics: readonly TopicDeclaration[]): Promise<void> {
    const fresh = [
      ...new Map(
        topics.filter(({ name }) => !this.known.has(name)).map((topic) => [topic.name, topic]),
      ).values(),
    ];
    if (fresh.length === 0) return;
    await this.admin(async (admin) => {
      const existing = new Set(await admin.listTopics());
      const missing = fresh.filter(({ name }) => !existing.has(name));
      if (missing.length > 0) await this.create(admin, missing);
      const found = await this.describe(
        admin,
        fresh.map(({ name }) => name),
      );
      const errors = fresh.flatMap((topic) => this.compare(topic, found.get(topic.name)));
      if (errors.length > 0) throw new CannotStart(errors.join(' '));
    });
    for (const { name } of fresh) this.known.add(name);
  }

  /**
   * Rejects, naming the topic, when it was neither declared by this bus nor exists on the broker.
   */
  async require(topics: readonly string[]): Promise<void> {
    const doubtful = topics.filter((topic) => !this.known.has(topic));
    if (doubtful.length === 0) return;
    const look = async (): Promise<readonly string[]> => {
      const existing = new Set(await this.admin((admin) => admin.listTopics()));
      return doubtful.filter((topic) => !existing.has(topic));
    };
    let missing = await look();
    for (let tries = 0; missing.length > 0 && tries < LOOKS; tries += 1) {
      await this.timers.sleep(NEWS_MS);
      missing = await look();
    }
    if (missing.length > 0)
      throw new Error(`Kafka has no topic ${missing.join(', ')}: declare it before it is used.`);
    for (const topic of doubtful) this.known.add(topic);
  }

  private async create(admin: Admin, topics: readonly TopicDeclaration[]): Promise<void> {
    const { brokers } = await admin.describeCluster();
    const replicationFactor = this.replicationFactor ?? Math.min(REPLICAS, brokers.length);
    const wanted = topics.map(({ name, partitions, retentionMs, compacted }): ITopicConfig => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor,
      configEntries: [
        { name: 'retention.ms', value: String(retentionMs) },
        { name: 'cleanup.policy', value: compacted ? 'compact' : 'delete' },
        { name: 'compression.type', value: COMPRESSION },
        { name: 'max.message.bytes', value: String(MESSAGE_BYTES_MAX) },
        ...(replicationFactor >= REPLICAS
          ? [{ name: 'min.insync.replicas', value: String(REPLICAS - 1) }]
          : []),
      ],
    }));
    try {
      await admin.createTopics({ topics: wanted, waitForLeaders: false });
    } catch (error) {
      const faults = (
        (error as { errors?: readonly { type?: string; topic?: string; message: string }[] })
          .errors ?? [error as Error & { type?: string; topic?: string }]
      ).filter(({ type }) => type !== 'TOPIC_ALREADY_EXISTS');
      if (faults.length > 0)
        throw new CannotStart(
          'KAFKA_BROKERS: Kafka does not create ' +
            `${faults.map(({ topic, message }) => `${topic ?? 'topics'} (${message})`).join(', ')}: ` +
            'create them by hand, or give this client the right to, as ' +
            '`npm run --silent caretab -- grants kafka` prints it',
          { cause: error },
        );
    }
  }

  /**
   * A broker learns of a new topic and its leader shortly after creation. kafkajs' own wait gives
   * up before that.
   */
  private async metadata(
    admin: Admin,
    names: readonly string[],
  ): Promise<readonly ITopicMetadata[]> {
    for (let waitedMs = 0; ; waitedMs += NEWS_MS) {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
        if (
          topics.every(
            ({ partitions }) =>
              partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
          ) ||
          waitedMs >= NEWS_TIMEOUT_MS
        )
          return topics;
      } catch (error) {
        if (!isPassing(error) || waitedMs >= NEWS_TIMEOUT_MS) throw error;
      }
      await this.timers.sleep(NEWS_MS);
    }
  }

  private async describe(
    admin: Admin,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Found>> {
    const topics = await this.metadata(admin, names);
    const settings = await this.settings(admin, names);
    return new Map(
      topics.map(({ name, partitions }) => {
        const {
          'retention.ms': retentionMs,
          'cleanup.policy': cleanupPolicy,
          'compression.type': compression,
          'max.message.bytes': messageBytesMax,
        } = settings.get(name) ?? {};
        return [
          name,
          {
            partitions: partitions.length,
            retentionMs: numberOf(retentionMs),
            cleanupPolicy,
            compression,
            messageBytesMax: numberOf(messageBytesMax),
          },
        ];
      }),
    );
  }

  /** Empty when this client may not read them: the check is then of the partitions alone. */
  private async settings(
    admin: Admin,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
    try {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: names.map((name) => ({
          type: ConfigResourceTypes.TOPIC,
          name,
          configNames: ['retention.ms', 'cleanup.policy', 'compression.type', 'max.message.bytes'],
        })),
      });
      return new Map(
        resources.map(({ resourceName, configEntries }) => [
          resourceName,
          Object.fromEntries(
            configEntries.map(({ configName, configValue }) => [configName, configValue]),
          ),
        ]),
      );
    } catch (error) {
      this.log.warn(
        { reason: (error as Error).name },
        'topic settings are not readable on Kafka: retention and compaction were not checked',
      );
      return new Map();
    }
  }

  /** Says what differs; the errors among it are returned. */
  private compare(
    { name, partitions, retentionMs, compacted }: TopicDeclaration,
    found: Found | undefined,
  ): string[] {
    if (!found) return [`Kafka does not show the topic ${name} after it was created.`];
    const alter = (setting: string): string =>
      'if that is not on purpose: kafka-configs --alter --entity-type topics ' +
      `--entity-name ${name} --add-config ${setting}`;
    if (found.retentionMs !== undefined && found.retentionMs !== retentionMs)
      this.log.warn(
        { topic: name, declared: retentionMs, found: found.retentionMs },
        `topic ${name} has retention.ms=${found.retentionMs} on the broker, ` +
          `${retentionMs} is declared; ${alter(`retention.ms=${retentionMs}`)}`,
      );
    // Who declares a topic only to read it does not say how it is cleaned up.
    if (
      compacted !== undefined &&
      found.cleanupPolicy !== undefined &&
      found.cleanupPolicy.includes('compact') !== compacted
    )
      this.log.warn(
        { topic: name, found: found.cleanupPolicy },
        `topic ${name} has cleanup.policy=${found.cleanupPolicy} on the broker, ` +
          `${compacted ? 'compact' : 'delete'} is declared; ` +
          `${alter(`cleanup.policy=${compacted ? 'compact' : 'delete'}`)}`,
      );
    if (found.compression !== undefined && !READABLE.includes(found.compression))
      this.log.warn(
        { topic: name, found: found.compression },
        `topic ${name} has compression.type=${found.compression} on the broker: a ` +
          'producer with another compression than gzip would block its partition; ' +
          `${alter(`compression.type=${COMPRESSION}`)}`,
      );
    if (found.messageBytesMax !== undefined && found.messageBytesMax < MESSAGE_BYTES_MAX)
      this.log.warn(
        { topic: name, found: found.messageBytesMax },
        `topic ${name} has max.message.bytes=${found.messageBytesMax} on the broker: ` +
          'a larger message would block its partition; ' +
          `${alter(`max.message.bytes=${MESSAGE_BYTES_MAX}`)}`,
      );
    if (found.partitions === partitions) return [];
    const reason =
      found.partitions < partitions
        ? 'keys would move to other partitions'
        : 'partitions cannot be taken away';
    return [
      `Topic ${name} has ${found.partitions} partitions on the broker and ${partitions} are declared; ${reason}. ` +
        `Declare ${found.partitions}; or stop all services, consume what is left, and recreate the topic.`,
    ];
  }
}
