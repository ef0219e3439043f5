import { Launcher } from './launcher';
import { removeFolder, temporaryFolder } from './platform';
import { freePorts } from './ports';

/**
 * The last line of `npm run fuzz`. Every door: how many were sent, and how many ended in
 * each outcome.
 */
export interface FuzzResult {
  readonly result: string;
  readonly inputs: number;
  readonly faults: number;
  readonly doors: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Runs the fuzzer with a sample day of its own that takes a few seconds, to its end. */
export const fuzzed = async (
  ...options: string[]
): Promise<{
  readonly code: number | null;
  readonly said: string;
  readonly outcome: FuzzResult;
}> => {
  const { port } = await freePorts();
  const folder = temporaryFolder();
  try {
    const launcher = new Launcher(
      ['--small-day', '--json', '--port', String(port), '--data', `${folder}/data`, ...options],
      {},
      'fuzz',
    );
    const code = await launcher.ended;
    const said = launcher.output;
    return {
      code,
      said,
      outcome: JSON.parse(said.trimEnd().split('\n').at(-1) ?? '') as FuzzResult,
    };
  } finally {
    await removeFolder(folder);
  }
};

/** The outcomes of a door add up to what was sent. */
export const addsUp = ({
  sent,
  repeats: _repeats,
  ...outcomes
}: Readonly<Record<string, number>>): boolean =>
  Object.values(outcomes).reduce((sum, count) => sum + count, 0) === sent;
