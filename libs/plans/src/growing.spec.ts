import fc from 'fast-check';
import { claimFrom, planOf, verdictOf } from '../test';
import { adjudicate, GrowingClaim } from './adjudicate';
import type { Claim } from './claim';
import type { Plan } from './compile';
import { type Coordination, oneAfterTheOther } from './coordination';
import type { Used } from './counters';
import { emptyTally, type SortedLine, tallyOf, withLine, withoutLine } from './tally';

const rates = fc.integer({ min: 0, max: 100 }).map((rate) => `${String(rate)}%`);
const line = fc.record({
  category: fc.constantFrom('A', 'B', 'C'),
  kind: fc.constantFrom('01', '09', '11'),
  item: fc.constantFrom('scan', 'drug'),
  fen: fc.integer({ min: 0, max: 3_000_000 }),
  day: fc.constantFrom('2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02'),
  share: rates,
});
type Line = typeof line extends fc.Arbitrary<infer Found> ? Found : never;

const claimOfLines = (lines: readonly Line[]): Claim =>
  claimFrom({
    facts: { care: 'inpatient' },
    admitted: '2026-12-30',
    discharged: '2027-01-02',
    accounts: { personal: '300.07' },
    lines: lines.map(({ fen, category, kind, item, day, share }, index) => ({
      ...{ id: String(index), category, item, day, firstSelfPay: share, quantity: '1' },
      facts: { itemKind: kind },
      amount: (fen / 100).toFixed(2),
    })),
  });

const terms = fc.record({
  split: fc.boolean(),
  drugs: rates,
  pool: rates,
  deductible: fc.nat(900),
});
type Terms = typeof terms extends fc.Arbitrary<infer Found> ? Found : never;

/** A plan with a year to split, rules for some lines, and a second one on what it leaves. */
const plansOf = ({ split, drugs, pool, deductible }: Terms, units: boolean): readonly Plan[] => [
  planOf({
    year: { by: 'discharge', split },
    counters: {
      costs: { counts: 'base', within: 'year' },
      taken: { counts: 'deductible', within: 'year' },
      ...(units && { scans: { counts: 'quantity', within: 'year' } }),
    },
    lines: [
      { id: 'own', when: { itemCategory: 'C' }, to: 'ownExpense' },
      ...(units
        ? [
            {
              id: 'scans',
              when: { item: 'scan' },
              units: { max: 2, counter: 'scans' },
              to: 'overLimit',
            },
          ]
        : []),
      { id: 'share', when: { itemCategory: 'B' }, firstSelfPay: 'item' },
    ],
    layers: [
      { id: 'drugs', lines: { itemKind: ['09', '11'] }, rate: drugs },
      {
        ...{ id: 'pool', rate: pool, over: 'costs' },
        deductible: { amount: String(deductible), counter: 'taken' },
      },
    ],
  }),
  planOf({
    ...{ plan: 'second', lines: undefined, kind: 'supplementary' },
    layers: [
      { id: 'beds', lines: { itemKind: '01' }, base: ['inScope', 'ownExpense'], rate: '33.33%' },
      { id: 'all', base: ['firstSelfPay', 'overLimit', 'inScope'], rate: '12.5%' },
    ],
  }),
];
const inOrder = (plans: readonly Plan[]): Coordination =>
  oneAfterTheOther(plans.map(({ file }) => file.plan));
const used: Used = new Map([['test-plan/costs|the person|2026', 123_456]]);

const grown = (growing: GrowingClaim, { lines }: Claim): SortedLine[] => {
  const sorted: SortedLine[] = [];
  let tally = emptyTally;
  for (const each of lines!) {
    sorted.push(growing.sort(each, tally));
    tally = withLine(tally, sorted.at(-1)!);
  }
  return sorted;
};

test('a claim that grew line by line comes out as all its lines at once, to the fen', () => {
  fc.assert(
    fc.property(
      terms,
      fc.boolean(),
      fc.array(line, { minLength: 1, maxLength: 12 }),
      (of, units, lines) => {
        const plans = plansOf(of, units);
        const rules = { plans, coordination: inOrder(plans) };
        const claim = claimOfLines(lines);
        const growing = new GrowingClaim(rules, claim, used);
        const {
          lines: _,
          plans: parts,
          ...running
        } = growing.verdict(tallyOf(grown(growing, claim)));
        const { lines: settled, plans: wholeParts, ...whole } = adjudicate(rules, claim, used);
        const accounts = whole.accounts.map((account) => ({ ...account, lines: undefined }));
        expect(running).toEqual({ ...whole, accounts });
        expect(parts.map(({ steps, fundFen }) => ({ steps, fundFen }))).toEqual(
          wholeParts.map(({ steps, fundFen }) => ({ steps, fundFen })),
        );
        expect(settled!.reduce((sum, { patientFen }) => sum + patientFen, 0)).toBe(
          running.patientFen,
        );
      },
    ),
  );
});

test('a line that leaves a growing claim was never in it', () => {
  fc.assert(
    fc.property(
      terms,
      fc.array(line, { minLength: 2, maxLength: 10 }),
      fc.nat(9),
      (of, lines, at) => {
        const plans = plansOf(of, false);
        const rules = { plans, coordination: inOrder(plans) };
        const gone = at % lines.length;
        const claim = claimOfLines(lines);
        const growing = new GrowingClaim(rules, claim, used);
        expect(growing.isByOrder).toBe(false);
        const sorted = grown(growing, claim);
        const rest = claimOfLines(lines.filter((_, index) => index !== gone));
        const left = growing.verdict(withoutLine(tallyOf(sorted), sorted[gone]!));
        const whole = adjudicate(rules, rest, used);
        expect([left.patientFen, left.patient]).toEqual([whole.patientFen, whole.patient]);
      },
    ),
  );
});

test('what was not in a tally is not taken out of it', () => {
  const claim = claimOfLines([
    { category: 'A', kind: '01', item: 'drug', fen: 100, day: '2026-12-30', share: '0%' },
  ]);
  const plans = plansOf({ split: false, drugs: '1%', pool: '1%', deductible: 0 }, false);
  const [sorted] = grown(new GrowingClaim({ plans, coordination: inOrder(plans) }, claim), claim);
  expect(() => withoutLine(emptyTally, sorted!)).toThrow('only what was added');
});

test('where units are counted, the earlier lines use them, and the claim says so', () => {
  const plans = plansOf({ split: false, drugs: '0%', pool: '100%', deductible: 0 }, true);
  const scan = {
    category: 'A',
    kind: '09',
    item: 'scan',
    fen: 100,
    day: '2026-12-30',
    share: '0%',
  };
  const claim = claimOfLines([scan, scan, scan] as Line[]);
  const growing = new GrowingClaim({ plans, coordination: inOrder(plans) }, claim);
  expect(growing.isByOrder).toBe(true);
  expect(grown(growing, claim).map(({ scopes }) => scopes[3])).toEqual([0, 0, 100]);
  expect(verdictOf(plans, claim).moves).toContainEqual(
    expect.objectContaining({ counter: 'test-plan/scans', after: 20_000 }),
  );
});
