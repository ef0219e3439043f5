import { join, resolve } from 'node:path';
import { payerIds } from '@caretab/benefits';
import { type Bus, busOfAll } from '@caretab/bus';
import { PgBus } from '@caretab/bus-postgres';
import { topicsFor } from '@caretab/contracts';
import {
  environmentOf,
  instancesOf,
  secretsOf,
  type Service,
  signingKeysOf,
  type Site,
} from '@caretab/deploy';
import { freePorts } from '@caretab/engines';
import { Client } from 'pg';
import { BUS_DATABASE, databaseOf, roleOf, urlFor } from '../flow/site';
import { type Database, LEDGER_FLAGS, type Machine, type Process } from '../machine';
import { PARTITIONS } from '../site';

const HOST = '127.0.0.1';
/** On loopback alone: operators' routes ask for no key. */
const OPEN = { OPERATOR_KEY: '' };
/** The sandbox, seven services and HL7: only one of them starts here. */
const PORTS = 11;

/** One service alone, with a database and a role of its own. */
export interface LoneSite {
  readonly service: Service;
  readonly process: Process;
  readonly database: Database;
  /** Signed by each topic's author. */
  readonly bus: Bus;
  /** On the service's own database. */
  readonly client: Client;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface LoneOptions {
  readonly database: Database;
  /** Where the service leaves its CPU profile. */
  readonly profileDir: string | undefined;
  /** How Node runs it; as the image does where nothing is said. */
  readonly flags?: readonly string[];
}

/**
 * Starts one service on the embedded bus, whose topics are its own: what another service was sent
 * before, it does not read. The machine takes all of it away.
 */
export const startLone = async (
  machine: Machine,
  service: Service,
  { database, profileDir, flags = LEDGER_FLAGS }: LoneOptions,
): Promise<LoneSite> => {
  const [role, own, ofBus] = [roleOf(service), databaseOf(service), BUS_DATABASE];
  const server = new Client({ connectionString: database.url });
  await server.connect();
  const password = server.escapeLiteral(decodeURIComponent(new URL(database.url).password));
  await server.query(`create role ${role} superuser login password ${password}`);
  await server.query(`create database ${own} owner ${role}`);
  await server.query(`drop database if exists ${ofBus} with (force)`);
  await server.query(`create database ${ofBus}`);
  await server.end();
  const secrets = secretsOf(join(machine.folder, 'secrets.json'));
  const bus = busOfAll(new PgBus({ url: urlFor(database.url, '', ofBus) }), signingKeysOf(secrets));
  machine.onClean(() => bus.close());
  const partitions = PARTITIONS.postgres;
  await bus.declare(
    topicsFor(payerIds).map((topic) => ({
      ...topic,
      partitions: Math.min(topic.partitions, partitions),
    })),
  );
  const port = await freePorts(PORTS);
  const instances = instancesOf(new Map(), { port, mllpPort: port + PORTS - 1 });
  const site: Site = {
    host: HOST,
    secrets,
    bus: { BUS_DATABASE_URL: urlFor(database.url, role, ofBus) },
    acquirerUrl: `http://${HOST}:${port + 1}`,
    smtpUrl: `smtp://${HOST}:${port + 2}`,
    eventStore: {},
    urlOf: (name) => `http://${HOST}:${instances.find((one) => one.service === name)!.port}`,
    databaseUrlOf: () => urlFor(database.url, role, own),
  };
  const profile = profileDir ? ['--cpu-prof', `--cpu-prof-dir=${resolve(profileDir)}`] : [];
  const process = await machine.service(
    service,
    {
      TOPIC_PARTITIONS_MAX: String(partitions),
      ...environmentOf(
        site,
        instances.find((one) => one.service === service)!,
      ),
      ...OPEN,
    },
    [...flags, ...profile],
  );
  const client = new Client({ connectionString: urlFor(database.url, '', own) });
  await client.connect();
  machine.onClean(() => client.end());
  return { service, process, database, bus, client, secrets };
};
