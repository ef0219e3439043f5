import { CommandLine, Usage } from '../launch/command-line';

export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  readonly json: boolean;
  readonly port: number;
  /** A data folder to go on with; undefined for one that is thrown away. */
  readonly data: string | undefined;
}

const HELP = `npm run fuzz                     100 000 bad inputs to every door of a platform that is started for it
  --inputs N                     how many (default 100000)
  --seed N                       which (default: from the time; printed, the same seed makes the same inputs)
  --port N                       first of five ports to listen on (default 18080)
  --data DIR                     go on with this data folder (default: a new one, removed at the end)
  --json                         only the steps, the faults and one JSON line
Ends with a verdict and one JSON line; status 0 only if every input was accepted, refused with a reason, or parked.`;

const SEEDS = 1_000_000;

/** Reads the command line. Throws Usage. */
export const optionsOf = (args: readonly string[]): FuzzOptions => {
  const said = new CommandLine(args, { help: HELP, flags: ['--json'], values: ['--inputs', '--seed', '--port', '--data'] });
  const number = (name: string, otherwise: number): number => {
    const value = Number(said.value(name) ?? otherwise);
    if (!Number.isInteger(value) || value < 1) throw new Usage(`${name} takes a whole number from 1.\n\n${HELP}`, 2);
    return value;
  };
  return { inputs: number('--inputs', 100_000), seed: number('--seed', (Date.now() % SEEDS) + 1), port: number('--port', 18_080), data: said.value('--data'), json: said.has('--json') };
};
