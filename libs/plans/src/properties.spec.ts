import fc from 'fast-check';
import { claimFrom, fundOf, inScope, planOf, verdictOf } from '../test';
import { usedAfter } from './verdict';
import { total } from './bill';
import type { Used } from './counters';

const yuan = fc.integer({ min: 0, max: 400_000 });
const percent = fc.integer({ min: 0, max: 100 }).map((rate) => `${String(rate)}%`);
const bands = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 300_000 }), { maxLength: 4 }),
    fc.array(percent, { minLength: 5, maxLength: 5 }),
  )
  .map(([ends, rates]): (readonly [string | null, string])[] => [
    ...ends.sort((a, b) => a - b).map((end, at) => [String(end), rates[at]!] as const),
    [null, rates.at(-1)!],
  ]);
const cumulative = fc.record({ bands, deductible: fc.integer({ min: 0, max: 5000 }) });

const planWith = ({ bands: rows, deductible }: { bands: unknown; deductible: number }) =>
  planOf({
    counters: {
      deductible: { counts: 'deductible', within: 'year' },
      costs: { counts: 'base', within: 'year' },
    },
    layers: [
      {
        ...{ id: 'pool', bands: rows, over: 'costs' },
        deductible: { amount: String(deductible), counter: 'deductible' },
      },
    ],
  });

/** Whole yuan at whole percentages: a yuan at a time, without anything to round. */
const byTheYuan = (
  rows: readonly (readonly [string | null, string])[],
  deductible: number,
  amount: number,
): number => {
  let fen = 0;
  let from = Math.min(deductible, amount);
  for (const [end, rate] of rows) {
    const to = Math.min(end === null ? Infinity : Number(end), amount);
    if (to > from) {
      fen += (to - from) * parseInt(rate, 10);
      from = to;
    }
  }
  return fen;
};

test('bands pay what a sum yuan by yuan gives', () => {
  fc.assert(
    fc.property(cumulative, yuan, (terms, amount) => {
      const fund = fundOf(verdictOf([planWith(terms)], inScope(String(amount))));
      expect(fund).toBe(byTheYuan(terms.bands, terms.deductible, amount));
    }),
  );
});

test('splitting a claim changes nothing where the plan is cumulative', () => {
  fc.assert(
    fc.property(cumulative, fc.array(yuan, { minLength: 1, maxLength: 5 }), (terms, amounts) => {
      const plan = planWith(terms);
      let used: Used = new Map();
      let parts = 0;
      for (const [index, amount] of amounts.entries()) {
        const claim = inScope(String(amount), { claim: `c${String(index)}` });
        const verdict = verdictOf([plan], claim, { used });
        used = usedAfter(used, verdict);
        parts += fundOf(verdict);
      }
      const sum = amounts.reduce((found, amount) => found + amount, 0);
      expect(parts).toBe(fundOf(verdictOf([plan], inScope(String(sum)))));
    }),
  );
});

const line = fc.record({
  category: fc.constantFrom('A', 'B', 'C'),
  fen: fc.integer({ min: 0, max: 10_000_000 }),
  quantity: fc.integer({ min: 1, max: 20 }),
  share: percent,
  limit: fc.option(fc.integer({ min: 0, max: 100_000 })),
});
const linesOf = (lines: readonly (typeof line extends fc.Arbitrary<infer Line> ? Line : never)[]) =>
  lines.map(({ category, fen, quantity, share, limit }, index) => ({
    ...{ id: String(index), category, quantity: String(quantity), firstSelfPay: share },
    amount: (fen / 100).toFixed(2),
    ...(limit !== null && { limit: String(limit) }),
  }));

test('every line’s parts add up, and lines, payers and the patient to the whole', () => {
  const second = planOf({
    ...{ plan: 'second', lines: undefined, kind: 'supplementary' },
    layers: [
      { id: 'own', base: ['firstSelfPay', 'overLimit', 'ownExpense'], rate: '33.33%' },
      { id: 'drugs', lines: { itemCategory: 'B' }, rate: '50%' },
    ],
  });
  fc.assert(
    fc.property(cumulative, fc.array(line, { minLength: 1, maxLength: 12 }), (terms, lines) => {
      const plan = planWith(terms);
      const claim = claimFrom({ lines: linesOf(lines), accounts: { personal: '1234.56' } });
      const verdict = verdictOf([plan, second], claim);
      const gross = lines.reduce((sum, { fen }) => sum + fen, 0);
      const account = total(verdict.accounts.map(({ paidFen }) => paidFen));
      expect(verdict.grossFen).toBe(gross);
      expect(fundOf(verdict) + account + verdict.patientFen).toBe(gross);
      for (const each of verdict.lines!) {
        expect(total(each.scopes)).toBe(each.amountFen);
        expect(each.patientFen).toBeGreaterThanOrEqual(0);
      }
      expect(total(verdict.lines!.map(({ patientFen }) => patientFen))).toBe(verdict.patientFen);
      for (const part of verdict.plans) expect(total(part.lines!)).toBe(part.fundFen);
    }),
  );
});

test('the order of lines changes nothing but their order', () => {
  fc.assert(
    fc.property(cumulative, fc.array(line, { minLength: 1, maxLength: 8 }), (terms, lines) => {
      const plan = planWith(terms);
      const rows = linesOf(lines);
      const forward = verdictOf([plan], claimFrom({ lines: rows }));
      const backward = verdictOf([plan], claimFrom({ lines: [...rows].reverse() }));
      expect(backward.patientFen).toBe(forward.patientFen);
      expect(fundOf(backward)).toBe(fundOf(forward));
    }),
  );
});

test('more cost never means less benefit, nor a smaller part of the patient', () => {
  fc.assert(
    fc.property(cumulative, yuan, yuan, (terms, amount, more) => {
      const plan = planWith(terms);
      const less = verdictOf([plan], inScope(String(amount)));
      const greater = verdictOf([plan], inScope(String(amount + more)));
      expect(fundOf(greater)).toBeGreaterThanOrEqual(fundOf(less));
      expect(greater.patientFen).toBeGreaterThanOrEqual(less.patientFen);
    }),
  );
});

test('a cap holds over the year, however claims come', () => {
  fc.assert(
    fc.property(fc.array(yuan, { minLength: 1, maxLength: 6 }), yuan, (amounts, cap) => {
      const plan = planOf({
        counters: { fund: { counts: 'fund', within: 'year' } },
        layers: [
          { id: 'pool', rate: '90%', caps: [{ amount: String(cap), on: 'fund', counter: 'fund' }] },
        ],
      });
      let used: Used = new Map();
      let paid = 0;
      for (const [index, amount] of amounts.entries()) {
        const claim = inScope(String(amount), { claim: `c${String(index)}` });
        const verdict = verdictOf([plan], claim, { used });
        used = usedAfter(used, verdict);
        paid += fundOf(verdict);
      }
      const uncapped = amounts.reduce((sum, amount) => sum + amount * 90, 0);
      expect(paid).toBe(Math.min(cap * 100, uncapped));
    }),
  );
});
