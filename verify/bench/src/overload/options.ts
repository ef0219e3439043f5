import { CommandLine } from '@caretab/command-line';

export interface OverloadOptions {
  readonly bus: 'postgres' | 'kafka';
  readonly json: boolean;
  /** Seconds of each of the two measurements: capacity, then the flood. */
  readonly seconds: number;
  /** What is offered, as a multiple of the capacity. */
  readonly times: number;
  readonly visits: number;
  readonly partitions: number | undefined;
}

export const OVERLOAD_HELP = `npm run bench -- overload     what becomes of charges through the
  HTTP door when four times as many come as can be worked on
  --bus postgres|kafka       the bus (default postgres)
  --seconds N                seconds of measuring the capacity, and again of the flood (default 15)
  --times N                  how many times the capacity is offered (default 4)
  --visits N                 visits that the charges are spread over (default 2000)
  --partitions N             partitions per topic (default: 2 on the embedded bus, 12 on Kafka)
  --json                     end with one line of JSON
Gateway, identity, ledger and load generator are processes of their own, on this machine,
durable, in a temporary folder that is removed.
Ends with status 1 when an accepted charge is missing or doubled on the ledger, or a refused one is there.`;

/** Reads the command line after `overload`. Throws Usage. */
export const overloadOptionsOf = (args: readonly string[]): OverloadOptions => {
  const given = new CommandLine(args, {
    help: OVERLOAD_HELP,
    flags: ['--json'],
    values: ['--bus', '--seconds', '--times', '--visits', '--partitions'],
  });
  const number = (name: string, min: number, max: number): number | undefined =>
    given.whole(name, { min, max });
  return {
    bus: given.oneOf('--bus', ['postgres', 'kafka'] as const) ?? 'postgres',
    json: given.has('--json'),
    seconds: number('--seconds', 2, 600) ?? 15,
    times: number('--times', 1, 50) ?? 4,
    visits: number('--visits', 1, 100_000) ?? 2000,
    partitions: number('--partitions', 1, 100),
  };
};
