import type { CheckRule } from '@caretab/contracts';
import { type CheckedClaim, daysBetween, shownQuantity } from './checked-claim';

/** What a rule found in a claim, given the claims of the same person that were settled before it. */
export interface Finding {
  /** What distinguishes it from others of the same rule in the same claim. */
  readonly key: string;
  readonly others: readonly CheckedClaim[];
  readonly figures: Readonly<Record<string, number | string>>;
}

type RuleOf<Kind extends CheckRule['kind']> = Extract<CheckRule, { readonly kind: Kind }>;
type Check<Kind extends CheckRule['kind']> = (
  rule: RuleOf<Kind>,
  claim: CheckedClaim,
  earlier: readonly CheckedClaim[],
) => readonly Finding[];

const fits = (items: readonly string[], itemCode: string): boolean =>
  items.some((beginning) => itemCode.startsWith(beginning));
const isOverlapping = (one: CheckedClaim, other: CheckedClaim): boolean =>
  one.from < other.to && other.from < one.to;
const isWithin = (other: CheckedClaim, claim: CheckedClaim, days: number): boolean =>
  Math.abs(daysBetween(other.to, claim.to)) <= days;

const sameItemElsewhere: Check<'same-item-elsewhere'> = (rule, claim, earlier) => {
  const elsewhere = earlier.filter(({ institutionId }) => institutionId !== claim.institutionId);
  const found = new Map<string, Finding>();
  for (const { itemCode, day, amountFen } of claim.lines) {
    if (day === null || amountFen < rule.fromFen || !fits(rule.items, itemCode)) continue;
    const others = elsewhere.filter(({ lines }) =>
      lines.some((line) => line.itemCode === itemCode && line.day === day && line.amountFen > 0),
    );
    const figures = { itemCode, day, amountFen };
    if (others.length > 0)
      found.set(`${itemCode} ${day}`, { key: `${itemCode} ${day}`, others, figures });
  }
  return [...found.values()];
};

const itemCount: Check<'item-count'> = (rule, claim, earlier) => {
  const length = rule.within === 'day' ? 10 : 7;
  const places = new Map<string, { quantity: number; others: CheckedClaim[] }>();
  const countIn = (from: CheckedClaim, isOther: boolean): void => {
    for (const { itemCode, day, quantity } of from.lines) {
      if (day === null || quantity === null || !fits(rule.items, itemCode)) continue;
      const key = `${itemCode} ${day.slice(0, length)}`;
      const place = places.get(key);
      if (!place && isOther) continue;
      const { quantity: sum, others } = place ?? { quantity: 0, others: [] };
      if (isOther && !others.includes(from)) others.push(from);
      places.set(key, { quantity: sum + quantity, others });
    }
  };
  countIn(claim, false);
  for (const other of earlier) countIn(other, true);
  return [...places].flatMap(([key, { quantity, others }]) => {
    const times = shownQuantity(quantity);
    const [itemCode, when] = key.split(' ') as [string, string];
    return times > rule.most
      ? [{ key, others, figures: { itemCode, when, times, most: rule.most } }]
      : [];
  });
};

const twoPlaces: Check<'two-places'> = (_, claim, earlier) =>
  earlier.flatMap((other) => {
    if (other.isInpatient === claim.isInpatient || other.institutionId === claim.institutionId)
      return [];
    const [stay, visit] = claim.isInpatient ? [claim, other] : [other, claim];
    // On the days of admission and discharge a person may well have been elsewhere.
    return stay.from < visit.from && visit.from < stay.to
      ? [{ key: other.claimId, others: [other], figures: { day: visit.from } }]
      : [];
  });

const overlappingStays: Check<'overlapping-stays'> = (_, claim, earlier) =>
  !claim.isInpatient
    ? []
    : earlier
        .filter((other) => other.isInpatient && isOverlapping(claim, other))
        .map((other) => {
          const from = other.from > claim.from ? other.from : claim.from;
          const to = other.to < claim.to ? other.to : claim.to;
          return { key: other.claimId, others: [other], figures: { days: daysBetween(from, to) } };
        });

/** A stay of one day counts as one. */
const stayDays = ({ from, to }: CheckedClaim): number => Math.max(1, daysBetween(from, to));

