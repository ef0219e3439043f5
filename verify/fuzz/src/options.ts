import { CommandLine } from '@caretab/command-line';

export const DOORS = ['hl7', 'mllp', 'http', 'answers', 'topics', 'certificates'] as const;
export type Door = (typeof DOORS)[number];

export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  readonly json: boolean;
  readonly kafka: boolean;
  readonly smallDay: boolean;
  /** The one door to fuzz; all of them when undefined. */
  readonly door: Door | undefined;
  readonly port: number;
  /** A data folder to go on with; undefined for one that is thrown away. */
  readonly data: string | undefined;
}

const HELP = `npm run fuzz                     100 000 bad inputs to every door of a platform that is started for it
  --inputs N                     how many (default 100000)
  --seed N                       which (default: from the time; printed, the same seed makes the same inputs)
  --kafka                        the platform on a real Apache Kafka, started for it (Java 17,
  Maven the first time): instead of
                                 messages on the embedded bus, raw records by a plain Kafka client
  --door NAME                    this door alone: hl7, mllp, http, answers, topics or certificates
  --small-day                    the first visits of the sample day alone, to be quick
  --port N                       first of ten ports to listen on (default 18080)
  --data DIR                     go on with this data folder (default: a new one, removed at the end)
  --json                         only the steps, the faults and one JSON line
The doors: HL7 messages, MLLP streams, HTTP requests to every route, messages (or Kafka records)
to every topic, and the bodies
that come in as answers: the acquirer's statements, identity's and the
ledger's answers to the gateway. Certificates: connections to an MLLP port with TLS, by any caller. CareTab has no route
to which a file is uploaded; data files (plans, catalogue, prices) are its own and are read at the start.
Ends with the result and one JSON line; status 0 only if every input was accepted, refused with a reason, or parked.`;

const SEEDS = 1_000_000;

/** Reads the command line. Throws Usage. */
export const optionsOf = (args: readonly string[]): FuzzOptions => {
  const commandLine = new CommandLine(args, {
    help: HELP,
    flags: ['--json', '--kafka', '--small-day'],
    values: ['--door', '--inputs', '--seed', '--port', '--data'],
  });
  const number = (name: string, otherwise: number, max: number): number =>
    commandLine.whole(name, { min: 1, max }) ?? otherwise;
  return {
    door: commandLine.oneOf('--door', DOORS),
    inputs: number('--inputs', 100_000, 1_000_000_000),
    seed: number('--seed', (Date.now() % SEEDS) + 1, 2 ** 31),
    port: commandLine.port('--port', 18_080),
    data: commandLine.value('--data'),
    json: commandLine.has('--json'),
    kafka: commandLine.has('--kafka'),
    smallDay: commandLine.has('--small-day'),
  };
};
