import { CommandLine } from '@caretab/command-line';

export interface PaymentOptions {
  readonly json: boolean;
  /** Visits of the largest day; a hundredth and a tenth of them go before. */
  readonly visits: number;
  /** Reads of the summary at each size. */
  readonly reads: number;
}

export const PAYMENT_HELP = `npm run bench -- payment     how long a day's clearing takes, and payment's summary,
                             and in how much memory
  --visits N                 visits of the largest day (default 100000), after a hundredth and a tenth of them
  --reads N                  requests of the summary at each size (default 20)
  --json                     end with one line of JSON: value and raw (visits cleared a second), ratioToRaw, readings
Payment is a process of its own on PostgreSQL in a temporary folder that is removed. Its tables are filled by SQL
through its own migrated schema. The day is cleared over HTTP; the raw limit is one transaction of plain SQL that
writes the same lines, marks the same visits and adds up, in the same run before it, and is rolled back.
Ends with status 1 when a clearing does not balance or add up to what was filled in: then the run is void.`;

/** Reads the command line after `payment`. Throws Usage. */
export const paymentOptionsOf = (args: readonly string[]): PaymentOptions => {
  const given = new CommandLine(args, {
    help: PAYMENT_HELP,
    flags: ['--json'],
    values: ['--visits', '--reads'],
  });
  return {
    json: given.has('--json'),
    visits: given.whole('--visits', { min: 1000, max: 2_000_000 }) ?? 100_000,
    reads: given.whole('--reads', { min: 5, max: 10_000 }) ?? 20,
  };
};
