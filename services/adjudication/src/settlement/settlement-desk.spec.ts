import { MemoryStore } from '@caretab/store';
import {
  AdjudicationStage,
  bed,
  employee,
  evergreen,
  institutionId,
  mesh,
  personId,
  surgery,
} from '../../test/claims';
import { SettlementDesk } from './settlement-desk';

const period = { payerId: 'city-employee', from: '2026-03-01', to: '2026-03-31' };

const world = async () => {
  const stage = new AdjudicationStage(new MemoryStore());
  await stage.registerHospital();
  await stage.memberships.replace(personId, [
    { ...employee, personalAccountYuan: '1000.00' },
    evergreen,
  ]);
  await stage.open('HZ01-1');
  await stage.close('HZ01-1', 1, [surgery, mesh, bed]);
  await stage.close('HZ01-1', 2, [surgery, bed]);
  await stage.open('HZ01-2', { visitClass: 'outpatient' });
  await stage.close('HZ01-2', 1, [surgery], 'outpatient');
  const posted = (await stage.published())
    .filter(({ topic }) => topic === 'insurer.city-employee.settlements')
    .map(({ data }) => data);
  return { desk: new SettlementDesk(stage.store), posted };
};

test('an insurer reads the postings of its topic by day, without person and lines', async () => {
  const { desk, posted } = await world();
  const { settlements, next } = await desk.list(period, undefined, [{ payer: 'city-employee' }]);
  expect(next).toBeUndefined();
  expect(new Set(settlements.map(({ settlementId }) => settlementId))).toEqual(
    new Set(posted.map(({ settlementId }) => settlementId)),
  );
  expect(settlements.map(({ businessDate }) => businessDate)).toEqual([
    '2026-03-03',
    '2026-03-03',
    '2026-03-05',
    '2026-03-05',
  ]);
  expect(settlements.flatMap((one) => Object.keys(one))).not.toContain('personId');
});

test('pages go on where the last ended, and leave out what is before the period', async () => {
  const { desk } = await world();
  const { settlements } = await desk.list(period, undefined, [{}]);
  const { businessDate, settlementId } = settlements[1]!;
  const rest = await desk.list(period, `${businessDate}_${settlementId}`, [{}]);
  expect(rest.settlements).toEqual(settlements.slice(2));
  const later = await desk.list({ ...period, from: '2026-03-05' }, undefined, [{}]);
  expect(later.settlements).toEqual(settlements.slice(2));
  const earlier = await desk.list({ ...period, to: '2026-03-03' }, undefined, [{}]);
  expect(earlier.settlements).toEqual(settlements.slice(0, 2));
});

test('sums are those of the topic, by hospital, kind and plan; the asker’s own are compared', async () => {
  const { desk, posted } = await world();
  const { all, groups, result } = await desk.totals(period, {}, [{ payer: 'city-employee' }]);
  expect(result).toBeUndefined();
  expect(all.postings).toBe(posted.length);
  expect(all.postedFen).toBe(posted.reduce((sum, { postedFen }) => sum + postedFen, 0));
  expect(all.fundFen + all.personalAccountFen).toBe(all.postedFen);
  // What was cancelled counts against what it cancels: the visits' latest costs remain.
  expect(all.grossFen).toBe(2 * surgery.amountFen + bed.amountFen);
  expect(groups.map(({ benefit, postings }) => [benefit, postings])).toEqual([
    ['inpatient', 3],
    ['outpatient', 1],
  ]);
  const claimed = { postings: '4', postedFen: String(all.postedFen) };
  expect(await desk.totals(period, claimed, [{}])).toMatchObject({ result: 0 });
  const wrong = { ...claimed, postedFen: String(all.postedFen + 1) };
  expect(await desk.totals(period, wrong, [{}])).toMatchObject({ result: 1 });
});

test('no one reads of postings that are neither to them nor of their hospital', async () => {
  const { desk } = await world();
  for (const scope of [{ payer: 'evergreen-health' }, { institution: 'HZ02' }]) {
    expect((await desk.list(period, undefined, [scope])).settlements).toEqual([]);
    expect((await desk.totals(period, {}, [scope])).all.postings).toBe(0);
  }
  const own = await desk.list({ ...period, institutionId }, undefined, [
    { institution: institutionId },
  ]);
  expect(own.settlements).toHaveLength(4);
});

test.each([
  ['a last day before the first', { from: '2026-03-02', to: '2026-03-01' }, undefined],
  ['more than 92 days', { from: '2026-01-01', to: '2026-04-03' }, undefined],
  ['no day of the calendar', { from: '2026-13-01', to: '2026-13-01' }, undefined],
  ['a page of another period', period, '2026-02-01_00000000-0000-8000-8000-000000000000'],
])('%s is refused', async (_what, days, after) => {
  const { desk } = await world();
  await expect(desk.list({ ...period, ...days }, after, [{}])).rejects.toMatchObject({
    ...{ code: 'SETTLEMENT_DAYS', kind: 'invalid' },
  });
});
