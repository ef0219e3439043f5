import type { ClaimLine, VisitClass } from '@caretab/contracts';
import type { Scope } from '@caretab/access';
import { MemoryStore } from '@caretab/store';
import fc from 'fast-check';
import { AdjudicationStage, employee, evergreen, line, personId } from '../../test/claims';
import { institutionLevelTable } from '../institution/institution-level.table';
import { accumulatorTable } from './accumulator.table';
import { claimAnswer } from './claim-answer';
import { planUseAt } from './plan-use-at';

/** Of category A, without a price limit: all of it is in scope. */
const care = (chargeId: string, amountFen: number): ClaimLine =>
  line(chargeId, '250101015', amountFen);

interface Membership {
  readonly planId: string;
  readonly psnType: string;
  readonly from: string;
  readonly personalAccountYuan?: string;
}

const world = async (memberships: readonly Membership[], level = 'level-3') => {
  const stage = new AdjudicationStage(new MemoryStore());
  await stage.store.transact((transaction) =>
    transaction.rows(institutionLevelTable).save({ institutionId: 'HZ01', level: level as never }),
  );
  await stage.memberships.replace(personId, memberships);
  const revisions = new Map<string, number>();
  const claim = (visitId: string) => claimAnswer(stage.store, visitId, [{}]);
  return {
    stage,
    claim,
    settle: async (
      visitId: string,
      lines: readonly ClaimLine[],
      visitClass: VisitClass = 'inpatient',
    ) => {
      const revision = (revisions.get(visitId) ?? 0) + 1;
      revisions.set(visitId, revision);
      await stage.open(visitId, { visitClass });
      await stage.close(visitId, revision, lines, visitClass);
      return claim(visitId);
    },
    used: () =>
      stage.read((transaction) =>
        transaction.rows(accumulatorTable).find({ personId }, { orderBy: 'planId' }),
      ),
  };
};

const fundOf = ({ payers }: { payers: readonly { fundFen: number }[] }): number =>
  payers.reduce((sum, { fundFen }) => sum + fundFen, 0);

describe('a claim that is settled again stays in the place it had in the year', () => {
  test('a stay of which a little is credited owes less by its share, also after a dear one', async () => {
    const { settle } = await world([employee]);
    await settle('HZ01-A', [care('a1', 1_200_000), care('a2', 250)]);
    const later = await settle('HZ01-B', [care('b', 4_500_000)]);
    const again = await settle('HZ01-A', [care('a1', 1_200_000)]);
    // (12 000.00 − 800.00) × 82 %, in the band of the year's first money.
    expect([fundOf(again), again.patientDueFen]).toEqual([918_400, 281_600]);
    expect(await settle('HZ01-B', [care('b', 4_500_000)])).toMatchObject({
      payers: later.payers,
      patientDueFen: later.patientDueFen,
    });
  });

  test('a resident owes no more after a credit than before it', async () => {
    const { settle } = await world(
      [{ planId: 'resident-basic', psnType: '15', from: '2024-01-01' }],
      'community',
    );
    const first = await settle('HZ01-A', [care('a1', 999_900), care('a2', 100)]);
    await settle('HZ01-B', [care('b', 30_000_000)]);
    const again = await settle('HZ01-A', [care('a1', 999_900)]);
    expect([first.patientDueFen, again.patientDueFen]).toEqual([224_000, 223_980]);
  });

  test('a late charge is paid by the share of its place, and the deductible once', async () => {
    const retired = [{ planId: 'employee-basic', psnType: '12', from: '2024-01-01' }];
    const { settle, claim } = await world(retired);
    await settle('HZ01-A', [care('a', 40_000)], 'outpatient');
    await settle('HZ01-B', [care('b', 50_000)], 'outpatient');
    const again = await settle('HZ01-A', [care('a', 40_000), care('late', 20_000)], 'outpatient');
    // (600.00 − 300.00) × 82 %: the deductible of the year is that of its first visit.
    expect(fundOf(again)).toBe(24_600);
    expect(again.revisions.map(({ cause }) => cause)).toEqual([
      undefined,
      {
        ...{ what: 'charges', eventId: expect.any(String), recordedAt: expect.any(String) },
        ...{ charges: [{ chargeId: 'late', beforeFen: 0, afterFen: 20_000 }], chargesChanged: 1 },
      },
    ]);
    expect(await claim('HZ01-B')).toMatchObject({ revision: 1, payers: [{ fundFen: 41_000 }] });
  });

  test('a charge that comes back in part is named, and a visit credited whole gives its use back', async () => {
    const { settle, claim, used } = await world([employee]);
    for (const visitId of ['HZ01-A', 'HZ01-B', 'HZ01-C'])
      await settle(visitId, [care(visitId, 45_000)], 'outpatient');
    const part = await settle('HZ01-B', [care('HZ01-B', 30_000)], 'outpatient');
    expect(part.revisions[1]!.cause).toMatchObject({
      charges: [{ chargeId: 'HZ01-B', beforeFen: 45_000, afterFen: 30_000 }],
    });
    const third = await claim('HZ01-C');
    await settle('HZ01-A', [], 'outpatient');
    // The third stood on the deductible of the first: by itself nothing of it changes.
    expect(await claim('HZ01-C')).toEqual(third);
    expect(await used()).toMatchObject([{ inScopeUsedFen: 75_000, fundUsedFen: fundOf(third) }]);
  });

  test('says on what it stood: type of person, use before it, versions; and stands on it again', async () => {
    const { settle, claim } = await world([{ ...employee, personalAccountYuan: '100.00' }]);
    await settle('HZ01-A', [care('a', 100_000)]);
    const { inputs } = await settle('HZ01-B', [care('b', 300_000)]);
    expect(inputs).toMatchObject({
      catalogue: expect.stringMatching(/^[\w-]{43}$/),
      tables: expect.stringMatching(/^[\w-]{43}$/),
      plans: [
        {
          ...{ planId: 'employee-basic', psnType: '11', year: 2026, benefit: 'inpatient' },
          ...{ deductibleUsedFen: 80_000, inScopeUsedFen: 100_000, fundUsedFen: 16_400 },
          personalAccountFen: 0,
        },
      ],
    });
    await settle('HZ01-C', [care('c', 900_000)]);
    expect((await settle('HZ01-B', [care('b', 200_000)])).inputs).toEqual(inputs);
    expect((await claim('HZ01-A')).inputs!.plans[0]!.personalAccountFen).toBe(10_000);
  });

  test('no account pays more than is on it, whatever stood there at its place', async () => {
    const { settle, stage } = await world([{ ...employee, personalAccountYuan: '900.00' }]);
    await settle('HZ01-A', [care('a', 50_000)], 'outpatient');
    await settle('HZ01-B', [care('b', 60_000)], 'outpatient');
    await settle('HZ01-A', [care('a', 50_000), care('late', 40_000)], 'outpatient');
    expect((await stage.memberships.of(personId)).personalAccounts).toEqual([
      { planId: 'employee-basic', creditedFen: 90_000, usedFen: 90_000 },
    ]);
  });
});

