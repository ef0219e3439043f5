import type { Actors } from './actors';
import type { InvariantWatch } from './invariant-watch';
import type { MergeBook } from './merge-book';
import type { Operators } from './operators';
import type { Plan } from './plan';
import type { StandingBook } from './standing-book';
import type { SimulatedPlatform } from './simulated-platform';

/** A run at its end: faults are over, and the platform is at rest. */
export interface JudgedRun {
  readonly world: SimulatedPlatform;
  readonly plan: Plan;
  readonly people: Actors;
  readonly operators: Operators;
  readonly watch: InvariantWatch;
  readonly standing: StandingBook;
  readonly merges: MergeBook;
}
