import fc from 'fast-check';
import {
  coverages as coverage,
  linesOfClaims as lines,
  totalsOfClaims as totals,
} from '../test/arbitraries';
import { adjudicate } from './adjudicate';
import { addTotals, classify, emptyTotals } from './classify';
import { patientEstimate, SCOPES, settle } from './settle';

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);

test('gross = Σ payers + patient, and no part is negative, whatever the plans', () =>
  fc.assert(
    fc.property(coverage, totals, (terms, amounts) => {
      const { payers, patientFen, steps } = settle(terms, amounts);
      expect(sum(payers.map(({ amountFen }) => amountFen)) + patientFen).toBe(amounts.grossFen);
      expect(
        [patientFen, ...payers.map(({ amountFen }) => amountFen)].every(
          (part) => Number.isSafeInteger(part) && part >= 0,
        ),
      ).toBe(true);
      expect(
        payers.every(
          ({ amountFen, fundFen, personalAccountFen }) =>
            amountFen === fundFen + personalAccountFen,
        ),
      ).toBe(true);
      for (const step of steps)
        expect(step.deductibleFen + step.coPaymentFen + step.aboveCapFen + step.fundFen).toBe(
          step.baseFen,
        );
    }),
  ));

test('a plan never pays beyond its cap, nor an account beyond its balance', () =>
  fc.assert(
    fc.property(coverage, totals, (terms, amounts) => {
      settle(terms, amounts).steps.forEach((step, index) => {
        const { fundCapFen, fundUsedFen, personalAccountFen } = terms.plans[index]!;
        expect(step.fundFen).toBeLessThanOrEqual(
          fundCapFen === null ? Infinity : Math.max(0, fundCapFen - fundUsedFen),
        );
        expect(step.personalAccountFen).toBeLessThanOrEqual(personalAccountFen);
        expect(step.coPaymentFen).toBeGreaterThanOrEqual(0);
      });
    }),
  ));

test('no plan pays own expense unless its terms say so, and an account never does', () =>
  fc.assert(
    fc.property(coverage, totals, (terms, amounts) => {
      const basicOnly = { plans: terms.plans.map(({ covers: _, ...rest }) => rest) };
      expect(settle(basicOnly, amounts).patientFen).toBeGreaterThanOrEqual(amounts.ownExpenseFen);
    }),
  ));

test('a further charge never lowers what the patient owes, nor raises it by more than itself', () => {
  // Exact as long as a later plan covers at least what the earlier ones do, as every plan of ours
  // does (plans.spec.ts).
  const widening = fc
    .tuple(coverage, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 }))
    .map(([terms, widths]) => {
      const sorted = [...widths].sort((a, b) => a - b);
      return {
        plans: terms.plans.map((each, index) => ({
          ...each,
          covers: SCOPES.slice(0, sorted[index]),
        })),
      };
    });
  fc.assert(
    fc.property(widening, totals, totals, (terms, amounts, more) => {
      const raised =
        patientEstimate(terms, addTotals(amounts, more)) - patientEstimate(terms, amounts);
      expect(raised).toBeGreaterThanOrEqual(0);
      expect(raised).toBeLessThanOrEqual(more.grossFen);
    }),
    { numRuns: 500 },
  );
});

test('the estimate is the verdict: patientEstimate equals settle', () =>
  fc.assert(
    fc.property(coverage, totals, (terms, amounts) => {
      expect(patientEstimate(terms, amounts)).toBe(settle(terms, amounts).patientFen);
    }),
  ));

test('a charge falls into four parts that add up to it', () =>
  fc.assert(
    fc.property(coverage, lines, (terms, charges) => {
      for (const line of charges) {
        const { grossFen, ownExpenseFen, overLimitFen, firstSelfPayFen, inScopeFen } = classify(
          terms,
          line,
        );
        expect(ownExpenseFen + overLimitFen + firstSelfPayFen + inScopeFen).toBe(grossFen);
        expect(grossFen).toBe(line.amountFen);
        expect(
          Math.min(ownExpenseFen, overLimitFen, firstSelfPayFen, inScopeFen),
        ).toBeGreaterThanOrEqual(0);
      }
    }),
  ));

test(
  'lines settle exactly: each adds up to its amount, together they add up to ' +
    'payers and patient, and per plan to its part',
  () =>
    fc.assert(
      fc.property(coverage, lines, (terms, charges) => {
        const verdict = adjudicate(terms, charges);
        for (const line of verdict.lines) {
          expect(line.payersFen + line.patientFen).toBe(line.amountFen);
          expect(Math.min(line.payersFen, line.patientFen)).toBeGreaterThanOrEqual(0);
        }
        expect(sum(verdict.lines.map(({ payersFen }) => payersFen))).toBe(
          sum(verdict.payers.map(({ amountFen }) => amountFen)),
        );
        expect(sum(verdict.lines.map(({ patientFen }) => patientFen))).toBe(verdict.patientDueFen);
        for (const { step, lines: parts } of verdict.plans)
          expect(sum(parts.map(({ payersFen }) => payersFen))).toBe(
            step.fundFen + step.personalAccountFen,
          );
      }),
    ),
);

test('the running estimate of the ledger and the verdict on the closed visit agree to the fen', () =>
  fc.assert(
    fc.property(coverage, lines, (terms, charges) => {
      const running = charges.reduce(
        (amounts, line) => addTotals(amounts, classify(terms, line)),
        emptyTotals,
      );
      expect(patientEstimate(terms, running)).toBe(adjudicate(terms, charges).patientDueFen);
    }),
  ));
