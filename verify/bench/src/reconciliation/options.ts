import { CommandLine } from '@caretab/command-line';

export interface ReconciliationOptions {
  readonly json: boolean;
  /** Rows of all files together. */
  readonly rows: number;
}

const HELP = `npm run bench -- reconciliation   files of delimited rows, compared three ways: hospital with insurer,
                             hospital with channel, and channel with bank, whose line is the sum of a
                             thousand rows. A difference of each kind is planted in each, and found
  --rows N                   rows of all files together (default 10000000)
  --json                     end with one line of JSON: value (rows a second), seconds, peakMb
Everything is in this process and in a temporary folder that is removed. Ends with status 1 when another key
differs than those that are planted, it takes five minutes, or 1,000 MB: then the run is void.`;

/** Reads the command line after `reconciliation`. Throws Usage. */
export const reconciliationOptionsOf = (args: readonly string[]): ReconciliationOptions => {
  const given = new CommandLine(args, { help: HELP, flags: ['--json'], values: ['--rows'] });
  return {
    json: given.has('--json'),
    rows: given.whole('--rows', { min: 30_000, max: 100_000_000 }) ?? 10_000_000,
  };
};
