import { kafkaRights } from '@caretab/bus-kafka';
import { CommandLine } from '@caretab/command-line';
import { readEventKeys } from '@caretab/event-store';
import { EventStoreDb, proveRights } from '@caretab/event-store-eventstoredb';
import { kafkaConnectionOf, parseBootConfig } from '@caretab/host';
import { CannotStart } from '@caretab/kernel';
import { connectRefused, lackingOf } from '@caretab/store';
import { Client } from 'pg';
import { isService, type Service, SERVICES } from '../cluster/topology';
import { eventStoreScript } from '../grants/event-store-grants';
import { kafkaDifferences, kafkaScript } from '../grants/kafka-grants';
import {
  allRights,
  passwordsIn,
  type PostgresGrants,
  postgresScript,
} from '../grants/postgres-grants';
import type { Command, Print } from './command';
import { Refused } from './platform-client';

const HELP = `caretab grants postgres      the statements for psql: roles, databases, rights
caretab grants kafka         the commands of kafka-acls.sh
caretab grants eventstore    the user of the visit ledger, and the metadata of $all
  --services A,B   these services alone (default: all)
  --bus            postgres: also the database of the bus, where that is in PostgreSQL
  --prefix TEXT    postgres: before each name, where platforms share a server
  --check URL      postgres: compare with the server, as any role of it; print what differs with the
                   statement that mends it. kafka: HOST:PORT, compare ACLs and topics with the
                   cluster, as the administrator of KAFKA_SASL_…. eventstore: try it as the user of
                   the ledger. Status 1 if something differs
  --user NAME      eventstore: its name (default: visit-ledger)`;

const servicesOf = (given: CommandLine): readonly Service[] => {
  const names = given.value('--services')?.split(',') ?? SERVICES;
  const unknown = names.find((name) => !isService(name));
  if (unknown !== undefined)
    throw given.wrong(
      `--services: there is no service ${unknown}; there are ${SERVICES.join(', ')}`,
    );
  return names as readonly Service[];
};

/** What the engines of others have to grant. docs/deploying.md. */
export const grants: Command = {
  name: 'grants',
  what: 'what PostgreSQL, Kafka and EventStoreDB must grant: print, compare',
  run: async (args, print) => {
    const given = new CommandLine(args, {
      help: HELP,
      flags: ['--bus'],
      values: ['--services', '--check', '--prefix', '--user'],
      positionalsMax: 1,
    });
    const services = servicesOf(given);
    const [engine] = given.positionals;
    const check = given.value('--check');
    const wanted = { services, bus: given.has('--bus'), prefix: given.value('--prefix') ?? '' };
    const checked = {
      postgres: (url: string) => compare(url, wanted, print),
      kafka: (brokers: string) => compareKafka(brokers, services, print),
      eventstore: (url: string) => tryLedger(url, print),
    }[engine ?? ''];
    if (check !== undefined && checked) return checked(check);
    const script = {
      postgres: () => postgresScript(wanted),
      kafka: () => kafkaScript(services),
      eventstore: () => eventStoreScript(given.value('--user') ?? 'visit-ledger'),
    }[engine ?? ''];
    if (!script) throw given.wrong('It takes postgres, kafka or eventstore');
    for (const line of script()) print(line);
    return 0;
  },
};

/** No event is read: only whether one may be. */
const ANY_KEYS = JSON.stringify({
  current: 'none',
  keys: { none: Buffer.alloc(32, 1).toString('base64') },
});

const tryLedger = async (url: string, print: Print): Promise<number> => {
  const events = new EventStoreDb({ url, keys: readEventKeys(ANY_KEYS) });
  try {
    await proveRights(events, url);
    print('The log of all can be read.');
    return 0;
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    throw new Refused(error.message);
  } finally {
    await events.close();
  }
};

/** As KAFKA_SASL_… and KAFKA_SSL say, for the services too. */
const compareKafka = async (
  brokers: string,
  services: readonly Service[],
  print: Print,
): Promise<number> => {
  const config = parseBootConfig('caretab', {
    ...process.env,
    ...{ DATABASE_URL: 'postgres://not-asked', KAFKA_BROKERS: brokers },
    BUS_DATABASE_URL: undefined,
  });
  try {
    const found = await kafkaRights(kafkaConnectionOf(config, 'caretab-grants'));
    const differences = kafkaDifferences(services, found);
    for (const line of differences) print(line);
    if (differences.length === 0) print('# Every right is there, and none too many.');
    return differences.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    throw new Refused(error.message);
  }
};

const compare = async (url: string, wanted: PostgresGrants, print: Print): Promise<number> => {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    const query = async (text: string) => (await client.query<{ holds: boolean[] }>(text)).rows;
    const lacking = await lackingOf(query, allRights(wanted));
    const statements = lacking.map(({ statement }) => statement);
    for (const line of passwordsIn(statements)) print(line);
    for (const { otherwise, statement } of lacking) print(`-- ${otherwise}\n${statement}`);
    if (lacking.length === 0) print('-- Every right is there, and none too many.');
    return lacking.length === 0 ? 0 : 1;
  } catch (error) {
    const told = connectRefused(error, { url, setting: '--check' });
    throw told instanceof Error ? new Refused(told.message) : error;
  } finally {
    await client.end();
  }
};
