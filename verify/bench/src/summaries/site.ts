import { join } from 'node:path';
import { payerIds } from '@caretab/benefits';
import { topicsFor } from '@caretab/contracts';
import { PgBus } from '@caretab/bus-postgres';
import { environmentOf, instancesOf, secretsOf, type Site } from '@caretab/deploy';
import { freePorts } from '@caretab/engines';
import { type Database, type Machine, type Process } from '../machine';
import type { Progress } from '../progress';
import { PARTITIONS } from '../site';
import type { Question } from './questions';

const HOST = '127.0.0.1';
/** On loopback alone: operators' routes ask for no key. */
const OPEN = { OPERATOR_KEY: '' };
/** The sandbox, seven services and HL7: only some of them start here. */
const PORTS = 11;
/** A small young generation (MB), so that the memory in use is what a read needs, not its garbage. */
const FLAGS = ['--max-semi-space-size=4'];

export interface SummariesSite {
  readonly database: Database;
  readonly processes: ReadonlyMap<Question['service'], Process>;
  /** Where payment looks for its acquirer; nothing listens there. */
  readonly acquirerPort: number;
}

interface Wanted {
  readonly services: readonly Question['service'][];
  readonly environment?: Readonly<Record<string, string>>;
  /** With pg_stat_statements. */
  readonly countsStatements?: boolean;
}

/** These services, each a process of its own; nothing else runs. */
export const startServices = async (
  machine: Machine,
  progress: Progress,
  { services, environment = {}, countsStatements = false }: Wanted,
): Promise<SummariesSite> => {
  const database = await progress.step('PostgreSQL', (update) =>
    machine.database(update, countsStatements),
  );
  const bus = new PgBus({ url: database.url });
  machine.onClean(() => bus.close());
  const partitions = PARTITIONS.postgres;
  await bus.declare(
    topicsFor(payerIds).map((topic) => ({
      ...topic,
      partitions: Math.min(topic.partitions, partitions),
    })),
  );
  const port = await freePorts(PORTS);
  const acquirerPort = port + 1;
  const instances = instancesOf(new Map(), { port, mllpPort: port + PORTS - 1 });
  const site: Site = {
    host: HOST,
    secrets: secretsOf(join(machine.folder, 'secrets.json')),
    bus: { BUS_DATABASE_URL: database.url },
    acquirerUrl: `http://${HOST}:${acquirerPort}`,
    smtpUrl: `smtp://${HOST}:${port + 2}`,
    eventStore: {},
    urlOf: (service) => `http://${HOST}:${instances.find((one) => one.service === service)!.port}`,
    databaseUrlOf: () => database.url,
  };
  const processes = new Map<Question['service'], Process>();
  await progress.step(`${services.join(', ')}: a process each`, async () => {
    for (const service of services) {
      const instance = instances.find((one) => one.service === service)!;
      const settings = {
        TOPIC_PARTITIONS_MAX: String(partitions),
        ...environmentOf(site, instance),
        ...OPEN,
        ...environment,
      };
      processes.set(service, await machine.service(service, settings, FLAGS));
    }
  });
  return { database, processes, acquirerPort };
};
