import { measure, type Measured, type Target } from './load';
import type { Writer } from './options';
import { type Addresses, openTarget } from './targets';

// A process of its own, so that its CPU is the client's alone: it writes what a turn says, and
// answers with what that took.

/** What a writer writes in one go. */
export interface Turn {
  readonly name: string;
  readonly events: number;
  readonly callers: number;
  readonly together: number;
}
export type Answer = { readonly measured: Measured } | { readonly error: string };

const [writer, addresses] = process.argv.slice(2) as [Writer, string];
let target: Promise<Target> | undefined;

const answer = async (turn: Turn): Promise<Answer> => {
  try {
    target ??= openTarget(writer, JSON.parse(addresses) as Addresses);
    return { measured: await measure(await target, turn) };
  } catch (error) {
    return { error: (error as Error).message };
  }
};
process.on('message', (turn: Turn) => void answer(turn).then((said) => process.send!(said)));
// The bench is gone: so is its writer.
process.on('disconnect', () => process.exit(0));
