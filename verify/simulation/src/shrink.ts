import type { Plan } from './plan';
import { type Outcome, simulate, type SimulateOptions } from './simulate';

/** Runs at most: shortening is for the reader, and must end. */
const RUNS_MAX = 120;

/** Leaves out one thing that people do, or would have done. */
const lessOf = (plan: Plan): ((from: Plan) => Plan)[] => [
  ...plan.visits.map(({ index }) => (from: Plan): Plan => ({
    ...from,
    visits: from.visits.filter((visit) => visit.index !== index),
  })),
  ...plan.visits.flatMap(({ index, actions }) =>
    actions
      .filter(({ kind }) => kind !== 'start')
      .map(({ key }) => (from: Plan): Plan => ({
        ...from,
        visits: from.visits.map((visit) =>
          visit.index === index
            ? { ...visit, actions: visit.actions.filter((action) => action.key !== key) }
            : visit,
        ),
      })),
  ),
  (from) => ({ ...from, replicas: {} }),
  (from) => ({ ...from, skewMsMax: 0 }),
  ...plan.deeds.map((deed) => (from: Plan): Plan => ({
    ...from,
    deeds: from.deeds.filter((other) => JSON.stringify(other) !== JSON.stringify(deed)),
  })),
  (from) => ({ ...from, forgets: undefined }),
  (from) => ({ ...from, late: from.late && { ...from.late, charges: [] } }),
];

/**
 * The shortest history that still breaks the same sentence: faults are left out (half of them, a
 * quarter … one by one), then visits and actions, then circumstances, as long as the violation
 * stays. Every attempt is a whole run from the same seed.
 */
export const shrink = async (
  found: Outcome,
  options: Pick<SimulateOptions, 'planted'> = {},
): Promise<Outcome> => {
  let runs = 0;
  let changes: ((plan: Plan) => Plan)[] = [];
  const attempt = async (
    faults: ReadonlySet<number> | 'as before',
    more: readonly ((plan: Plan) => Plan)[] = [],
  ): Promise<boolean> => {
    if ((runs += 1) > RUNS_MAX) return false;
    const allowed = faults === 'as before' ? allowedNow : faults;
    const all = [...changes, ...more];
    const outcome = await simulate(found.seed, {
      ...options,
      ...changed(all),
      isAllowed: (fault) => allowed.has(fault),
    });
    if (outcome.violation?.invariant !== found.violation!.invariant) return false;
    allowedNow = new Set(outcome.faults);
    changes = all;
    return true;
  };
  let allowedNow: ReadonlySet<number> = new Set(found.faults);
  await fewerFaults(() => allowedNow, attempt);
  for (const change of lessOf(found.plan)) await attempt('as before', [change]);
  await fewerFaults(() => allowedNow, attempt);
  // Once more, to be read.
  return simulate(found.seed, {
    ...options,
    ...changed(changes),
    isAllowed: (fault) => allowedNow.has(fault),
    keepsHistory: true,
  });
};

const changed = (changes: readonly ((plan: Plan) => Plan)[]): Pick<SimulateOptions, 'change'> => ({
  change: (plan) => changes.reduce((changing, change) => change(changing), plan),
});

/** Leaves faults out in ever smaller parts, for as long as any part can go. */
const fewerFaults = async (
  current: () => ReadonlySet<number>,
  attempt: (faults: ReadonlySet<number>) => Promise<boolean>,
): Promise<void> => {
  for (let size = Math.max(1, current().size); ; size = Math.floor(size / 2)) {
    for (let from = 0; from < current().size;) {
      const faults = [...current()];
      if (!(await attempt(new Set([...faults.slice(0, from), ...faults.slice(from + size)]))))
        from += size;
    }
    if (size <= 1) return;
  }
};
