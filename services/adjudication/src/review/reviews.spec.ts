import { MemoryStore } from '@caretab/store';
import { CheckedStage, shipped } from '../../test/checks';
import { claimFlagTable } from '../check/claim-flag.table';
import { reviewStepTable } from './review-step.table';
import { type ReviewDecision, Reviews } from './reviews';

const cleared: ReviewDecision = {
  ...{ decision: 'cleared', evidence: 'letter 1', note: 'transferred' },
};
const confirmed: ReviewDecision = {
  ...{ decision: 'confirmed', evidence: 'letter 1', note: 'two beds at a time' },
  ...{ reason: 'SPLIT_STAY', amountFen: 10_000 },
};
const reviewer = { by: 'reviewer' };
let stage: CheckedStage;
let reviews: Reviews;
let which: { payerId: string; flagId: string };

beforeEach(async () => {
  const store = new MemoryStore();
  stage = new CheckedStage(store);
  const rules = { ...shipped.rules, twoPersonsFromFen: 20_000 };
  reviews = new Reviews(store, stage.claims.clock, { version: 'v', rules });
  await stage.begin();
  await stage.stay('HZ01-A');
  await stage.stay('HZ02-B', { startedAt: '2026-03-04T01:00:00.000Z' });
  await stage.toTheirEnd();
  const [flag] = await stage.flags();
  which = { payerId: flag!.payerId, flagId: flag!.flagId };
});

test('a payer lists its flags, by state, and no other payer’s', async () => {
  const listed = async (payerId: string, state?: 'open' | 'taken') =>
    (await reviews.list(payerId, { state })).reviews.map(({ flagId }) => flagId);
  expect(await listed(which.payerId, 'open')).toEqual([which.flagId]);
  expect(await listed(which.payerId, 'taken')).toEqual([]);
  expect(await listed('another')).toEqual([]);
  await expect(reviews.list(which.payerId, { after: 'x' })).rejects.toThrow('REQUEST_INVALID');
});

test.each([
  ['its insurer', { payer: 'city-employee' }, 1],
  ['another insurer', { payer: 'evergreen' }, 0],
  ['the hospital', { institution: 'HZ02' }, 0],
])('within the rows of %s a flag and its steps are seen, or not', async (_what, whose, seen) => {
  await reviews.own(which, 'reviewer');
  const counted = await stage.store.transact(
    async (transaction) => [
      await transaction.rows(claimFlagTable).count({}),
      await transaction.rows(reviewStepTable).count({}),
    ],
    { within: [whose] },
  );
  expect(counted).toEqual([seen, seen]);
});

test.each<[string, (other: typeof which) => Promise<unknown>]>([
  ['shown', (other) => reviews.show(other)],
  ['taken', (other) => reviews.own(other, 'reviewer')],
  ['decided', (other) => reviews.decide(other, cleared, reviewer)],
])('another payer’s flag is not %s', async (_what, doing) => {
  await expect(doing({ ...which, payerId: 'another' })).rejects.toThrow('REVIEW_UNKNOWN');
});

test('who took a flag decides it, and each step is kept', async () => {
  await expect(reviews.decide(which, cleared, reviewer)).rejects.toThrow('REVIEW_NOT_TAKEN');
  await reviews.own(which, 'colleague');
  await reviews.own(which, 'reviewer');
  await reviews.own(which, 'reviewer');
  await expect(reviews.decide(which, cleared, { by: 'colleague' })).rejects.toThrow(
    'REVIEW_NOT_TAKEN',
  );
  expect(await reviews.decide(which, confirmed, reviewer)).toMatchObject({
    ...{ state: 'confirmed', reason: 'SPLIT_STAY', amountFen: 10_000 },
  });
  expect((await reviews.show(which)).steps).toMatchObject([
    { number: 1, what: 'taken', by: 'colleague' },
    { number: 2, what: 'taken', by: 'reviewer' },
    { number: 3, what: 'confirmed', by: 'reviewer', evidence: 'letter 1', amountFen: 10_000 },
  ]);
});

test('the same decision again changes nothing, another is a conflict', async () => {
  await reviews.own(which, 'reviewer');
  const once = await reviews.decide(which, confirmed, reviewer);
  expect(await reviews.decide(which, confirmed, reviewer)).toEqual(once);
  await expect(reviews.decide(which, cleared, reviewer)).rejects.toThrow('REVIEW_DECIDED');
  const other = { ...confirmed, note: 'another note' };
  await expect(reviews.decide(which, other, reviewer)).rejects.toThrow('REVIEW_DECIDED');
  await expect(reviews.own(which, 'colleague')).rejects.toThrow('REVIEW_DECIDED');
  expect((await reviews.show(which)).steps).toHaveLength(2);
});

test('from the threshold on two persons confirm, and never more than the payer bears', async () => {
  await reviews.own(which, 'reviewer');
  const of = (amountFen: number) => ({ ...confirmed, amountFen });
  await expect(reviews.decide(which, of(20_000), reviewer)).rejects.toThrow('APPROVAL_NEEDED');
  const { atStakeFen } = await reviews.show(which);
  const two = { ...reviewer, approvedBy: 'second' };
  await expect(reviews.decide(which, of(atStakeFen + 1), two)).rejects.toThrow('REVIEW_AMOUNT');
  await reviews.decide(which, of(atStakeFen), two);
  expect((await reviews.show(which)).steps.at(-1)).toMatchObject({ approvedBy: 'second' });
});
