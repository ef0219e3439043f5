import { conditionOf, type Names, type Test } from './conditions';
import type { CounterFile, PlanFile } from './plan-file';
import { pointer } from './strict-json';

/** Whose claim it is, and when it counts. */
export interface Moment {
  readonly claim: string;
  readonly person: string;
  readonly family: string;
  /** The day that decides the year. */
  readonly day: string;
}

/** The year of a day: the calendar's, or one that begins on another day (MM-DD). */
export const yearOf = (day: string, starts = '01-01'): string => {
  const year = Number(day.slice(0, 4));
  return String(day.slice(5) >= starts ? year : year - 1);
};

const periodOf = (counter: CounterFile, { claim, day }: Moment, starts: string): string => {
  if (counter.within === 'visit') return claim;
  if (counter.within === 'day') return day;
  if (counter.within === 'month') return day.slice(0, 7);
  if (counter.within === 'year') return yearOf(day, counter.yearStarts ?? starts);
  return 'lifetime';
};

export interface Counter {
  readonly name: string;
  /** `plan/counter` */
  readonly id: string;
  readonly counts: CounterFile['counts'];
  /** Whether this claim counts. */
  readonly test: Test;
  /** Under which key a claim's use stands: `plan/counter|whose|when`. */
  keyOf(moment: Moment): string;
}

/** What was used, by key: fen, or whole visits and days, or ten-thousandths of a unit. */
export type Used = ReadonlyMap<string, number>;

/** The counters of a plan. Those of visits and days are numbers that conditions can look at. */
export const countersOf = (plan: PlanFile, names: Names): ReadonlyMap<string, Counter> => {
  const starts = plan.year?.starts ?? '01-01';
  const counters = new Map<string, Counter>();
  for (const [name, file] of Object.entries(plan.counters ?? {})) {
    const path = pointer('/counters', name);
    const { test } = conditionOf(file.when, names, pointer(path, 'when'));
    const owner = file.shared ?? `${plan.plan}/${name}`;
    counters.set(name, {
      ...{ name, id: `${plan.plan}/${name}`, counts: file.counts, test },
      keyOf: (moment) => {
        const whose = file.per === 'family' ? `family ${moment.family}` : moment.person;
        return `${owner}|${whose}|${periodOf(file, moment, starts)}`;
      },
    });
    if (file.counts === 'visits' || file.counts === 'days')
      names.add(
        name,
        { type: 'number', of: 'claim', read: (circumstances) => circumstances.used(name) },
        path,
      );
  }
  for (const layer of plan.layers)
    if (plan.year?.split && layer.deductible && layer.deductible.counter === undefined) {
      const name = ofVisit(layer);
      counters.set(name, {
        ...{ name, id: `${plan.plan}/${name}`, counts: 'deductible', test: () => true },
        keyOf: ({ claim, person }) => `${plan.plan}/${name}|${person}|${claim}`,
      });
    }
  return counters;
};

/** A deductible without a counter is one a visit, also where the visit is settled in two parts. */
export const ofVisit = ({ id }: { readonly id: string }): string => `deductible of ${id}`;

/** One change of a counter. */
export interface Move {
  readonly counter: string;
  readonly key: string;
  readonly before: number;
  readonly after: number;
}

/** Reads what was used before and notes what this claim uses; `used` itself never changes. */
export class Usage {
  private readonly changed = new Map<string, Move>();

  constructor(private readonly used: Used) {}

  read(key: string): number {
    return this.changed.get(key)?.after ?? this.used.get(key) ?? 0;
  }

  add(counter: string, key: string, amount: number): void {
    if (amount === 0) return;
    const before = this.changed.get(key)?.before ?? this.used.get(key) ?? 0;
    this.changed.set(key, { counter, key, before, after: this.read(key) + amount });
  }

  get moves(): Move[] {
    return [...this.changed.values()];
  }
}
