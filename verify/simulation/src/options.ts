import { availableParallelism } from 'node:os';
import { CommandLine, Usage } from '@caretab/command-line';

export { Usage };

export interface SimulationOptions {
  /** The seed to begin with; 1, or that of the planted bug, where it is not said. */
  readonly from: number | undefined;
  readonly seeds: number;
  /** One seed, with its whole history. */
  readonly seed: number | undefined;
  /** Processes that share the seeds. */
  readonly workers: number;
  readonly json: boolean;
  /** The name of a planted bug that is to be found. */
  readonly planted: string | undefined;
}

const HELP = `npm run simulate                        200 mornings of the whole platform, each from a seed, with faults
npm run simulate -- --seeds 10000       so many of them
npm run simulate -- --from 5000         beginning with this seed
npm run simulate -- --seed 42           one seed, with every step of its history
  --workers N      processes that share the seeds (default: one for each core)
  --planted NAME   with a known bug, which is to be found, from the seed that found it last:
                   lost-offset, double-publish,
                   unlocked-hold, skipped-position, forgotten-inbox, early-checkpoint,
                   unfenced-lease, keyless-order, keyless-refund, webhook-given-up,
                   untold-charges, items-to-payer, untold-rejection, dropped-end,
                   rounded-return, deaf-hold,
                   uncancelled-settlement, again-by-mail,
                   fast-deductible
  --json           nothing but the JSON line at the end
The same seed gives the same history, byte for byte. Status 0: every invariant held (or the
planted bug was found); 1: not; 2: usage.`;

/** Reads the command line. Throws Usage. */
export const simulationOptionsOf = (args: readonly string[]): SimulationOptions => {
  const commandLine = new CommandLine(args, {
    help: HELP,
    flags: ['--json'],
    values: ['--seeds', '--from', '--seed', '--planted', '--workers'],
  });
  const number = (name: string, atLeast = 0): number | undefined => {
    const text = commandLine.value(name);
    if (text === undefined) return undefined;
    if (!/^\d{1,9}$/.test(text) || Number(text) < atLeast)
      throw commandLine.wrong(
        `${name} takes a whole number${atLeast > 0 ? ` from ${atLeast}` : ''}`,
      );
    return Number(text);
  };
  return {
    from: number('--from'),
    seeds: number('--seeds', 1) ?? 200,
    seed: number('--seed'),
    workers: number('--workers', 1) ?? availableParallelism(),
    json: commandLine.has('--json'),
    planted: commandLine.value('--planted'),
  };
};