const amounts = fc.integer({ min: 0, max: 900_000 });
const visits = fc.array(amounts, { minLength: 2, maxLength: 5 });

test('a late fact brings a claim to what it would be, had the fact come in time', () =>
  fc.assert(
    fc.asyncProperty(visits, fc.nat(), amounts, fc.boolean(), async (list, which, late, isOut) => {
      const at = which % list.length;
      const visitClass = isOut ? 'outpatient' : 'inpatient';
      const lines = (index: number) => [care(`c${index}`, list[index]!)];
      const inTime = await world([employee, evergreen]);
      for (const index of list.keys())
        if (index <= at)
          await inTime.settle(
            `HZ01-${index}`,
            index === at ? [...lines(index), care('late', late)] : lines(index),
            visitClass,
          );
      const { settle, used } = await world([employee, evergreen]);
      for (const index of list.keys()) await settle(`HZ01-${index}`, lines(index), visitClass);
      const before = [await settle(`HZ01-${at}`, lines(at), visitClass), await used()] as const;
      const again = await settle(`HZ01-${at}`, [...lines(at), care('late', late)], visitClass);
      const right = await inTime.claim(`HZ01-${at}`);
      expect([again.payers, again.patientDueFen]).toEqual([right.payers, right.patientDueFen]);
      // Taken back and settled as before, it and the year's use are what they were.
      const back = await settle(`HZ01-${at}`, lines(at), visitClass);
      expect([back.payers, back.patientDueFen]).toEqual([
        before[0].payers,
        before[0].patientDueFen,
      ]);
      expect(await used()).toEqual(before[1]);
    }),
    { numRuns: 60 },
  ));

describe('what was used of each plan', () => {
  const noon = '2026-03-10T04:00:00Z';
  const at = (stage: AdjudicationStage, instant: string, scope: Scope = {}) =>
    planUseAt(stage.store, { personId, year: 2026, at: new Date(instant) }, [scope]);

  test('is read as it stood before a claim was settled again, and as it stands after', async () => {
    const { stage, settle } = await world([employee, evergreen]);
    stage.clock.set('2026-03-09T04:00:00Z');
    await settle('HZ01-A', [care('a', 300_000)]);
    stage.clock.set('2026-03-11T04:00:00Z');
    await settle('HZ01-A', [care('a', 200_000)]);
    const basic = { planId: 'employee-basic', benefit: 'inpatient', claims: 1 };
    expect((await at(stage, '2026-03-09T03:59:59Z')).plans).toEqual([]);
    expect((await at(stage, noon)).plans[0]).toMatchObject({
      ...{ ...basic, deductibleFen: 80_000, inScopeFen: 300_000, fundFen: 180_400 },
    });
    expect((await at(stage, '2026-03-12T04:00:00Z')).plans[0]).toMatchObject({
      ...{ ...basic, inScopeFen: 200_000, fundFen: 98_400 },
    });
    const own = await at(stage, noon, { payer: 'evergreen-health' });
    expect(own.plans.map(({ planId }) => planId)).toEqual(['evergreen-supplement']);
    expect((await at(stage, noon, { person: 'p-other' })).plans).toEqual([]);
  });

  test('is now what the accumulators say, whatever was settled in which order', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ visit: fc.integer({ min: 0, max: 3 }), amountFen: amounts }), {
          maxLength: 8,
        }),
        async (list) => {
          const { stage, settle, used } = await world([employee, evergreen]);
          for (const { visit, amountFen } of list)
            await settle(`HZ01-${visit}`, [care('c', amountFen)]);
          const { plans } = await at(stage, '2026-12-31T00:00:00Z');
          expect(
            plans.map(({ planId, deductibleFen, inScopeFen, fundFen }) => [
              ...[planId, deductibleFen, inScopeFen, fundFen],
            ]),
          ).toEqual(
            (await used()).map(({ planId, deductibleUsedFen, inScopeUsedFen, fundUsedFen }) => [
              ...[planId, deductibleUsedFen, inScopeUsedFen, fundUsedFen],
            ]),
          );
        },
      ),
      { numRuns: 40 },
    ));
});
