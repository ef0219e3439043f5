export type Shape = 'spread' | 'hot';

export interface Options {
  readonly bus: 'postgres' | 'kafka';
  readonly json: boolean;
  readonly seconds: number;
  /**
   * Visits opened for each part; undefined: as many as the part needs at ten to twenty charges
   * each.
   */
  readonly visits: number | undefined;
  readonly shapes: readonly Shape[];
  readonly partitions: number | undefined;
  readonly window: number;
  /** Charges that a hospital posts at once for a visit. */
  readonly together: number;
  /** The ledger traces everything and exports it. */
  readonly traced: boolean;
  /** Where the ledger leaves its CPU profile. */
  readonly profileDir: string | undefined;
}

/** The command line is not understood, or help was asked for; the message is what to print. */
export class Usage extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

const HELP = `npm run bench -- ingest      charges per second from the topic to a durable
  decision published, with raw limits of the same run
  --bus postgres|kafka       the bus (default postgres: the embedded one); kafka takes
  KAFKA_BROKERS, or starts a node of its own
  --shape spread|hot         one load only: many institutions and insurers, or all visits at one
  (default: both, and their ratio)
  --seconds N                steady seconds measured per load (default 15), after a warm-up that is cut off
  --visits N                 visits opened per load (default: enough for ten to twenty charges each)
  --together N               charges a hospital posts at once for one visit (default 2, as most
  orders of the sample day have)
  --window N                 charges under way at once under full load (default 2000)
  --partitions N             partitions per topic (default: 2 on the embedded bus, as npm start has; 12 on Kafka)
  --traced                   the ledger traces everything, and exports it to a receiver that
  throws it away (default: no traces)
  --profile DIR              the ledger writes a CPU profile there
  --json                     end with one line of JSON: value, raw, ratioToRaw, p50Ms, p99Ms …
Everything runs on this machine, durable (fsync, synchronous_commit, acks=all), in a temporary folder that is removed.
Ends with status 0, or 1 when a charge is missing, doubled or undecided: then the run is void.

npm run bench -- overload    what becomes of charges when more come than can be worked on; see overload --help`;

export const bounded = (
  name: string,
  text: string,
  { min, max, help }: { readonly min: number; readonly max: number; readonly help: string },
): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < min || number > max)
    throw new Usage(`${name} takes a whole number from ${min} to ${max}.\n\n${help}`, 2);
  return number;
};

export const oneOf = <Choice extends string>(
  name: string,
  text: string,
  choices: readonly Choice[],
  help: string,
): Choice => {
  const choice = choices.find((known) => known === text);
  if (!choice) throw new Usage(`${name} takes one of: ${choices.join(', ')}.\n\n${help}`, 2);
  return choice;
};

const FLAGS = ['--json', '--traced'];
const VALUES = [
  '--bus',
  '--shape',
  '--seconds',
  '--visits',
  '--window',
  '--together',
  '--partitions',
  '--profile',
];

export const valuesOf = (
  args: readonly string[],
  {
    flags,
    values: valued,
    help,
  }: {
    readonly flags: readonly string[];
    readonly values: readonly string[];
    readonly help: string;
  },
): Map<string, string> => {
  const values = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]!;
    const value = args[index + 1];
    if (flags.includes(arg)) values.set(arg, 'yes');
    else if (valued.includes(arg) && value !== undefined) values.set(arg, args[(index += 1)]!);
    else
      throw new Usage(
        `${valued.includes(arg) ? `${arg} needs a value` : `There is no option ${arg}`}.\n\n${help}`,
        2,
      );
  }
  return values;
};

/** Reads the command line. Throws Usage. */
export const optionsOf = (args: readonly string[]): Options => {
  if (args.includes('--help') || args.includes('-h')) throw new Usage(HELP, 0);
  if (args[0] !== 'ingest')
    throw new Usage(
      `${args[0] ? `There is no benchmark ${args[0]}` : 'Which benchmark'}? There are ingest and overload.\n\n${HELP}`,
      2,
    );
  const values = valuesOf(args.slice(1), { flags: FLAGS, values: VALUES, help: HELP });
  const number = (name: string, min: number, max: number): number | undefined =>
    values.has(name) ? bounded(name, values.get(name)!, { min, max, help: HELP }) : undefined;
  const shape = values.get('--shape');
  return {
    bus: oneOf('--bus', values.get('--bus') ?? 'postgres', ['postgres', 'kafka'] as const, HELP),
    json: values.has('--json'),
    seconds: number('--seconds', 2, 600) ?? 15,
    visits: number('--visits', 1, 200_000),
    shapes:
      shape === undefined
        ? ['spread', 'hot']
        : [oneOf('--shape', shape, ['spread', 'hot'] as const, HELP)],
    partitions: number('--partitions', 1, 100),
    window: number('--window', 1, 20_000) ?? 2000,
    together: number('--together', 1, 20) ?? 2,
    traced: values.has('--traced'),
    profileDir: values.get('--profile'),
  };
};
