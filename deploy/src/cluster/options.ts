import { join, resolve } from 'node:path';
import { CommandLine } from '@caretab/command-line';
import { isService, REPLICAS_MAX, type Service, SERVICES } from './topology';

export interface Options {
  readonly fresh: boolean;
  readonly exit: boolean;
  readonly idle: boolean;
  readonly dataDir: string;
  readonly samplesDir: string;
  readonly host: string;
  readonly port: number;
  readonly mllpPort: number;
  /** Processes of a service, where it is not one. */
  readonly replicas: ReadonlyMap<Service, number>;
  /** Whether topics are in PostgreSQL too, and no Kafka is needed. */
  readonly busOnPostgres: boolean;
  /** Start only this process of a cluster that runs. */
  readonly only: string | undefined;
}

const HELP = `npm run start:cluster                 start Kafka, PostgreSQL and a process per service on this machine,
                                      play the sample day, print its page, stay up
npm run start:cluster -- --fresh      the same, from an empty data folder
npm run start:cluster -- --exit       end after the page; status 0 only if every check of the page holds
npm run start:cluster -- --idle       start without the sample day
npm run start:cluster -- --service credit
                                      start one service that died, by hand, in the foreground
                                      (credit-2: its second replica)
  --replicas SERVICE=N                so many processes of a service, 1 to ${REPLICAS_MAX}; every
  service may have them; give it once per service
  --bus postgres                      topics in PostgreSQL, without Kafka
  --port N                            HTTP API of the gateway (default 8080)
  --mllp-port N                       HL7 v2 over MLLP (default 2575; a second gateway takes the next one)
  --data DIR                          data folder (default ./data/cluster); what each process logs lies in its logs/
  --samples DIR                       the day to play (default ./samples)
The sandbox outside world (acquirer, webhook receiver, mail sink) takes the three ports after the
HTTP port, the other services the next.
KAFKA_BROKERS=host:port,… uses your Kafka in place of one of its own (KAFKA_SSL,
KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and
KAFKA_SASL_PASSWORD as you need them); EVENTSTORE_URL=esdb://… keeps the visit ledger in your
EventStoreDB instead of PostgreSQL.
POSTGRES_URL=postgres://host:port/?sslmode=… uses your PostgreSQL, with the databases and roles that
npm run --silent caretab -- grants postgres --bus makes, and the same variables for their passwords.
Everything listens on 127.0.0.1 only.`;

const replicasOf = (commandLine: CommandLine): ReadonlyMap<Service, number> => {
  const replicas = new Map<Service, number>();
  for (const text of commandLine.all('--replicas').flatMap((list) => list.split(','))) {
    const [service = '', number = ''] = text.split('=');
    if (!isService(service))
      throw commandLine.wrong(
        `--replicas: there is no service ${service}; there are ${SERVICES.join(', ')}`,
      );
    if (!/^[1-9]\d{0,3}$/.test(number))
      throw commandLine.wrong(`--replicas takes SERVICE=N, e.g. --replicas ${service}=2`);
    if (Number(number) > REPLICAS_MAX)
      throw commandLine.wrong(
        `--replicas: ${service} may have ${REPLICAS_MAX} at most, one for each ` +
          'partition of a topic',
      );
    replicas.set(service, Number(number));
  }
  return replicas;
};

const busOf = (commandLine: CommandLine): string => {
  const bus = commandLine.value('--bus') ?? 'kafka';
  if (bus !== 'kafka' && bus !== 'postgres')
    throw commandLine.wrong(`--bus takes kafka or postgres, not ${bus}`);
  return bus;
};

const onlyOf = (commandLine: CommandLine): string | undefined => {
  const name = commandLine.value('--service');
  if (name === undefined) return undefined;
  if (!isService(name.replace(/-\d+$/, '')))
    throw commandLine.wrong(
      `--service: there is no service ${name}; there are ${SERVICES.join(', ')}`,
    );
  return name;
};

/** Reads the command line. Throws Usage. */
export const optionsOf = (args: readonly string[], root: string): Options => {
  const commandLine = new CommandLine(args, {
    help: HELP,
    flags: ['--fresh', '--exit', '--idle'],
    values: ['--port', '--mllp-port', '--data', '--samples', '--replicas', '--service', '--bus'],
  });
  return {
    fresh: commandLine.has('--fresh'),
    exit: commandLine.has('--exit'),
    idle: commandLine.has('--idle'),
    host: '127.0.0.1',
    port: commandLine.port('--port', 8080),
    mllpPort: commandLine.port('--mllp-port', 2575),
    dataDir: resolve(commandLine.value('--data') ?? join(root, 'data/cluster')),
    samplesDir: resolve(commandLine.value('--samples') ?? join(root, 'samples')),
    replicas: replicasOf(commandLine),
    busOnPostgres: busOf(commandLine) === 'postgres',
    only: onlyOf(commandLine),
  };
};
