import { CommandLine } from '@caretab/command-line';

export interface PaymentOptions {
  readonly json: boolean;
  /** Visits of the largest day; a hundredth and a tenth of them go before. */
  readonly visits: number;
  /** Visits that are collected. */
  readonly collections: number;
  /** Reads of the summary at each size. */
  readonly reads: number;
  /** Nothing is collected or reconciled. */
  readonly clearsOnly: boolean;
}

export const PAYMENT_HELP = `npm run bench -- payment     how many visits are collected a second; how long a day's
                             reconciliation and clearing take, and payment's summary, and in how much memory
  --collections N            visits that are collected (default 5000)
  --visits N                 visits of the largest day (default 100000), after a hundredth and a tenth of them
  --reads N                  requests of the summary at each size (default 20)
  --clears-only              days are cleared, and nothing is collected or reconciled
  --json                     end with one line of JSON: value and raw (visits cleared a second), ratioToRaw, readings;
                             and the like of collect and reconcile
Payment is a process of its own on PostgreSQL in a temporary folder that is removed. Its tables are filled by SQL
through its own migrated schema. The day is cleared over HTTP; the raw limit is one transaction of plain SQL that
writes the same lines, marks the same visits and adds up, in the same run before it, and is rolled back.
The bank is the bench's own: it takes 50 ms for an order, and has a statement in pages of 5000 rows.
Ends with status 1 when a visit is not paid once, a row is not matched, or a clearing does not balance or add up to what
was filled in: then the run is void.`;

/** Reads the command line after `payment`. Throws Usage. */
export const paymentOptionsOf = (args: readonly string[]): PaymentOptions => {
  const given = new CommandLine(args, {
    help: PAYMENT_HELP,
    flags: ['--json', '--clears-only'],
    values: ['--visits', '--collections', '--reads'],
  });
  return {
    json: given.has('--json'),
    clearsOnly: given.has('--clears-only'),
    visits: given.whole('--visits', { min: 1000, max: 2_000_000 }) ?? 100_000,
    collections: given.whole('--collections', { min: 100, max: 1_000_000 }) ?? 5000,
    reads: given.whole('--reads', { min: 5, max: 10_000 }) ?? 20,
  };
};
