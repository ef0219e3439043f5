import { shrink } from './shrink';
import { simulate } from './simulate';
import { Tally } from './tally';

const SEEDS = 200;
/** Seeds of one test: so that a failure is reported soon, and the rest still runs. */
const SEEDS_PER_TEST = 25;
const tally = new Tally();

const run = async (seed: number): Promise<void> => {
  const outcome = await simulate(seed);
  tally.add({ ...outcome, visits: outcome.plan.visits.length });
  if (outcome.violation)
    throw new Error(
      `seed ${seed}: ${outcome.violation.message}\n${(await shrink(outcome)).history.slice(-80).join('\n')}`,
    );
};

const blocks = Array.from(
  { length: SEEDS / SEEDS_PER_TEST },
  (_, block) => block * SEEDS_PER_TEST + 1,
);

test.each(blocks)(
  'from seed %i on, whatever dies, breaks or comes twice, what must always hold does',
  async (first) => {
    for (let seed = first; seed < first + SEEDS_PER_TEST; seed += 1) await run(seed);
  },
  600_000,
);

test('in these mornings each kind of fault happened, and each situation of the trade was met', () => {
  expect(tally.seeds).toBe(SEEDS);
  expect(tally.missing).toEqual([]);
});

test('the same seed gives the same history, byte for byte, read or not, and another seed another', async () => {
  const [first, again, unread, other] = [
    await simulate(7, { keepsHistory: true }),
    await simulate(7, { keepsHistory: true }),
    await simulate(7),
    await simulate(8),
  ];
  expect(again.history).toEqual(first.history);
  expect(again.digest).toBe(first.digest);
  expect([unread.digest, unread.history]).toEqual([first.digest, []]);
  expect(other.digest).not.toBe(first.digest);
  expect(first.faults.length).toBeGreaterThan(0);
}, 60_000);
