import { CommandLine } from '@caretab/command-line';

export interface ReplicasOptions {
  readonly json: boolean;
  /** Steady seconds under full load, and again at the fixed rate. */
  readonly seconds: number;
  /** Charges a second of the fixed rate. */
  readonly perSecond: number;
  /** How many processes of the ledger, one number after the other. */
  readonly processes: readonly number[];
}

const PROCESSES = [1, 2, 4] as const;

export const REPLICAS_HELP = `npm run bench -- replicas    1, 2 and 4 processes of the ledger on the same cores:
                             charges per second, and what a charge costs them all together
  --seconds N                steady seconds under full load, and again at the fixed rate (default 10)
  --per-second N             the fixed rate, in charges a second (default 1000)
  --processes N              so many processes alone: 1, 2 or 4 (default: each in turn)
  --json                     end with one line of JSON: value (two processes), raw, ratioToRaw, ratioToOne
Each number of processes has a PostgreSQL of its own, durable, which counts the statements of the ledger's
role (pg_stat_statements). Topics have four partitions. Everything is in a temporary folder that is removed.
Ends with status 1 when a charge is missing, doubled or undecided: then the run is void.`;

/** Reads the command line after `replicas`. Throws Usage. */
export const replicasOptionsOf = (args: readonly string[]): ReplicasOptions => {
  const given = new CommandLine(args, {
    help: REPLICAS_HELP,
    flags: ['--json'],
    values: ['--seconds', '--per-second', '--processes'],
  });
  const only = given.oneOf('--processes', ['1', '2', '4'] as const);
  return {
    json: given.has('--json'),
    seconds: given.whole('--seconds', { min: 2, max: 600 }) ?? 10,
    perSecond: given.whole('--per-second', { min: 10, max: 20_000 }) ?? 1000,
    processes: only === undefined ? PROCESSES : [Number(only)],
  };
};
