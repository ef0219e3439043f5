import { MemoryStore } from '@caretab/store';
import fc from 'fast-check';
import { AdjudicationStage, employee, line, personId } from '../../test/claims';
import { accumulatorTable } from './accumulator.table';
import { claimAnswer } from './claim-answer';
import { type OutsideUse, OutsideUses } from './outside-use';
import { outsideUseTable } from './outside-use.table';
import { planUseAt } from './plan-use-at';

const world = async () => {
  const stage = new AdjudicationStage(new MemoryStore());
  await stage.registerHospital();
  await stage.memberships.replace(personId, [employee]);
  const uses = new OutsideUses(stage.store, stage.clock);
  const take = (changes: Partial<OutsideUse> = {}) =>
    uses.take(
      personId,
      {
        ...{ planId: 'employee-basic', year: 2026, benefit: 'outpatient', source: 'opening-2026' },
        ...{ deductibleFen: 50_000, inScopeFen: 50_000, fundFen: 0, reference: 'letter 1' },
        ...changes,
      },
      'a-clerk',
    );
  const revisions = new Map<string, number>();
  /** Of category A and without a price limit: all of it is in scope. */
  const settle = async (visitId: string, amountFen: number) => {
    const revision = (revisions.get(visitId) ?? 0) + 1;
    revisions.set(visitId, revision);
    await stage.open(visitId, { visitClass: 'outpatient' });
    await stage.close(visitId, revision, [line('a', '250101015', amountFen)], 'outpatient');
    const { payers, patientDueFen } = await claimAnswer(stage.store, visitId, [{}]);
    return { fundFen: payers.reduce((sum, part) => sum + part.fundFen, 0), patientDueFen };
  };
  const used = async () => {
    const rows = await stage.read((transaction) =>
      transaction.rows(accumulatorTable).find({ personId }),
    );
    return rows.map(({ benefit, deductibleUsedFen, inScopeUsedFen, fundUsedFen }) => [
      ...[benefit, deductibleUsedFen, inScopeUsedFen, fundUsedFen],
    ]);
  };
  return { stage, take, settle, used };
};

test('what was used of the deductible elsewhere is not taken again', async () => {
  const { take, settle } = await world();
  await take();
  // 1000.00 a year, of which 500.00 are used: (1000.00 − 500.00) × 76 %.
  expect(await settle('HZ01-A', 100_000)).toEqual({ fundFen: 38_000, patientDueFen: 62_000 });
});

test('a claim keeps the place that it had; the next one counts with what is known then', async () => {
  const { take, settle } = await world();
  expect(await settle('HZ01-A', 100_000)).toMatchObject({ fundFen: 0 });
  await take();
  expect(await settle('HZ01-A', 100_100)).toMatchObject({ fundFen: 76 });
  expect(await settle('HZ01-B', 100_000)).toMatchObject({ fundFen: 76_000 });
});

test('the same again changes nothing; other figures take the place of the last ones of their source', async () => {
  const { stage, take, used } = await world();
  expect(await take()).toMatchObject({ revision: 1, recordedBy: 'a-clerk' });
  stage.clock.set('2026-03-04T00:00:00Z');
  expect(await take()).toMatchObject({ revision: 1 });
  await take({ source: 'centre-5206', deductibleFen: 10_000, inScopeFen: 10_000 });
  expect(await used()).toEqual([['outpatient', 60_000, 60_000, 0]]);
  stage.clock.set('2026-03-06T00:00:00Z');
  const corrected = { deductibleFen: 20_000, inScopeFen: 120_000, fundFen: 80_000 };
  expect(await take({ ...corrected, reference: 'letter 2' })).toMatchObject({ revision: 2 });
  expect(await used()).toEqual([['outpatient', 30_000, 130_000, 80_000]]);
  const at = async (instant: string) =>
    (await planUseAt(stage.store, { personId, year: 2026, at: new Date(instant) }, [{}])).plans;
  expect(await at('2026-03-05T00:00:00Z')).toMatchObject([{ claims: 0, deductibleFen: 60_000 }]);
  expect(await at('2026-03-07T00:00:00Z')).toMatchObject([{ claims: 0, deductibleFen: 30_000 }]);
  const stranger = { person: 'p-other' };
  const asked = { personId, year: 2026, at: new Date('2026-03-07T00:00:00Z') };
  expect((await planUseAt(stage.store, asked, [stranger])).plans).toEqual([]);
});

test.each<[Partial<OutsideUse>, string]>([
  [{ planId: 'no-such-plan' }, 'PLAN_UNKNOWN'],
  [{ inScopeFen: 49_999 }, 'REQUEST_INVALID'],
  [{ fundFen: 1 }, 'REQUEST_INVALID'],
])('%j is refused, and nothing is kept of it', async (changes, code) => {
  const { stage, take, used } = await world();
  await expect(take(changes)).rejects.toThrow(code);
  expect(await used()).toEqual([]);
  const kept = await stage.read((transaction) => transaction.rows(outsideUseTable).find({}));
  expect(kept).toEqual([]);
});

test('whatever is said and settled in which order: the year’s use is that of all of it', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.record({ visit: fc.integer({ min: 0, max: 2 }), amountFen: fc.nat(500_000) }),
          fc.record({
            source: fc.constantFrom('opening-2026', 'centre-5206'),
            deductibleFen: fc.nat(80_000),
            fundFen: fc.nat(90_000),
          }),
        ),
        { maxLength: 8 },
      ),
      async (list) => {
        const { stage, take, settle, used } = await world();
        for (const step of list)
          if ('visit' in step) await settle(`HZ01-${step.visit}`, step.amountFen);
          else await take({ ...step, inScopeFen: step.deductibleFen + step.fundFen });
        const at = new Date('2026-12-31T00:00:00Z');
        const { plans } = await planUseAt(stage.store, { personId, year: 2026, at }, [{}]);
        const stands = plans.map(({ benefit, deductibleFen, inScopeFen, fundFen }) => [
          ...[benefit, deductibleFen, inScopeFen, fundFen],
        ]);
        expect(stands).toEqual(await used());
      },
    ),
    { numRuns: 40 },
  ));