const bedDays: Check<'bed-days'> = (rule, claim, earlier) => {
  if (!claim.isInpatient) return [];
  const others = earlier.filter(
    (other) => other.isInpatient && isWithin(other, claim, rule.withinDays),
  );
  const days = [claim, ...others].reduce((sum, stay) => sum + stayDays(stay), 0);
  const figures = { days, most: rule.most, stays: others.length + 1 };
  return days > rule.most ? [{ key: '', others, figures }] : [];
};

const readmission: Check<'readmission'> = (rule, claim, earlier) =>
  !claim.isInpatient
    ? []
    : earlier.flatMap((other) => {
        const days = daysBetween(other.to, claim.from);
        const isNear = other.isInpatient && days >= 0 && days <= rule.withinDays;
        return isNear && (!rule.sameInstitution || other.institutionId === claim.institutionId)
          ? [{ key: other.claimId, others: [other], figures: { days, within: rule.withinDays } }]
          : [];
      });

const aboveStandard: Check<'above-standard'> = (rule, claim) => {
  const over = claim.lines.filter(({ overLimitFen }) => overLimitFen > 0);
  const overFen = over.reduce((sum, { overLimitFen }) => sum + overLimitFen, 0);
  return over.length > 0 && overFen >= rule.fromFen
    ? [{ key: '', others: [], figures: { lines: over.length, overFen } }]
    : [];
};

const creditedLater: Check<'credited-later'> = (rule, claim, earlier) => {
  const isCredited = ({ creditedFen }: CheckedClaim): boolean =>
    creditedFen > 0 && creditedFen >= rule.fromFen;
  if (!isCredited(claim)) return [];
  const others = earlier.filter(
    (other) => isCredited(other) && isWithin(other, claim, rule.withinDays),
  );
  const creditedFen = [claim, ...others].reduce((sum, one) => sum + one.creditedFen, 0);
  const figures = { times: others.length + 1, creditedFen };
  return figures.times >= rule.times ? [{ key: '', others, figures }] : [];
};

const boughtAndReturned: Check<'bought-and-returned'> = (rule, claim, earlier) => {
  const isReturned = ({ returned }: CheckedClaim): boolean =>
    returned.some((itemCode) => fits(rule.items, itemCode));
  if (!isReturned(claim)) return [];
  const others = earlier.filter(
    (other) => isReturned(other) && isWithin(other, claim, rule.withinDays),
  );
  const times = others.length + 1;
  return times >= rule.times ? [{ key: '', others, figures: { times } }] : [];
};

const manyInstitutions: Check<'many-institutions'> = (rule, claim, earlier) => {
  const isCostly = ({ lines }: CheckedClaim): boolean =>
    lines.some(
      ({ itemCode, amountFen }) => amountFen >= rule.fromFen && fits(rule.items, itemCode),
    );
  if (!isCostly(claim)) return [];
  const others = earlier.filter(
    (other) => isCostly(other) && isWithin(other, claim, rule.withinDays),
  );
  const institutions = new Set([claim, ...others].map(({ institutionId }) => institutionId)).size;
  const figures = { institutions, withinDays: rule.withinDays };
  return institutions >= rule.institutions ? [{ key: '', others, figures }] : [];
};

const CHECKS: { readonly [Kind in CheckRule['kind']]: Check<Kind> } = {
  'same-item-elsewhere': sameItemElsewhere,
  'item-count': itemCount,
  'two-places': twoPlaces,
  'overlapping-stays': overlappingStays,
  'bed-days': bedDays,
  readmission,
  'above-standard': aboveStandard,
  'credited-later': creditedLater,
  'bought-and-returned': boughtAndReturned,
  'many-institutions': manyInstitutions,
};

/**
 * What a rule finds in a claim, beside the claims of the same person that were settled before it. A
 * pair is found once: in the later of the two.
 */
export const findingsOf = (
  rule: CheckRule,
  claim: CheckedClaim,
  earlier: readonly CheckedClaim[],
): readonly Finding[] => (CHECKS[rule.kind] as Check<CheckRule['kind']>)(rule, claim, earlier);
