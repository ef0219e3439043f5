import { type Plan, planOf } from './plan';
import { plantedBugs } from './planted-bugs';
import type { PlantedBug } from './planting';
import { shrink } from './shrink';
import { type Outcome, simulate } from './simulate';
import type { Violation } from './violation';

/** The rarest needs two workers at one order, and shows in about one seed of fifty. */
const SEEDS_MAX = 500;
/** Of so many seeds those are tried that have what the bug needs. */
const SEEDS_LOOKED_AT_MAX = 20_000;

const any = (_plan: Plan): boolean => true;

/** The seed that found it last; then every seed that may. */
function* seedsFor({ seed, needs = any }: PlantedBug): Generator<number> {
  yield seed;
  for (let next = 1, tried = 0; next <= SEEDS_LOOKED_AT_MAX && tried < SEEDS_MAX; next += 1) {
    if (!needs(planOf(next))) continue;
    tried += 1;
    yield next;
  }
}

const find = async (planted: PlantedBug): Promise<Outcome> => {
  for (const seed of seedsFor(planted)) {
    const outcome = await simulate(seed, { planted });
    if (outcome.violation) return outcome;
  }
  throw new Error(`${planted.name} was not found within ${SEEDS_MAX} seeds`);
};

/** What a maintainer has to write where the bug is declared: to search costs the pipeline minutes. */
const sayWhereStale = ({ name, seed }: PlantedBug, found: Outcome): void => {
  if (found.seed !== seed)
    process.stderr.write(
      `STALE SEED: ${name} is declared at seed ${seed}, which no longer finds it; ` +
        `write ${found.seed}, which does\n`,
    );
};

const withoutBug = new Map<string, Promise<Violation | undefined>>();
/** What is wrong with a seed in which no bug is planted; each is run once for all bugs. */
const wrongWithoutBug = (
  seed: number,
  restores: PlantedBug['restores'],
): Promise<Violation | undefined> => {
  const key = `${seed} ${restores ?? 'as planned'}`;
  const running =
    withoutBug.get(key) ?? simulate(seed, { restores }).then(({ violation }) => violation);
  withoutBug.set(key, running);
  return running;
};

test.each(plantedBugs.map((planted) => [planted.what, planted] as const))(
  'a planted bug is found: %s',
  async (_what, planted) => {
    const found = await find(planted);
    sayWhereStale(planted, found);
    expect(planted.breaks).toContain(found.violation!.invariant);
    // Without the bug, the same seed holds.
    expect(await wrongWithoutBug(found.seed, planted.restores)).toBeUndefined();
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
