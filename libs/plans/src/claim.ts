import { fenOf, isRate, rateOf } from './amounts';
import { dayFindings } from './claim-days';
import type { Circumstances, Said } from './conditions';
import { type Fact, FACTS, type FactValue } from './facts';
import { type ItemTerms, type PricedLine, unitPriceFenOf } from './lines';
import { type CatalogueFile, type ItemFile } from './catalogue-file';
import { type ClaimFile, type ClaimLineFile } from './claim-file';
import { SCOPES } from './file-parts';
import { NotTaken } from './read';
import { type Finding, pointer } from './strict-json';

export interface Membership {
  readonly plan: string;
  readonly from: string;
  readonly to: string | null;
  readonly facts: Said;
}

/** One visit as it is put to the payers, in whole fen. */
export interface Claim {
  readonly id: string;
  readonly person: string;
  readonly family: string;
  readonly facts: Said;
  readonly admitted: string | undefined;
  readonly discharged: string | undefined;
  readonly settled: string | undefined;
  readonly careDate: string | undefined;
  readonly days: number;
  /** Undefined: every plan applies. */
  readonly memberships: readonly Membership[] | undefined;
  readonly accounts: ReadonlyMap<string, number>;
  /** Undefined: the claim gives totals by scope. */
  readonly lines: readonly PricedLine[] | undefined;
  readonly totals: readonly number[] | undefined;
  /** What was used before, by counter of a plan: fen, or whole numbers. */
  readonly used: ReadonlyMap<string, string>;
}

/** The catalogue's items by code; the periods of one code do not overlap. */
export type Catalogue = ReadonlyMap<string, readonly ItemFile[]>;

export const catalogueOf = ({ items }: CatalogueFile, file: string): Catalogue => {
  const catalogue = new Map<string, ItemFile[]>();
  const findings: Finding[] = [];
  for (const [index, item] of items.entries()) {
    const periods = catalogue.get(item.code) ?? [];
    const overlaps = periods.some(
      ({ from, to }) => (to === null || item.from <= to) && (item.to === null || from <= item.to),
    );
    if (overlaps)
      findings.push({
        path: `/items/${index}`,
        why: `Two periods of “${item.code}” overlap.`,
        remedy: 'End the earlier one on the day before.',
      });
    catalogue.set(item.code, [...periods, item]);
  }
  if (findings.length > 0) throw new NotTaken(file, findings);
  return catalogue;
};

const termsOf = ({
  firstSelfPay,
  limit,
  direct,
}: Pick<ItemFile, 'firstSelfPay' | 'limit' | 'direct'>): ItemTerms => ({
  firstSelfPay:
    firstSelfPay === undefined
      ? undefined
      : typeof firstSelfPay === 'string'
        ? rateOf(firstSelfPay)
        : 'byUnitPrice' in firstSelfPay && Array.isArray(firstSelfPay.byUnitPrice)
          ? firstSelfPay.byUnitPrice.map(([upTo, rate]) => ({
              upTo: upTo === null ? Infinity : fenOf(upTo),
              rate: rateOf(rate),
            }))
          : new Map(
              Object.entries(firstSelfPay as Record<string, string>).map(([key, rate]) => [
                key,
                rateOf(rate),
              ]),
            ),
  limit: limit === undefined || typeof limit === 'string' ? limit : new Map(Object.entries(limit)),
  direct: direct === undefined ? undefined : rateOf(direct),
});

const typeFits = (type: Fact['type'], value: FactValue): boolean => {
  if (type === 'codes') return Array.isArray(value);
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (type === 'boolean') return typeof value === 'boolean';
  return typeof value === 'string';
};

/** Facts that no plan declares are a slip of the pen: what was meant would be missing. */
const checkFacts = (
  facts: Said,
  known: Readonly<Record<string, Fact>>,
  of: Fact['of'],
  path: string,
  findings: Finding[],
): void => {
  for (const [name, value] of Object.entries(facts)) {
    const fact = known[name];
    const at = pointer(path, name);
    if (fact?.of !== of)
      findings.push({
        ...{ path: at, why: `No fact of a ${of} is called “${name}”.` },
        remedy: `There are: ${Object.keys(known)
          .filter((each) => known[each]!.of === of)
          .join(', ')}. A plan declares others in “facts”.`,
      });
    else if (!typeFits(fact.type, value))
      findings.push({
        ...{ path: at, why: `“${name}” is a ${fact.type}.` },
        remedy: 'Write such a value.',
      });
    else if (fact.values && !fact.values.includes(value as string))
      findings.push({
        ...{ path: at, why: `“${name}” is never “${String(value as string)}”.` },
        remedy: `It is one of: ${fact.values.join(', ')}.`,
      });
  }
};

/** The catalogue's word on a line; a line never contradicts it. */
const itemOf = (
  line: ClaimLineFile,
  day: string | undefined,
  catalogue: Catalogue | undefined,
  path: string,
  findings: Finding[],
): Pick<ItemFile, 'category' | 'firstSelfPay' | 'limit' | 'direct' | 'facts'> | undefined => {
  if (!catalogue)
    return line.category === undefined
      ? undefined
      : ({ ...line, facts: undefined } as Pick<ItemFile, 'category'>);
  for (const field of ['category', 'firstSelfPay', 'limit', 'direct'] as const)
    if (line[field] !== undefined)
      findings.push({
        ...{ path: pointer(path, field), why: `The catalogue says “${field}”, not the claim.` },
        remedy: 'Take it off the line, or leave --catalogue out.',
      });
  if (line.item === undefined || day === undefined) {
    findings.push({
      ...{ path, why: 'Nothing says which item on which day.' },
      remedy: 'Give the line an item, and a day; or give the claim its careDate.',
    });
    return undefined;
  }
  return (
    catalogue.get(line.item)?.find(({ from, to }) => from <= day && (to === null || day <= to)) ?? {
      // What the catalogue does not list, no plan pays.
      category: 'C',
    }
  );
};

