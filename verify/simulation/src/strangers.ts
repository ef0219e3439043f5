import { type Random, seededRandom } from '@caretab/doubles';
import { extend } from '@caretab/kernel';
import { chance, ITEMS, type PlannedAction, type Presented } from './visit-script';

const OVER: readonly string[] = ['end', 'cancel'];
const CONTRADICTIONS = ['name', 'birthDate', 'sex', 'newborn', 'unidentified'] as const;

/** What is said of one visit so far. */
interface Said {
  readonly index: number;
  readonly visitNumber: string;
  readonly citizen: number;
  readonly startedAt: string;
  readonly actions: readonly PlannedAction[];
}

/** What is added to a visit's messages. */
class Additions {
  readonly actions: PlannedAction[];
  private count = 0;

  constructor(
    private readonly visit: Said,
    readonly random: Random,
  ) {
    this.actions = [...visit.actions];
  }

  /** Between the opening and what ends the visit. */
  get whileOpen(): number {
    const start = this.actions.findIndex(({ kind }) => kind === 'start');
    const over = this.actions.findIndex(({ kind }, index) => index > start && OVER.includes(kind));
    return this.random.integer(start + 1, over < 0 ? this.actions.length : over);
  }

  charge(place: number, person: Presented): void {
    const number = this.count + 1;
    const [itemCode, unitPriceYuan] = this.random.pick(ITEMS);
    const occurredAt = this.at(place);
    const charge = {
      chargeId: `${this.visit.visitNumber}.W${number}`,
      ...{ itemCode, unitPriceYuan, occurredAt },
      quantity: '1',
      amountFen: extend('1', unitPriceYuan),
    };
    this.add(place, { kind: 'charges', charges: [charge], person });
  }

  add(
    place: number,
    said: Pick<PlannedAction, 'person'> &
      (
        | { readonly kind: 'start' }
        | { readonly kind: 'update'; readonly department: string }
        | Pick<PlannedAction & { readonly kind: 'charges' }, 'kind' | 'charges'>
      ),
  ): void {
    this.count += 1;
    this.actions.splice(place, 0, {
      ...said,
      at: this.at(place),
      key: `${this.visit.visitNumber}-person-${this.count}`,
      pauseMs: this.random.integer(1, 200),
      again: chance(this.random, 0.3),
    });
  }

  private at(place: number): string {
    const { at } = this.actions[place - 1] ?? this.actions[place]!;
    // Of a report that is itself of long before the visit, or ahead, the time is not theirs.
    const isOdd = Math.abs(Date.parse(at) - Date.parse(this.visit.startedAt)) > 5 * 3_600_000;
    return isOdd ? this.visit.startedAt : at;
  }
}

/** A charge, and at times another report, that is sent for another person. */
const sendForAnother = (added: Additions, { citizen }: Said, citizens: number): void => {
  const { random } = added;
  if (citizens < 2) return;
  const other = { citizen: (citizen + random.integer(1, citizens - 1)) % citizens };
  if (chance(random, 0.15)) added.charge(0, other);
  if (chance(random, 0.15)) added.charge(added.whileOpen, other);
  if (chance(random, 0.05))
    added.add(added.whileOpen, { kind: 'update', department: 'OTHERS', person: other });
};

/** Who is before the hospital is not who is registered. */
const sayOtherwise = (added: Additions, { citizen, visitNumber }: Said): void => {
  const { random } = added;
  for (let times = 0; times < 2; times += 1)
    if (chance(random, 0.12))
      added.charge(added.whileOpen, { citizen, says: random.pick(CONTRADICTIONS) });
  if (chance(random, 0.05))
    added.add(added.whileOpen, {
      kind: 'start',
      person: { citizen, says: 'newborn', opens: `${visitNumber}N` },
    });
  if (chance(random, 0.05))
    added.add(added.whileOpen, {
      kind: 'start',
      person: { citizen, says: 'unidentified', isNumbered: false, opens: `${visitNumber}U` },
    });
};

/**
 * Adds messages that name another person than their visit's, or a patient who is not as registered:
 * drawn apart, so that what else is said stays as it was.
 */
export const withStrangers = <Visit extends Said>(
  visit: Visit,
  { seed, citizens }: { readonly seed: number; readonly citizens: number },
): Visit => {
  const added = new Additions(visit, seededRandom(seed * 100 + visit.index + 13));
  sendForAnother(added, visit, citizens);
  sayOtherwise(added, visit);
  return { ...visit, actions: added.actions };
};
