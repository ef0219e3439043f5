import { join, resolve } from 'node:path';
import { payerIds } from '@caretab/benefits';
import { topicsFor } from '@caretab/contracts';
import type { Bus } from '@caretab/bus';
import { KafkaBus } from '@caretab/bus-kafka';
import { PgBus } from '@caretab/bus-postgres';
import {
  environmentOf,
  type Instance,
  instancesOf,
  keysOf,
  type Service,
  SERVICES,
  secretsOf,
  type Site,
  anchorPlacesOf,
} from '@caretab/deploy';
import { freePorts } from '@caretab/engines';
import { Api } from '@caretab/hospital';
import { Client } from 'pg';
import { type Database, LEDGER_FLAGS, type Machine, type Process } from '../machine';
import type { Progress } from '../progress';
import { brokersOf, PARTITIONS } from '../site';
import type { FlowOptions } from './options';
import { UNLIMITED } from '../unlimited';

const HOST = '127.0.0.1';
/** The gateway, three of the sandbox, six further services, and HL7. */
const PORTS = 11;

/** Every part of a platform as a process of its own, up and ready. */
export interface FlowSite {
  readonly database: Database;
  readonly processes: ReadonlyMap<Service | 'sandbox', Process>;
  readonly bus: Bus;
  readonly api: Api;
  readonly gatewayUrl: string;
  readonly webhookUrl: string;
  readonly journal: (name: 'acquirer' | 'webhooks') => string;
  readonly partitions: number;
  keyOf(institutionId: string): string;
}

/** The role with which a service is known to PostgreSQL, whichever database it uses. */
export const roleOf = (service: string): string => `bench_${service.replaceAll('-', '_')}`;
/** The database of a service, and the one of the embedded bus. */
export const databaseOf = (service: string): string => `own_${service.replaceAll('-', '_')}`;
export const BUS_DATABASE = databaseOf('bus');

export const urlFor = (serverUrl: string, role: string, database: string): string => {
  const url = new URL(serverUrl);
  if (role !== '') url.username = role;
  url.pathname = `/${database}`;
  return url.href;
};

/** A role and a database for each service, so that the server's own counters say who did what. */
const prepareDatabases = async (serverUrl: string): Promise<void> => {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  const password = client.escapeLiteral(decodeURIComponent(new URL(serverUrl).password));
  try {
    await client.query(`create database ${BUS_DATABASE}`);
    for (const service of SERVICES) {
      await client.query(`create role ${roleOf(service)} superuser login password ${password}`);
      await client.query(`create database ${databaseOf(service)} owner ${roleOf(service)}`);
    }
  } finally {
    await client.end();
  }
};

/** Starts everything; the machine takes all of it away. */
export const startFlowSite = async (
  options: FlowOptions,
  machine: Machine,
  progress: Progress,
): Promise<FlowSite> => {
  const database = await progress.step('PostgreSQL, a database per service', async (update) => {
    const started = await machine.database(update, true);
    await prepareDatabases(started.url);
    return started;
  });
  const brokers =
    options.bus === 'kafka'
      ? await progress.step('Apache Kafka', (update) => brokersOf(machine, update))
      : undefined;
  const bus = brokers
    ? new KafkaBus({ brokers, clientId: 'bench' })
    : new PgBus({ url: urlFor(database.url, '', BUS_DATABASE) });
  machine.onClean(() => bus.close());
  const partitions = PARTITIONS[options.bus];
  await bus.declare(
    topicsFor(payerIds).map((topic) => ({
      ...topic,
      partitions: Math.min(topic.partitions, partitions),
    })),
  );
  const port = await freePorts(PORTS);
  const secrets = secretsOf(join(machine.folder, 'secrets.json'));
  const instances = instancesOf(new Map(), { port, mllpPort: port + PORTS - 1 });
  const urlOf = (service: string): string =>
    `http://${HOST}:${instances.find((instance) => instance.service === service)!.port}`;
  const site: Site = {
    host: HOST,
    secrets,
    bus: {},
    acquirerUrl: `http://${HOST}:${port + 1}`,
    smtpUrl: `smtp://${HOST}:${port + 3}`,
    anchorPlaces: anchorPlacesOf(machine.folder),
    eventStore: {},
    urlOf,
    databaseUrlOf: (service) => urlFor(database.url, roleOf(service), databaseOf(service)),
  };
  const busOf = ({ service }: Instance): Record<string, string> =>
    brokers
      ? { KAFKA_BROKERS: brokers.join(',') }
      : { BUS_DATABASE_URL: urlFor(database.url, roleOf(service), BUS_DATABASE) };
  const flags = [
    ...LEDGER_FLAGS,
    ...(options.profileDir ? ['--cpu-prof', `--cpu-prof-dir=${resolve(options.profileDir)}`] : []),
  ];
  const processes = new Map<Service | 'sandbox', Process>();
  await progress.step('sandbox and seven services, a process each', async () => {
    processes.set('sandbox', await startSandbox(machine, port + 1, secrets));
    await Promise.all(
      instances.map(async (instance) => {
        const environment = {
          TOPIC_PARTITIONS_MAX: String(partitions),
          // A run at night measures the same, and hospitals bring their keys. A few citizens have
          // thousands of visits a day, whose debits no limit holds.
          PAYMENT_QUIET_HOURS: 'off',
          PAYMENT_POLICY_FILE: UNLIMITED,
          IDENTITY_CHOSEN_KEYS: 'on',
          ...environmentOf(site, instance),
          ...busOf(instance),
        };
        const { service } = instance;
        processes.set(service, await machine.service(service, environment, flags));
      }),
    );
  });
  return {
    database,
    processes,
    bus,
    api: new Api((service) => [urlOf(service)], secrets['OPERATOR_KEY']),
    gatewayUrl: urlOf('gateway'),
    webhookUrl: `http://${HOST}:${port + 2}/hooks`,
    journal: (name) => join(machine.folder, 'sandbox', `${name}.jsonl`),
    partitions,
    keyOf: keysOf(secrets),
  };
};

const startSandbox = (
  machine: Machine,
  port: number,
  secrets: Readonly<Record<string, string>>,
): Promise<Process> =>
  machine.program(
    { name: 'sandbox', main: 'deploy/sandbox/dist/main.js', flags: LEDGER_FLAGS, upAt: '/' },
    {
      HTTP_PORT: String(port),
      SANDBOX_PORT: String(port),
      SANDBOX_DATA: join(machine.folder, 'sandbox'),
      PAYMENT_ACQUIRER_SECRET: secrets['PAYMENT_ACQUIRER_SECRET']!,
      NOTIFICATION_WEBHOOK_KEY: secrets['NOTIFICATION_WEBHOOK_KEY']!,
    },
  );
