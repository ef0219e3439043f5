import { adjudicate } from '@caretab/benefits';
import type { Coverage } from '@caretab/contracts';
import fc from 'fast-check';
import {
  after,
  authorize,
  charge,
  coverage,
  cover,
  end,
  post,
  start,
  takeBack,
} from '../../test/one-visit';
import { preSettled } from './pre-settlement';
import { visit, type VisitCommand } from './visit';
import type { FactOf } from './visit-events';

const now = new Date('2026-03-02T04:00:00Z');
const days = { discharged: '2026-03-02', settled: '2026-03-02' };
const standing = (...commands: readonly VisitCommand[]) =>
  after(...commands).reduce(visit.evolve, visit.initial);

/** One plan: 100 yuan a year stay with the person, of what is above it the fund pays 80 %. */
const insured: Coverage = {
  ...coverage,
  visitClass: 'outpatient',
  plans: [
    {
      ...{ planId: 'employee-basic', payerId: 'employee', kind: 'basic' },
      ...{ deductibleFen: 10_000, deductibleUsedFen: 4_000, inScopeUsedFen: 4_000 },
      ...{ bands: [{ upToFen: null, rateBps: 8_000 }], fundCapFen: null, fundUsedFen: 0 },
      personalAccountFen: 0,
    },
  ],
};
const covered: VisitCommand = { type: 'RecordCoverage', data: { coverage: insured } };

describe('what a visit would come to if it ended now', () => {
  test('by payer and line, with what the hospital collects itself, and why', () => {
    const open = [start, authorize(50_000), covered, post(charge('T1', 20_000))];
    const settled = preSettled(standing(...open, post(charge('T2', 9_000, 'NOWHERE'))), now);
    // 200 yuan − 60 of the year's deductible = 140, of which the fund pays 112.
    expect(settled).toMatchObject({
      ...{ isOpen: true, grossFen: 20_000, patientDueFen: 8_800, revision: null, waiting: 0 },
      payers: [{ planId: 'employee-basic', payerId: 'employee', fundFen: 11_200 }],
      ...{ collectHereFen: 9_000, collectHere: [{ chargeId: 'T2', amountFen: 9_000 }] },
      lines: [{ chargeId: 'T1', payersFen: 11_200, patientFen: 8_800 }],
    });
    expect(settled.explanation!.zh.join('\n')).toMatch(/112/);
    expect(settled.explanation!.en.join('\n')).toMatch(/112/);
  });

  test('nothing is guessed of a visit that was never opened, or whose plans are not known', () => {
    expect(() => preSettled(visit.initial, now)).toThrow('VISIT_UNKNOWN');
    expect(() => preSettled(standing(start, authorize(50_000)), now)).toThrow('COVERAGE_AWAITED');
  });

  test('a charge that waits is counted, and in no sum', () => {
    const settled = preSettled(standing(start, covered, post(charge('T1', 20_000))), now);
    expect(settled).toMatchObject({ waiting: 1, grossFen: 0, patientDueFen: 0, lines: [] });
  });

  test('of a visit that has ended it says so', () =>
    expect(preSettled(standing(start, authorize(), cover, end), now)).toMatchObject({
      ...{ isOpen: false, revision: 1 },
    }));

  test('it is the verdict on the visit, had it ended at that moment', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.boolean()), {
          ...{ minLength: 1, maxLength: 8 },
        }),
        (charges) => {
          const commands = charges.flatMap(([amountFen, isReturned], at) => {
            const id = `T${at}`;
            const posted = post(charge(id, amountFen));
            return isReturned ? [posted, takeBack(id, amountFen, `R${at}`)] : [posted];
          });
          const open = [start, authorize(100_000), covered, ...commands];
          const closed = after(...open, end).find(
            (fact): fact is FactOf<'VisitClosed'> => fact.type === 'VisitClosed',
          )!;
          const { payers, patientDueFen, lines } = adjudicate(insured, closed.data.lines, days);
          expect(preSettled(standing(...open), now)).toMatchObject({
            ...{ payers, patientDueFen, lines: [...lines], grossFen: closed.data.grossFen },
          });
        },
      ),
      { numRuns: 60 },
    ));
});