interface Reading {
  readonly facts: Said;
  readonly careDate: string | undefined;
  readonly known: Readonly<Record<string, Fact>>;
  readonly catalogue: Catalogue | undefined;
  readonly findings: Finding[];
}

const lineOf = (line: ClaimLineFile, index: number, reading: Reading): PricedLine => {
  const { facts, careDate, known, catalogue, findings } = reading;
  const path = `/lines/${index}`;
  const day = line.day ?? careDate;
  const item = itemOf(line, day, catalogue, path, findings);
  checkFacts(line.facts ?? {}, known, 'line', pointer(path, 'facts'), findings);
  if (!catalogue && typeof line.firstSelfPay === 'string' && !isRate(line.firstSelfPay))
    findings.push({
      ...{ path: pointer(path, 'firstSelfPay'), why: 'Here stands no percentage.' },
      remedy: 'Write one as text, such as "10%".',
    });
  const amountFen = fenOf(line.amount);
  const quantity = line.quantity ?? '1';
  const unitPriceFen = unitPriceFenOf(amountFen, quantity);
  const said: Record<string, FactValue> = {
    ...(item?.facts as Said | undefined),
    ...(item && { itemCategory: item.category }),
    ...(line.item !== undefined && { item: line.item }),
    ...(day !== undefined && { day }),
    ...(unitPriceFen !== undefined && { unitPrice: unitPriceFen / 100 }),
    ...line.facts,
  };
  const circumstances: Circumstances = { facts, line: said, used: () => 0 };
  return {
    ...{ id: line.id, amountFen, quantity, unitPriceFen, circumstances },
    isDated: line.day !== undefined,
    terms: item && findings.length === 0 ? termsOf(item) : {},
  };
};

const DAY_MS = 86_400_000;
const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

const ageOn = (birth: string, day: string): number =>
  Number(day.slice(0, 4)) - Number(birth.slice(0, 4)) - (day.slice(5) < birth.slice(5) ? 1 : 0);

/** What follows from what a claim says: days, age, whether the care was out of area. */
const derived = (file: ClaimFile, careDate: string | undefined): Said => {
  const { careArea, insuredArea } = file.facts as Record<string, string | undefined>;
  return {
    ...(careArea !== undefined &&
      insuredArea !== undefined && { outOfArea: careArea !== insuredArea }),
    ...(file.birth !== undefined && careDate !== undefined && { age: ageOn(file.birth, careDate) }),
    ...(file.admitted !== undefined &&
      file.discharged !== undefined && {
        // A day is the least: in and out on one day is a day of care.
        days: Math.max(1, daysBetween(file.admitted, file.discharged)),
      }),
    ...(careDate !== undefined && { careDate }),
  };
};

/** Days from the beginning of a membership to a day. */
export const daysSince = daysBetween;

/**
 * A claim's file in whole fen. Throws NotTaken: a fact or field that is not known, lines and totals
 * together, a stay that ends before it begins.
 */
export const claimOf = (
  file: ClaimFile,
  known: Readonly<Record<string, Fact>>,
  {
    name,
    catalogue,
    counters,
  }: {
    readonly name: string;
    readonly catalogue?: Catalogue | undefined;
    /** Of the plans, by name and by `plan/name`: what `used` may say. */
    readonly counters?: ReadonlySet<string>;
  },
): Claim => {
  const findings: Finding[] = [];
  checkFacts(file.facts, known, 'claim', '/facts', findings);
  if ((file.lines === undefined) === (file.totals === undefined))
    findings.push({
      ...{ path: '', why: 'A claim has lines, or totals by scope.' },
      remedy: 'Give it one of the two.',
    });
  if (file.admitted && file.discharged && file.discharged < file.admitted)
    findings.push({
      ...{ path: '/discharged', why: 'The stay ends before it begins.' },
      remedy: 'Correct one of the two days.',
    });
  const careDate =
    (file.facts['careDate'] as string | undefined) ??
    file.admitted ??
    file.discharged ??
    file.settled;
  const facts: Said = { ...derived(file, careDate), ...file.facts };
  dayFindings(file, careDate, findings);
  for (const counter of Object.keys(file.used ?? {}))
    if (counters && !counters.has(counter))
      findings.push({
        ...{ path: pointer('/used', counter), why: 'No plan has a counter of this name.' },
        remedy: `There are: ${[...counters].join(', ') || 'none'}.`,
      });
  const reading: Reading = { facts, careDate, known: { ...FACTS, ...known }, catalogue, findings };
  const lines = file.lines?.map((line, index) => lineOf(line, index, reading));
  if (findings.length > 0) throw new NotTaken(name, findings);
  const person = file.person ?? 'the person';
  return {
    ...{ id: file.claim ?? 'the claim', person, family: file.family ?? person, facts, careDate },
    ...{ admitted: file.admitted, discharged: file.discharged, settled: file.settled, lines },
    days: (facts['days'] as number | undefined) ?? 1,
    memberships: file.memberships?.map(({ plan, from, to = null, facts: more = {} }) => ({
      ...{ plan, from, to, facts: more as Said },
    })),
    accounts: new Map(
      Object.entries(file.accounts ?? {}).map(([account, yuan]) => [account, fenOf(yuan)]),
    ),
    totals: file.totals && SCOPES.map((scope) => fenOf(file.totals![scope] ?? '0')),
    used: new Map(Object.entries(file.used ?? {})),
  };
};
