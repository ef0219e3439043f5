import { CommandLine } from '@caretab/command-line';

export interface RebuildOptions {
  readonly json: boolean;
  readonly visits: number;
  readonly charges: number;
}

export const REBUILD_HELP = `npm run bench -- rebuild     how fast the ledger's views are rebuilt from its log
  --visits N                 visits of the log (default 40000)
  --charges N                charges of each visit (default 14)
  --json                     end with one line of JSON: value and raw (events a second), ratioToRaw
The log is made as for growth. The rebuild is asked for over HTTP, three times; the raw limit is one client that
reads the same rows in pages of 1000 and parses their JSON, three times beside it. Medians count.
Ends with status 1 when a rebuild is not of all facts, or the views differ from the log.`;

/** Reads the command line after `rebuild`. Throws Usage. */
export const rebuildOptionsOf = (args: readonly string[]): RebuildOptions => {
  const given = new CommandLine(args, {
    help: REBUILD_HELP,
    flags: ['--json'],
    values: ['--visits', '--charges'],
  });
  return {
    json: given.has('--json'),
    visits: given.whole('--visits', { min: 1_000, max: 2_000_000 }) ?? 40_000,
    charges: given.whole('--charges', { min: 1, max: 1_000 }) ?? 14,
  };
};
