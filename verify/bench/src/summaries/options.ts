import { CommandLine } from '@caretab/command-line';

export interface SummariesOptions {
  readonly json: boolean;
  /** Visits of the large database; the small one has a tenth. */
  readonly visits: number;
  /** Reads of each route at each size. */
  readonly reads: number;
}

export const SUMMARIES_HELP = `npm run bench -- summaries   how long the services take to add up a region,
                             and in how much memory
  --visits N                 visits whose rows are in the tables (default 100000), after a tenth of them
  --reads N                  requests of each route at each size (default 50)
  --json                     end with one line of JSON
Payment, notification, credit and visit ledger are processes of their own on one PostgreSQL in a temporary folder
that is removed. Their tables are filled by SQL through their own migrated schemas. Each route is asked over HTTP,
one request at a time; the raw limit is the same SQL sent by one client of PostgreSQL, in the same run.
Ends with status 1 when an answer does not add up to what was filled in: then the run is void.`;

/** Reads the command line after `summaries`. Throws Usage. */
export const summariesOptionsOf = (args: readonly string[]): SummariesOptions => {
  const given = new CommandLine(args, {
    help: SUMMARIES_HELP,
    flags: ['--json'],
    values: ['--visits', '--reads'],
  });
  return {
    json: given.has('--json'),
    visits: given.whole('--visits', { min: 1000, max: 2_000_000 }) ?? 100_000,
    reads: given.whole('--reads', { min: 5, max: 10_000 }) ?? 50,
  };
};
