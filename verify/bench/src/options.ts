import { CommandLine, Usage } from '@caretab/command-line';

export type Shape = 'spread' | 'hot';

export interface Options {
  readonly bus: 'postgres' | 'kafka';
  readonly json: boolean;
  readonly seconds: number;
  /**
   * Visits opened for each part; undefined: as many as the part needs at ten to twenty charges
   * each.
   */
  readonly visits: number | undefined;
  readonly shapes: readonly Shape[];
  readonly partitions: number | undefined;
  readonly window: number;
  /** Charges that a hospital posts at once for a visit. */
  readonly together: number;
  /** The ledger traces everything and exports it. */
  readonly traced: boolean;
  /** Where the ledger leaves its CPU profile. */
  readonly profileDir: string | undefined;
}

const HELP = `npm run bench -- ingest      charges per second from the topic to a durable
  decision published, with raw limits of the same run
  --bus postgres|kafka       the bus (default postgres: the embedded one); kafka takes
  KAFKA_BROKERS, or starts a node of its own
  --shape spread|hot         one load only: many institutions and insurers, or all visits at one
  (default: both, and their ratio)
  --seconds N                steady seconds measured per load (default 15), after a warm-up that is cut off
  --visits N                 visits opened per load (default: enough for ten to twenty charges each)
  --together N               charges a hospital posts at once for one visit (default 2, as most
  orders of the sample day have)
  --window N                 charges under way at once under full load (default 2000)
  --partitions N             partitions per topic (default: 2 on the embedded bus, as npm start has; 12 on Kafka)
  --traced                   the ledger traces everything, and exports it to a receiver that
  throws it away (default: no traces)
  --profile DIR              the ledger writes a CPU profile there
  --json                     end with one line of JSON: value, raw, ratioToRaw, p50Ms, p99Ms …
Everything runs on this machine, durable (fsync, synchronous_commit, acks=all), in a temporary folder that is removed.
Ends with status 0, or 1 when a charge is missing, doubled or undecided: then the run is void.

npm run bench -- overload    what becomes of charges when more come than can be worked on; see overload --help
npm run bench -- flow        visits per second through all services, and what each costs; see flow --help
npm run bench -- profile DIR on what the processes of a profiled run spent their CPU; see profile --help
npm run bench -- charge      one charge per HTTP POST: rate, cost and latency at the gateway; see charge --help
npm run bench -- replicas    1, 2 and 4 processes of the ledger on the same cores; see replicas --help
npm run bench -- summaries   how long summaries of 100,000 visits take, in how much memory; see summaries --help
npm run bench -- payment     how fast visits are collected, and a day reconciled and cleared; see payment --help
npm run bench -- identity    persons resolved and registered per second; see identity --help
npm run bench -- reconciliation   ten million rows compared three ways; see reconciliation --help
npm run bench -- cards       a file of a million cards, with rows that have to be rejected; see cards --help
npm run bench -- credit         holds per second on one hot line and on cold ones; see credit --help
npm run bench -- adjudication   claims settled and holds granted per second; see adjudication --help
npm run bench -- growth      charges per second with more and more visits open; see growth --help
npm run bench -- rebuild     how fast the ledger's views are rebuilt from its log; see rebuild --help
npm run bench -- http        what an empty POST costs on Express and on Fastify; see http --help
npm run bench -- event-store appends into the ledger's stores, and the CPU of each client; see event-store --help`;

const FLAGS = ['--json', '--traced'];
const VALUES = [
  '--bus',
  '--shape',
  '--seconds',
  '--visits',
  '--window',
  '--together',
  '--partitions',
  '--profile',
];

/** Reads the command line. Throws Usage. */
export const optionsOf = (args: readonly string[]): Options => {
  const wantsHelp = args.includes('--help') || args.includes('-h');
  if (args[0] !== 'ingest' && !wantsHelp)
    throw new Usage(
      `${args[0] ? `There is no benchmark ${args[0]}` : 'Which benchmark'}? There are ` +
        `ingest, overload, flow, charge, replicas, summaries, payment, reconciliation, identity, cards, ` +
        `credit, adjudication, growth, rebuild, http and event-store.\n\n${HELP}`,
      2,
    );
  const options = args[0] === 'ingest' ? args.slice(1) : args;
  const given = new CommandLine(options, { help: HELP, flags: FLAGS, values: VALUES });
  const number = (name: string, min: number, max: number): number | undefined =>
    given.whole(name, { min, max });
  const shape = given.oneOf('--shape', ['spread', 'hot'] as const);
  return {
    bus: given.oneOf('--bus', ['postgres', 'kafka'] as const) ?? 'postgres',
    json: given.has('--json'),
    seconds: number('--seconds', 2, 600) ?? 15,
    visits: number('--visits', 1, 200_000),
    shapes: shape === undefined ? ['spread', 'hot'] : [shape],
    partitions: number('--partitions', 1, 100),
    window: number('--window', 1, 20_000) ?? 2000,
    together: number('--together', 1, 20) ?? 2,
    traced: given.has('--traced'),
    profileDir: given.value('--profile'),
  };
};
