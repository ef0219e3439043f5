import type { SeedResult } from './division';
import { FAULT_KINDS } from './faults';
import { SITUATIONS } from './situations';

const zero = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, 0]));

const add = (sums: Record<string, number>, more: Readonly<Record<string, number>>): void => {
  for (const [name, count] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + count;
};

/** What many seeds come to. */
export class Tally {
  seeds = 0;
  steps = 0;
  crashes = 0;
  visits = 0;
  /** Each kind and situation there is, met or not. */
  readonly byFault = zero(FAULT_KINDS);
  readonly situations = zero(SITUATIONS);

  add({ steps, crashes, visits, kinds, situations }: Omit<SeedResult, 'seed'>): void {
    this.seeds += 1;
    this.steps += steps;
    this.crashes += crashes;
    this.visits += visits;
    add(this.byFault, kinds);
    add(this.situations, situations);
  }

  get faults(): number {
    return Object.values(this.byFault).reduce((sum, count) => sum + count, 0);
  }

  /** Kinds of faults and situations that never came. */
  get missing(): readonly string[] {
    return [...Object.entries(this.byFault), ...Object.entries(this.situations)]
      .filter(([, count]) => count === 0)
      .map(([name]) => name);
  }
}
