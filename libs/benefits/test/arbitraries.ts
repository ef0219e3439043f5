import type { Coverage, PlanTerms, ClaimLine } from '@caretab/contracts';
import fc from 'fast-check';
import { itemsOn, type ScopeTotals, SCOPES } from '../src';

const fen = fc.integer({ min: 0, max: 100_000_000 });
const rateBps = fc.integer({ min: 0, max: 10_000 });
const bands = fc
  .record({
    limits: fc.uniqueArray(fc.integer({ min: 1, max: 60_000_000 }), { maxLength: 3 }),
    rates: fc.array(rateBps, { minLength: 4, maxLength: 4 }),
    open: fc.boolean(),
  })
  .map(({ limits, rates, open }) => {
    const sorted = [...limits].sort((a, b) => a - b);
    return [...sorted, ...(open || sorted.length === 0 ? [null] : [])].map((upToFen, index) => ({
      upToFen,
      rateBps: rates[index]!,
    }));
  });
const plan: fc.Arbitrary<PlanTerms> = fc
  .record({
    planId: fc.uuid(),
    payerId: fc.constantFrom('city-employee', 'evergreen-health', 'city-aid'),
    kind: fc.constantFrom('basic' as const, 'supplementary' as const),
    deductibleFen: fen,
    deductibleUsedFen: fen,
    bands,
    inScopeUsedFen: fen,
    fundCapFen: fc.option(fen),
    fundUsedFen: fen,
    personalAccountFen: fc.integer({ min: 0, max: 500_000 }),
    covers: fc.option(fc.shuffledSubarray([...SCOPES], { minLength: 1 }), { nil: undefined }),
  })
  .map(({ covers, ...terms }) => (covers ? { ...terms, covers } : terms));
export const coverages: fc.Arbitrary<Coverage> = fc.record({
  coverageId: fc.constant('coverage'),
  catalogueDate: fc.constantFrom('2020-06-01', '2026-03-02'),
  hospitalLevel: fc.constantFrom('level-3' as const, 'level-2' as const, 'community' as const),
  plans: fc.array(plan, { maxLength: 4 }),
});
export const totalsOfClaims: fc.Arbitrary<ScopeTotals> = fc
  .tuple(fen, fen, fen, fen)
  .map(([ownExpenseFen, overLimitFen, firstSelfPayFen, inScopeFen]) => ({
    grossFen: ownExpenseFen + overLimitFen + firstSelfPayFen + inScopeFen,
    ownExpenseFen,
    overLimitFen,
    firstSelfPayFen,
    inScopeFen,
  }));
const codes = [...itemsOn('2026-03-02').map(({ code }) => code), 'UNKNOWN-1', 'C0201-STENT'];
export const linesOfClaims: fc.Arbitrary<ClaimLine[]> = fc
  .array(
    fc.record({
      itemCode: fc.constantFrom(...codes),
      quantity: fc.constantFrom('1', '2', '0.5', '12.3333'),
      amountFen: fc.integer({ min: 0, max: 2_000_000 }),
    }),
    { maxLength: 25 },
  )
  .map((list) =>
    list.map((line, index) => ({
      ...line,
      chargeId: `c${index}`,
      occurredAt: '2026-03-02T01:00:00Z',
    })),
  );
