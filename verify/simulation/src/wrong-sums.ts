import type { Charge } from '@caretab/contracts';
import { type Random, seededRandom } from '@caretab/doubles';
import { isPriced } from './hospital-book';
import { chance, inChina, type PlannedAction } from './visit-script';

/** What is said of one visit so far. */
interface Said {
  readonly index: number;
  readonly visitNumber: string;
  readonly institution: number;
  readonly startedAt: string;
  readonly actions: readonly PlannedAction[];
}

/** Sums that are none, of a charge of 2 × 55.00: by a fen, by a decimal point, by a piece. */
const SUMS = [
  { quantity: '2', amountFen: 11_001 },
  { quantity: '2', amountFen: 10_999 },
  { quantity: '2', amountFen: 110_000 },
  { quantity: '3', amountFen: 11_000 },
  { quantity: '2', amountFen: 0 },
] as const;

/** Whether its amount is not its quantity times its price, by the hospital's own arithmetic. */
export const isWrongSum = (charge: Charge): boolean => !isPriced(charge);

/**
 * A hospital's own producer sends a charge whose amount is no sum, in about one message of a
 * hundred: no door checks it before the bus. Drawn apart, so that what else is said stays as it was.
 */
export const withWrongSums = <Visit extends Said>(
  visit: Visit,
  {
    seed,
    institutions,
  }: { readonly seed: number; readonly institutions: readonly { readonly door: string }[] },
): Visit => {
  const random: Random = seededRandom(seed * 10_000 + 23 * visit.index + 8);
  const { actions, visitNumber, startedAt } = visit;
  if (institutions[visit.institution]!.door !== 'bus' || !chance(random, 0.1)) return visit;
  const at = inChina(Date.parse(startedAt) + 60_000);
  const charge: Charge = {
    ...{ chargeId: `${visitNumber}.X1`, itemCode: '250403014', unitPriceYuan: '55.00' },
    ...{ ...random.pick(SUMS), occurredAt: at },
  };
  const said: PlannedAction = {
    ...{ kind: 'charges', charges: [charge], at, key: `${visitNumber}-wrong-sum` },
    ...{ pauseMs: random.integer(1, 300), again: chance(random, 0.3) },
  };
  return { ...visit, actions: actions.toSpliced(random.integer(0, actions.length), 0, said) };
};
