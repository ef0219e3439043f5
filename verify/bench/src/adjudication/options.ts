import { CommandLine } from '@caretab/command-line';

export interface AdjudicationOptions {
  readonly json: boolean;
  /** Visits of each load. */
  readonly visits: number;
  /** Where each service leaves its CPU profile. */
  readonly profileDir: string | undefined;
}

export const ADJUDICATION_HELP = `npm run bench -- adjudication   visits covered, claims of ten lines settled and
                             first holds granted per second, and what each costs
  --visits N                 visits of each load (default 8000), by 1,000 persons and by 60 in any order
  --profile DIR              adjudication and credit write a CPU profile there
  --json                     end with one line of JSON: value and raw (claims settled a second), ratioToRaw, loads
Adjudication, and then credit, is a process of its own with its own database, in a temporary folder that is removed.
Persons are filled in by SQL; the bench plays the ledger on the embedded bus and reads the answers. The first fifth
of each load is not measured. The raw limits, in the same run: durable inserts of the same rows in batches by one
client of PostgreSQL, and the benefit rules alone.
Ends with status 1 when an answer is missing or doubled, or when two transactions deadlocked: then the run is void.`;

/** Reads the command line after `adjudication`. Throws Usage. */
export const adjudicationOptionsOf = (args: readonly string[]): AdjudicationOptions => {
  const given = new CommandLine(args, {
    help: ADJUDICATION_HELP,
    flags: ['--json'],
    values: ['--visits', '--profile'],
  });
  return {
    json: given.has('--json'),
    visits: given.whole('--visits', { min: 1000, max: 200_000 }) ?? 8_000,
    profileDir: given.value('--profile'),
  };
};
