import { CommandLine } from '@caretab/command-line';

export interface CreditOptions {
  readonly json: boolean;
  /** Visits of each load. */
  readonly visits: number;
  readonly profileDir: string | undefined;
}

export const CREDIT_HELP = `npm run bench -- credit      first holds granted a second on one hot line, and on cold ones
  --visits N                 visits of each load (default 4000): all of one person, then each of another
  --profile DIR              credit writes a CPU profile there
  --json                     end with one line of JSON: value and raw (holds a second on the hot line), ratioToRaw,
                             loads
Credit is a process of its own with its own database, in a temporary folder that is removed. Lines are filled in by
SQL; the bench plays the ledger on the embedded bus and reads the answers. The first fifth of a load is not measured.
The raw limits, in the same run: conditional updates of the same rows, each durable by itself, by one client and by
eight; the better counts.
Ends with status 1 when an answer is missing or doubled, when a line and its holds differ or a line is exceeded, or
when two transactions deadlocked: then the run is void.`;

/** Reads the command line after `credit`. Throws Usage. */
export const creditOptionsOf = (args: readonly string[]): CreditOptions => {
  const given = new CommandLine(args, {
    help: CREDIT_HELP,
    flags: ['--json'],
    values: ['--visits', '--profile'],
  });
  return {
    json: given.has('--json'),
    visits: given.whole('--visits', { min: 1000, max: 20_000 }) ?? 4_000,
    profileDir: given.value('--profile'),
  };
};
