import { CommandLine } from '@caretab/command-line';

export interface FlowOptions {
  readonly bus: 'postgres' | 'kafka';
  readonly json: boolean;
  /** The steady part of full load, and of half load. */
  readonly seconds: number;
  /** Full load before what is measured: a process that runs for days is compiled. */
  readonly warmUpSeconds: number;
  /** Where every service leaves its CPU profile. */
  readonly profileDir: string | undefined;
  /** Whether the statements are listed that each service sends most often. */
  readonly statements: boolean;
  /** Visits of the whole run at most. */
  readonly visits: number;
  /** Visits under way at once under full load. */
  readonly window: number;
}

export const FLOW_HELP = `npm run bench -- flow        visits per second from opened to settled through all services,
                             10 charges each, and what one visit costs each service
  --bus postgres|kafka       the bus (default postgres: the embedded one)
  --seconds N                steady seconds under full load, and again under half load (default 20)
  --warm-up N                seconds of full load before them (default 60)
  --profile DIR              every service writes a CPU profile there
  --statements               list what each service asks PostgreSQL most often, per visit
  --visits N                 visits of the whole run at most (default 50000)
  --window N                 visits under way at once under full load (default 100)
  --json                     end with one line of JSON
Every service is a process of its own with a database of its own; so are the sandbox bank, webhook receiver and
mail sink. Hospitals send over HTTP; each visit is paid by the bound account. PostgreSQL is durable and counts
statements (pg_stat_statements). Everything is in a temporary folder that is removed.
Ends with status 1 when a visit, a charge, a payment or a webhook is missing: then the run is void.`;

/** Reads the command line after `flow`. Throws Usage. */
export const flowOptionsOf = (args: readonly string[]): FlowOptions => {
  const given = new CommandLine(args, {
    help: FLOW_HELP,
    flags: ['--json', '--statements'],
    values: ['--bus', '--seconds', '--warm-up', '--profile', '--visits', '--window'],
  });
  return {
    bus: given.oneOf('--bus', ['postgres', 'kafka'] as const) ?? 'postgres',
    json: given.has('--json'),
    seconds: given.whole('--seconds', { min: 2, max: 600 }) ?? 20,
    warmUpSeconds: given.whole('--warm-up', { min: 1, max: 600 }) ?? 60,
    profileDir: given.value('--profile'),
    statements: given.has('--statements'),
    visits: given.whole('--visits', { min: 50, max: 1_000_000 }) ?? 50_000,
    window: given.whole('--window', { min: 1, max: 1000 }) ?? 100,
  };
};
