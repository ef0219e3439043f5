import { CommandLine } from '@caretab/command-line';

export interface GrowthOptions {
  readonly json: boolean;
  /** Open visits at the end; a hundredth and a tenth of them go before. */
  readonly visits: number;
  /** Charges that each of them has before the load. */
  readonly charges: number;
  readonly seconds: number;
  /** Of each load, before its steady part. */
  readonly warmUpSeconds: number;
  /** Memory of the ledger for visits, in MB. */
  readonly keptMb: number;
}

export const GROWTH_HELP = `npm run bench -- growth      charges per second with more and more visits open
  --visits N                 open visits at the end (default 100000), after a hundredth and a tenth of them
  --charges N                charges that each has before the load (default 14)
  --seconds N                steady seconds of each load (default 10), after a warm-up that is cut off
  --warm-up N                its seconds (default 3): what the ledger has not seen yet is read from the log
  --kept-mb N                memory of the ledger for visits (default 128, as VISIT_LEDGER_KEPT_VISITS_MB)
  --json                     end with one line of JSON: value and raw (charges a second), ratioToRaw, readings
The first visits come through the front door; the others are rows made from theirs, chained and signed, and the
views are rebuilt from the log. Each size is loaded twice: four of five charges for a fifth of the visits, and
all alike. The raw limit is that of ingest. Ends with status 1 when a charge is undecided, or decided wrongly.`;

/** Reads the command line after `growth`. Throws Usage. */
export const growthOptionsOf = (args: readonly string[]): GrowthOptions => {
  const given = new CommandLine(args, {
    help: GROWTH_HELP,
    flags: ['--json'],
    values: ['--visits', '--charges', '--seconds', '--warm-up', '--kept-mb'],
  });
  return {
    json: given.has('--json'),
    visits: given.whole('--visits', { min: 1_000, max: 2_000_000 }) ?? 100_000,
    charges: given.whole('--charges', { min: 1, max: 1_000 }) ?? 14,
    seconds: given.whole('--seconds', { min: 2, max: 600 }) ?? 10,
    warmUpSeconds: given.whole('--warm-up', { min: 0, max: 600 }) ?? 3,
    keptMb: given.whole('--kept-mb', { min: 1, max: 65_536 }) ?? 128,
  };
};
