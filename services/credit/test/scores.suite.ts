import type { LinePolicyDocument } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { type LinePolicy, linePolicies, policyOf } from '../src/policy/line-policy';
import { policyFaults } from '../src/policy/policy-faults';
import { CreditFixture, expectEntriesToExplain } from './holds.suite';

const DAY_MS = 86_400_000;
const { document } = linePolicies[1] as LinePolicy;
const terms = document.score!;
const approvedBy = 'op-2';

/** The policy that ships, with another life of scores. */
const withScores = (changes: Partial<typeof terms>): readonly LinePolicy[] => [
  policyOf({ ...document, score: { ...terms, ...changes } } as LinePolicyDocument),
];
const stopping = withScores({ validDays: 90, noticeDays: 30, whenExpired: 'stop' });

export const scoreDetails = {
  modelVersion: '2026.1',
  dimensions: { lawAbiding: 180, proSocial: 90 },
  reasons: [{ zh: '无失信记录', en: 'no broken promise is on record' }],
};

/** What becomes of scores, over both stores. */
export const scoresSuite = (name: string, open: () => Promise<Store>): void =>
  describe(name, () => {
    const details = scoreDetails;

    test('a citizen sees points, dimensions by name, reasons and until when', async () => {
      const world = new CreditFixture(await open());
      const person = await world.registered('a');
      const scoredAt = world.clock.now();
      const expiresAt = new Date(scoredAt.getTime() + DAY_MS);
      await world.scores.put(person, { score: 640, scoredAt, expiresAt, ...details });
      expect(await world.scores.show(person)).toEqual({
        ...{ personId: person, score: 640, scoredAt, expiresAt, expired: false },
        ...{ whenExpired: 'keep', modelVersion: '2026.1', reasons: details.reasons },
        dimensions: [
          {
            ...{ code: 'lawAbiding', points: 180 },
            title: { zh: '遵纪守法', en: 'Keeping the law' },
          },
          {
            ...{ code: 'proSocial', points: 90 },
            title: { zh: '亲社会行为', en: 'Pro-social behaviour' },
          },
        ],
      });
      await expect(world.scores.show(await world.registered('b'))).rejects.toMatchObject({
        code: 'SCORE_UNKNOWN',
      });
    });

    test('the same score again changes nothing; with other details of the same moment it is a conflict', async () => {
      const world = new CreditFixture(await open());
      const person = await world.registered('a');
      const scored = { score: 640, scoredAt: world.clock.now(), ...details };
      await world.scores.put(person, scored);
      await world.scores.put(person, scored);
      await expect(
        world.scores.put(person, { ...scored, modelVersion: '2026.2' }),
      ).rejects.toMatchObject({ code: 'SCORE_CONFLICT' });
      await expect(
        world.scores.put(person, { ...scored, dimensions: { luck: 1 } }),
      ).rejects.toMatchObject({ code: 'SCORE_DIMENSION_UNKNOWN' });
    });

    test('an expired score opens no line, and is not taken', async () => {
      const world = new CreditFixture(await open(), 'event', stopping);
      const person = await world.registered('a');
      const scoredAt = world.clock.now();
      await world.scores.put(person, { score: 640, scoredAt });
      world.clock.advance(90 * DAY_MS);
      await expect(world.enrolments.open(person)).rejects.toMatchObject({ code: 'SCORE_EXPIRED' });
      const other = await world.registered('b');
      await expect(world.scores.put(other, { score: 640, scoredAt })).rejects.toMatchObject({
        code: 'SCORE_EXPIRED',
      });
      expect((await world.scores.show(person)).expired).toBe(true);
    });

    test('a policy that stops it: nothing more is held from the end of the score until a new one', async () => {
      const world = new CreditFixture(await open(), 'event', stopping);
      const person = await world.enrolled('a', 640);
      await world.opens(person, 'stay');
      world.clock.advance(90 * DAY_MS - 1);
      await world.opens(person, 'before');
      expect((await world.hold('before'))?.status).toBe('held');
      world.clock.advance(1);
      await world.opens(person, 'after');
      expect(await world.hold('after')).toMatchObject({ declinedReason: 'SCORE_EXPIRED' });
      await world.published();
      await world.asks(person, 'stay', 20_001);
      expect((await world.last())?.data).toMatchObject({
        reason: 'SCORE_EXPIRED',
        heldFen: 20_000,
      });
      await world.scores.put(person, { score: 640, scoredAt: world.clock.now() });
      await world.opens(person, 'again');
      expect((await world.hold('again'))?.status).toBe('held');
      await expectEntriesToExplain(world, person);
    });

    test('a policy that keeps: an open line goes on after the end of the score', async () => {
      const kept = withScores({ validDays: 90, whenExpired: 'keep' });
      const world = new CreditFixture(await open(), 'event', kept);
      const person = await world.enrolled('a', 640);
      world.clock.advance(91 * DAY_MS);
      await world.opens(person, 'after');
      expect((await world.hold('after'))?.status).toBe('held');
    });

    test('a citizen with an open line is notified once before, and again of the next score', async () => {
      const world = new CreditFixture(await open(), 'event', stopping);
      const person = await world.enrolled('a', 640);
      const without = await world.registered('b');
      await world.scores.put(without, { score: 640, scoredAt: world.clock.now() });
      await world.published();
      world.clock.advance(60 * DAY_MS - 1);
      expect(await world.warnings.runOnce()).toBe(0);
      world.clock.advance(1);
      await Promise.all([world.warnings.runOnce(), world.warnings.runOnce()]);
      await world.warnings.runOnce();
      const told = (await world.published()).filter(({ type }) => type === 'ScoreExpiring');
      expect(told.map(({ data }) => data)).toEqual([
        { personId: person, expiresAt: '2026-05-31T00:00:00.000Z', then: 'STOP' },
      ]);
      await world.scores.put(person, { score: 650, scoredAt: world.clock.now(), approvedBy });
      world.clock.advance(60 * DAY_MS);
      await world.warnings.runOnce();
      const again = (await world.published()).filter(({ type }) => type === 'ScoreExpiring');
      expect(again).toHaveLength(1);
      expect(again[0]!.data.expiresAt).toBe('2026-07-30T00:00:00.000Z');
    });

    test('a notice that would come before its score is named as a fault of the policy', () => {
      const flawed = { ...document, score: { ...terms, validDays: 30, noticeDays: 30 } };
      expect(policyFaults(flawed).map(({ field }) => field)).toEqual(['/score/noticeDays']);
    });
  });
