import { plantedBugs } from './planted-bugs';
import { simulate } from './simulate';

/**
 * The program of a process that runs seeds for another: it receives one at a time, and answers
 * each.
 */
// Stacks of errors thrown on purpose, a hundred times a seed, are not read; a failure is reported
// by a separate run.
Error.stackTraceLimit = 0;

const planted = plantedBugs.find(({ name }) => name === process.argv[2]);

process.on('message', (seed: number) => {
  void simulate(seed, { planted }).then(
    ({ steps, crashes, plan, kinds, situations, violation }) => {
      process.send!({
        seed,
        steps,
        crashes,
        visits: plan.visits.length,
        kinds,
        situations,
        ...(violation && {
          violation: { invariant: violation.invariant, details: violation.details },
        }),
      });
    },
    (error: unknown) => {
      process.stderr.write(`seed ${seed}: ${String((error as Error).stack)}\n`);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
