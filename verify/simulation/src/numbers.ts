import { type Random, seededRandom } from '@caretab/doubles';
import { extend } from '@caretab/kernel';
import type { PatientNumber } from './number-book';
import {
  chance,
  ITEMS,
  type PlannedAction,
  type PlannedMerge,
  type PlannedMessage,
  type Presented,
} from './visit-script';

const OVER: readonly string[] = ['end', 'cancel'];

/** What is said of one visit so far. */
interface Said {
  readonly index: number;
  readonly visitNumber: string;
  readonly institution: number;
  readonly citizen: number;
  readonly actions: readonly PlannedAction[];
}

/** What one visit's hospital sends by its numbers, in this order. */
class Sayings {
  private readonly actions: PlannedAction[];
  private place: number;
  private count = 0;

  constructor(
    private readonly visit: Said,
    private readonly random: Random,
  ) {
    this.actions = [...visit.actions];
    this.place = this.actions.findIndex(({ kind }) => kind === 'start');
    const person = { citizen: visit.citizen, number: this.number('A') };
    this.actions[this.place] = { ...this.actions[this.place]!, person } as PlannedAction;
  }

  get said(): readonly PlannedAction[] {
    return this.actions;
  }

  number(name: PatientNumber['name']): PatientNumber {
    return { visit: this.visit.index, name };
  }

  merge(former: PatientNumber, surviving: PatientNumber): void {
    this.add({ kind: 'merge', former, surviving });
  }

  /** `number` is all that says whose charge it is. */
  charge(number: PatientNumber, citizen: number): void {
    const [itemCode, unitPriceYuan] = this.random.pick(ITEMS);
    const charge = {
      chargeId: `${this.visit.visitNumber}.N${this.count + 1}`,
      ...{ itemCode, unitPriceYuan, occurredAt: this.at },
      quantity: '1',
      amountFen: extend('1', unitPriceYuan),
    };
    this.add({ kind: 'charges', charges: [charge] }, { citizen, number, isAlone: true });
  }

  /** Behind the one before it, and before what ends the visit. */
  private add(
    said: PlannedMessage | Pick<PlannedMerge, 'kind' | 'former' | 'surviving'>,
    person?: Presented,
  ): void {
    const over = this.actions.findIndex(
      ({ kind }, index) => index > this.place && OVER.includes(kind),
    );
    const { at } = this;
    this.place = this.random.integer(this.place + 1, over < 0 ? this.actions.length : over);
    this.count += 1;
    this.actions.splice(this.place, 0, {
      ...said,
      ...(person && { person }),
      ...{ at, key: `${this.visit.visitNumber}-number-${this.count}` },
      pauseMs: this.random.integer(1, 200),
      again: chance(this.random, 0.3),
    });
  }

  private get at(): string {
    return this.actions[this.place]!.at;
  }
}

/**
 * Openings by a number, merges of one patient's numbers and of two patients', and charges that have
 * nothing but a number.
 */
const sayByNumbers = (
  visit: Said,
  random: Random,
  others: readonly Said[],
): readonly PlannedAction[] => {
  const said = new Sayings(visit, random);
  const [first, second, third] = (['A', 'B', 'C'] as const).map((name) => said.number(name)) as [
    PatientNumber,
    PatientNumber,
    PatientNumber,
  ];
  const own = [
    () => said.merge(first, second),
    () => said.merge(second, third),
    () => chance(random, 0.5) && said.charge(second, visit.citizen),
  ];
  // In either order they come to the same.
  for (const say of chance(random, 0.5) ? own : [own[1]!, own[0]!, own[2]!]) say();
  said.charge(random.pick([first, third]), visit.citizen);
  const strangers = others.filter(({ citizen }) => citizen !== visit.citizen);
  if (strangers.length > 0) {
    const stranger = random.pick(strangers);
    const of = (name: PatientNumber['name']): PatientNumber => ({ visit: stranger.index, name });
    const theirs = of(random.pick(['A', 'B', 'C', 'C'] as const));
    const mine = random.pick([first, second, third]);
    if (chance(random, 0.5)) said.merge(mine, theirs);
    else said.merge(theirs, mine);
    said.charge(theirs, stranger.citizen);
  }
  const [sibling] = others.filter(
    ({ citizen, index }) => citizen === visit.citizen && index < visit.index,
  );
  if (sibling) {
    said.merge(third, { visit: sibling.index, name: 'A' });
    said.charge({ visit: sibling.index, name: 'A' }, visit.citizen);
  }
  return said.said;
};

/** Opened over HTTP, with nothing before it that was sent for another person. */
const canBeNumbered = (
  { actions, institution, citizen }: Said,
  institutions: readonly { readonly door: string }[],
): boolean => {
  const start = actions.findIndex(({ kind }) => kind === 'start');
  const before = actions.slice(0, start + 1);
  return (
    institutions[institution]!.door === 'http' &&
    before.every(({ person }) => person === undefined || person.citizen === citizen)
  );
};

/**
 * In some seeds a hospital names patients by its own numbers, and merges them while visits are open:
 * drawn apart, so that other seeds stay as they were.
 */
export const withNumbers = <Visit extends Said>(
  visits: readonly Visit[],
  {
    seed,
    institutions,
  }: { readonly seed: number; readonly institutions: readonly { readonly door: string }[] },
): readonly Visit[] => {
  const random = seededRandom(seed * 1000 + 17);
  if (!chance(random, 0.5)) return visits;
  const numbered = visits.filter((visit) => canBeNumbered(visit, institutions));
  return visits.map((visit) => {
    if (!numbered.includes(visit)) return visit;
    const others = numbered.filter((other) => other !== visit);
    return { ...visit, actions: sayByNumbers(visit, random, others) };
  });
};
