import { CommandLine } from '@caretab/command-line';

export interface ChargeOptions {
  readonly bus: 'postgres' | 'kafka';
  readonly json: boolean;
  /** Seconds of each of the two measurements: full load, then the steady one. */
  readonly seconds: number;
  readonly visits: number;
  readonly partitions: number | undefined;
  /** Where the gateway leaves its CPU profile. */
  readonly profileDir: string | undefined;
}

export const CHARGE_HELP = `npm run bench -- charge      one charge per HTTP POST: how many a second by
  32 callers, what each costs the gateway, and how long one takes when 20 a second come
  --bus postgres|kafka       the bus (default postgres)
  --seconds N                seconds of full load, and again at 20 a second (default 15)
  --visits N                 visits that the charges are spread over (default 2000)
  --partitions N             partitions per topic (default: 2 on the embedded bus, 12 on Kafka)
  --profile DIR              the gateway writes a CPU profile there
  --json                     end with one line of JSON: value, raw, ratioToRaw, cost, steady …
Gateway, identity, ledger and load generator are processes of their own, on this machine, durable, in a temporary
folder that is removed. PostgreSQL counts statements (pg_stat_statements). The raw limit is single-row inserts
of as many bytes as a charge leaves at the gateway, each committed, by 1 and by 32 callers.
Ends with status 1 when a charge is missing, doubled or undecided: then the run is void.`;

/** Reads the command line after `charge`. Throws Usage. */
export const chargeOptionsOf = (args: readonly string[]): ChargeOptions => {
  const given = new CommandLine(args, {
    help: CHARGE_HELP,
    flags: ['--json'],
    values: ['--bus', '--seconds', '--visits', '--partitions', '--profile'],
  });
  return {
    bus: given.oneOf('--bus', ['postgres', 'kafka'] as const) ?? 'postgres',
    json: given.has('--json'),
    seconds: given.whole('--seconds', { min: 2, max: 600 }) ?? 15,
    visits: given.whole('--visits', { min: 1, max: 100_000 }) ?? 2000,
    partitions: given.whole('--partitions', { min: 1, max: 100 }),
    profileDir: given.value('--profile'),
  };
};
