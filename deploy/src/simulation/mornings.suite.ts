import { shrink } from './shrink';
import { simulate } from './simulate';

/** Seeds of one test: so that a failure is told soon, and the rest still runs. */
const SEEDS_PER_TEST = 25;

/** Whole mornings of the platform, each from a seed; every invariant after every step. */
export const morningsSuite = (from: number, to: number): void => {
  const blocks = Array.from({ length: Math.ceil((to - from + 1) / SEEDS_PER_TEST) }, (_, block) => from + block * SEEDS_PER_TEST);
  test.each(blocks)('from seed %i on, whatever dies, breaks or comes twice, what must always hold does', async (first) => {
    for (let seed = first; seed < Math.min(first + SEEDS_PER_TEST, to + 1); seed += 1) {
      const outcome = await simulate(seed);
      if (outcome.violation) throw new Error(`seed ${seed}: ${outcome.violation.message}\n${(await shrink(outcome)).history.slice(-80).join('\n')}`);
    }
  }, 600_000);
};
