import { Usage } from '@caretab/command-line';
import { explain } from './explain';
import type { Steps } from './steps';

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
export const interrupted = (): Promise<'interrupted'> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => resolve('interrupted'));
  });

/**
 * Runs a program to its exit code; whatever it cannot do is said in one line, and is 1 (a command
 * line not understood: 2).
 */
export const run = (program: () => Promise<number>, steps: Steps, command: string): void => {
  // Also what it throws before its first wait: a command line is read there.
  Promise.resolve()
    .then(program)
    .then(
      (code) => process.exit(code),
      (error: unknown) => {
        steps.line(error instanceof Usage ? error.message : `✗ ${explain(error, command)}`);
        if (process.env['DEBUG']) process.stderr.write(`${(error as Error).stack}\n`);
        process.exit(error instanceof Usage ? error.exitCode : 1);
      },
    );
};
