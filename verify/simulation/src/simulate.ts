import type { FaultKind } from './faults';
import { BEGINS, Morning } from './morning';
import { type Plan, planOf, type RestoredService } from './plan';
import { type Situations, situationsOf } from './situations';
import { type Planted, SimulatedPlatform } from './simulated-platform';
import { Violation } from './violation';

export { BEGINS };

export interface SimulateOptions {
  readonly planted?: Planted | undefined;
  /** Whether the n-th fault may happen; all do where nothing is said. */
  readonly isAllowed?: ((fault: number) => boolean) | undefined;
  /** Changes what people do, to find the shortest plan that still fails. */
  readonly change?: ((plan: Plan) => Plan) | undefined;
  /** Whose database is restored from a copy after the storm; by the plan where nothing is said. */
  readonly restores?: RestoredService | undefined;
  /** Keeps every line of what happened; else there is its digest alone. */
  readonly keepsHistory?: boolean | undefined;
}

export interface Outcome {
  readonly seed: number;
  readonly steps: number;
  readonly virtualMs: number;
  /** Numbers of the faults that happened. */
  readonly faults: readonly number[];
  readonly kinds: Readonly<Partial<Record<FaultKind, number>>>;
  readonly situations: Situations;
  readonly crashes: number;
  readonly adopted: number;
  readonly plan: Plan;
  readonly violation: Violation | undefined;
  /** Empty unless it was to be kept. */
  readonly history: readonly string[];
  /** Of the history, kept or not: two runs of one seed have the same. */
  readonly digest: string;
}

/**
 * One morning of the platform from one seed: the same seed, the same history. Never throws for what
 * it finds.
 */
export const simulate = async (seed: number, options: SimulateOptions = {}): Promise<Outcome> => {
  const planned = options.change?.(planOf(seed)) ?? planOf(seed);
  const { isAllowed = () => true, planted, keepsHistory = false } = options;
  const { restores = planted?.restores ?? planned.restores } = options;
  const plan = restores ? { ...planned, restores, standing: undefined } : planned;
  const world = new SimulatedPlatform({
    ...{ seed, isAllowed, planted, keepsHistory },
    replicas: plan.replicas,
    skewMsMax: plan.skewMsMax,
    batchSizeMax: plan.batchSizeMax,
  });
  const startedMs = world.scheduler.nowMs;
  const morning = new Morning(world, plan, planted);
  const violation = await morning.run().then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Violation) return error;
      throw error;
    },
  );
  if (violation) world.tell(`violated: ${violation.message}`);
  const { happened } = world.faults;
  const kinds: Partial<Record<FaultKind, number>> = {};
  for (const { kind } of happened) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return {
    seed,
    plan,
    violation,
    kinds,
    history: world.history.lines,
    steps: world.scheduler.steps,
    virtualMs: Math.round(world.scheduler.nowMs - startedMs),
    crashes: world.crashes,
    adopted: morning.adopted,
    faults: happened.map(({ number }) => number),
    situations: situationsOf(world, {
      operators: morning.operators,
      adopted: morning.adopted,
      tabs: morning.watch.book.tabs.values(),
      lateWords: morning.people.lateWords,
      standing: morning.standing,
      merges: morning.merges,
    }),
    digest: world.history.digest(),
  };
};
