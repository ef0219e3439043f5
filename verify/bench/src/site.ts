import { join } from 'node:path';
import { payerIds } from '@caretab/benefits';
import { topicsFor } from '@caretab/contracts';
import { type Bus } from '@caretab/bus';
import { KafkaBus } from '@caretab/bus-kafka';
import { PgBus } from '@caretab/bus-postgres';
import { startLocalKafka } from '@caretab/engines';
import type { Database, Ledger, Machine } from './machine';
import type { Progress } from './progress';
import { connected } from './raw-postgres';

/** As the embedded default has, and as the contracts say; see deploy/src/embedded. */
export const PARTITIONS = { postgres: 2, kafka: 12 } as const;

/** Everything that a run measures, up and ready. */
export interface Site {
  readonly database: Database;
  readonly bus: Bus;
  readonly partitions: number;
  /** With --bus kafka. */
  readonly brokers: readonly string[] | undefined;
  readonly ledger: Ledger;
  /** What every service of this site reads. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface SiteOptions {
  readonly bus: 'postgres' | 'kafka';
  readonly partitions: number | undefined;
  readonly traced?: boolean;
  /** PostgreSQL counts statements by role. */
  readonly countsStatements?: boolean;
  readonly profileDir?: string | undefined;
  /** A role of the ledger's own, whose statements the server counts. */
  readonly ledgerRole?: string;
}

/**
 * Starts PostgreSQL, the broker where one is wanted, and the ledger; declares the topics. The
 * machine takes all of it away.
 */
export const startSite = async (
  options: SiteOptions,
  machine: Machine,
  progress: Progress,
): Promise<Site> => {
  const { ledgerRole } = options;
  const database = await progress.step('PostgreSQL', (update) =>
    machine.database(update, options.countsStatements ?? ledgerRole !== undefined),
  );
  const ledgerUrl = ledgerRole ? await roleOn(database.url, ledgerRole) : database.url;
  const brokers =
    options.bus === 'kafka'
      ? await progress.step('Apache Kafka', (update) => brokersOf(machine, update))
      : undefined;
  const bus = brokers
    ? new KafkaBus({ brokers, clientId: 'bench' })
    : new PgBus({ url: database.url });
  machine.onClean(() => bus.close());
  const partitions = options.partitions ?? PARTITIONS[options.bus];
  await bus.declare(
    topicsFor(payerIds).map((topic) => ({
      name: topic.name,
      retentionMs: topic.retentionMs,
      partitions: Math.min(topic.partitions, partitions),
    })),
  );
  const environment = {
    DATABASE_URL: ledgerUrl,
    TOPIC_PARTITIONS_MAX: String(partitions),
    ...(brokers ? { KAFKA_BROKERS: brokers.join(',') } : { BUS_DATABASE_URL: ledgerUrl }),
  };
  const tracing: Record<string, string> = options.traced
    ? { OTEL_EXPORTER_OTLP_ENDPOINT: await machine.traceReceiver() }
    : {};
  const ledger = await progress.step('visit ledger, a process of its own', () =>
    machine.ledger({ profileDir: options.profileDir }, { ...tracing, ...environment }),
  );
  return { database, bus, partitions, brokers, ledger, environment };
};

/** Makes a role that may do everything; gives its address of the database. */
const roleOn = async (url: string, role: string): Promise<string> => {
  const own = new URL(url);
  own.username = role;
  await connected(url, async (client) => {
    const password = client.escapeLiteral(decodeURIComponent(own.password));
    await client.query(`create role ${role} superuser login password ${password}`);
  });
  return own.href;
};

/** KAFKA_BROKERS, or a node of our own that is stopped at the end. */
export const brokersOf = async (
  machine: Machine,
  log: (line: string) => void,
): Promise<readonly string[]> => {
  const given = process.env['KAFKA_BROKERS'];
  if (given) return given.split(',');
  const kafka = await startLocalKafka({ dataDir: join(machine.folder, 'kafka'), log });
  machine.onClean(() => kafka.stop());
  return kafka.brokers;
};
