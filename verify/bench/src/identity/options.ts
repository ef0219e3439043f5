import { CommandLine } from '@caretab/command-line';

export interface IdentityOptions {
  readonly json: boolean;
  /** Persons that are registered before. */
  readonly persons: number;
  /** Persons of the labelled set in which duplicates are searched. */
  readonly labelled: number;
  /** The steady part of each load. */
  readonly seconds: number;
  /** Where identity leaves its CPU profile. */
  readonly profileDir: string | undefined;
}

export const IDENTITY_HELP = `npm run bench -- identity    persons resolved per second over HTTP by one caller and
                             by 32, codes verified by 32, persons registered by 16, records of the master index by
                             4, and what each costs
  --persons N                persons that are registered before (default 200000)
  --labelled N               persons of the set in which duplicates are searched by keys and weights, in
                             memory (default 5000): void below a precision of 0.99 or a recall of 0.95
  --seconds N                steady seconds of each load (default 5), after two of warm-up
  --profile DIR              identity writes a CPU profile there
  --json                     end with one line of JSON: value and raw (resolved a second), ratioToRaw, loads
Identity is a process of its own with its own database, in a temporary folder that is removed. Its tables are
filled by COPY, in its own migrated schema. The raw limit is the same select by one connection of PostgreSQL and
by six, in the same run. With more than 10,000 persons the same is measured among 10,000 first.
Ends with status 1 when a person is resolved wrongly, a registration is missing, or it is more than 10 % slower
than among 10,000: then the run is void.`;

/** Reads the command line after `identity`. Throws Usage. */
export const identityOptionsOf = (args: readonly string[]): IdentityOptions => {
  const given = new CommandLine(args, {
    help: IDENTITY_HELP,
    flags: ['--json'],
    values: ['--persons', '--labelled', '--seconds', '--profile'],
  });
  return {
    json: given.has('--json'),
    persons: given.whole('--persons', { min: 100, max: 3_000_000 }) ?? 200_000,
    labelled: given.whole('--labelled', { min: 1_000, max: 3_000_000 }) ?? 5_000,
    seconds: given.whole('--seconds', { min: 2, max: 600 }) ?? 5,
    profileDir: given.value('--profile'),
  };
};
