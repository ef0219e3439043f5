export interface SimulationOptions {
  readonly from: number;
  readonly seeds: number;
  /** One seed, with its whole history. */
  readonly seed: number | undefined;
  readonly json: boolean;
  /** The name of a planted bug that is to be found. */
  readonly planted: string | undefined;
}

/** The command line is not understood, or help was asked for; the message is what to print. */
export class Usage extends Error {
  constructor(message: string, readonly exitCode: number) {
    super(message);
  }
}

const HELP = `npm run simulate                        200 mornings of the whole platform, each from a seed, with faults
npm run simulate -- --seeds 10000       so many of them
npm run simulate -- --from 5000         beginning with this seed
npm run simulate -- --seed 42           one seed, with every step of its history
  --planted NAME   with a known bug, which is to be found: lost-offset, double-publish, unlocked-hold, skipped-position, forgotten-inbox
  --json           nothing but the JSON line at the end
The same seed gives the same history, byte for byte. Status 0: every invariant held (or the planted bug was found); 1: not; 2: usage.`;

const VALUES = ['--seeds', '--from', '--seed', '--planted'];

const numberOf = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Usage(`${name} takes a whole number.\n\n${HELP}`, 2);
  return Number(text);
};

/** Reads the command line. Throws Usage. */
export const simulationOptionsOf = (args: readonly string[]): SimulationOptions => {
  if (args.includes('--help') || args.includes('-h')) throw new Usage(HELP, 0);
  const values = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]!;
    const value = args[index + 1];
    if (arg === '--json') values.set(arg, 'yes');
    else if (VALUES.includes(arg) && value !== undefined) values.set(arg, args[(index += 1)]!);
    else throw new Usage(`${VALUES.includes(arg) ? `${arg} needs a value` : `There is no option ${arg}`}.\n\n${HELP}`, 2);
  }
  return {
    from: numberOf('--from', values.get('--from')) ?? 1, seeds: numberOf('--seeds', values.get('--seeds')) ?? 200, seed: numberOf('--seed', values.get('--seed')),
    json: values.has('--json'), planted: values.get('--planted'),
  };
};
