import { plantedBugs } from './planted-bugs';
import type { PlantedBug } from './planting';
import { shrink } from './shrink';
import { type Outcome, simulate } from './simulate';

/** The rarest needs two workers at one order, and shows in about one seed of fifty. */
const SEEDS_MAX = 500;

const find = async (planted: PlantedBug): Promise<Outcome> => {
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
    const outcome = await simulate(seed, { planted });
    if (outcome.violation) return outcome;
  }
  throw new Error(`${planted.name} was not found within ${SEEDS_MAX} seeds`);
};

test.each(plantedBugs.map((planted) => [planted.what, planted] as const))(
  'a planted bug is found: %s',
  async (_what, planted) => {
    const found = await find(planted);
    expect(planted.breaks).toContain(found.violation!.invariant);
    // Without the bug, the same seed holds.
    const { restores } = planted;
    expect((await simulate(found.seed, { restores })).violation).toBeUndefined();
  },
  900_000,
);

const toFollow = ({ plan, faults }: Outcome): number =>
  faults.length + plan.visits.reduce((sum, { actions }) => sum + actions.length, 0);

test('a history that fails is shortened to what it takes to fail', async () => {
  const planted = plantedBugs.find(({ name }) => name === 'unlocked-hold')!;
  const found = await find(planted);
  const shortest = await shrink(found, { planted });
  expect(shortest.violation!.invariant).toBe(found.violation!.invariant);
  // What a reader has to follow: what people said, and what went wrong. Steps may be more, where a
  // fault that is left out had ended a process early.
  expect(toFollow(shortest)).toBeLessThan(toFollow(found));
  expect(shortest.faults.length).toBeLessThanOrEqual(found.faults.length);
}, 900_000);
