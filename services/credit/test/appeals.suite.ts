import type { Store } from '@caretab/store';
import { CreditFixture } from './holds.suite';

const DAY_MS = 86_400_000;

/** What becomes of appeals, over both stores. */
export const appealsSuite = (name: string, open: () => Promise<Store>): void =>
  describe(name, () => {
    let world: CreditFixture;
    let person: string;
    let appealId: string;
    beforeEach(async () => {
      world = new CreditFixture(await open());
      person = await world.enrolled('a', 600);
      ({ appealId } = (await world.appeals.open(person, 'FACTS_WRONG', 'citizen-1')).appeal);
      await world.published();
    });

    test('one score has one appeal, with its owner and age', async () => {
      const again = await world.appeals.open(person, 'OTHER', 'desk-1');
      expect(again).toMatchObject({ created: false, appeal: { appealId, ground: 'FACTS_WRONG' } });
      world.clock.advance(3 * DAY_MS);
      await world.appeals.own(appealId, 'cay');
      const { appeals, next } = await world.appeals.list();
      expect(appeals).toEqual([
        expect.objectContaining({ appealId, owner: 'cay', ageDays: 3, score: 600, status: 'open' }),
      ]);
      expect(next).toBeUndefined();
      expect(await world.appeals.waiting()).toMatchObject({ count: 1 });
      await expect(world.appeals.list('nowhere')).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
      });
      await expect(
        world.appeals.open(await world.registered('b'), 'OTHER', 'citizen-2'),
      ).rejects.toMatchObject({ code: 'SCORE_UNKNOWN' });
    });

    test('that a score stands is decided by one person, says why, and changes no line', async () => {
      const decision = { outcome: 'stands', why: 'looked at again' } as const;
      expect(await world.appeals.decide(appealId, decision, { decidedBy: 'cay' })).toMatchObject({
        ...{ status: 'decided', outcome: 'stands', why: 'looked at again', owner: 'cay' },
      });
      expect((await world.account(person)).lineFen).toBe(100_000);
      expect((await world.published()).map(({ type, data }) => [type, data.outcome])).toEqual([
        ['ScoreAppealDecided', 'STANDS'],
      ]);
      for (const work of [
        () => world.appeals.decide(appealId, decision, { decidedBy: 'cay' }),
        () => world.appeals.own(appealId, 'cay'),
      ])
        await expect(work()).rejects.toMatchObject({ code: 'SCORE_APPEAL_DECIDED' });
      await expect(world.appeals.own('nothing', 'cay')).rejects.toMatchObject({
        code: 'SCORE_APPEAL_UNKNOWN',
      });
    });

    test('an override has two persons, and the open line follows in the same moment', async () => {
      const decision = {
        ...{ outcome: 'overridden' as const, score: 640, why: 'of another person' },
        scoredAt: new Date(world.clock.now().getTime() + 1000),
      };
      await expect(
        world.appeals.decide(appealId, decision, { decidedBy: 'cay' }),
      ).rejects.toMatchObject({ code: 'APPROVAL_NEEDED' });
      expect((await world.account(person)).lineFen).toBe(100_000);
      const by = { decidedBy: 'cay', approvedBy: 'dan' };
      await world.appeals.decide(appealId, decision, by);
      expect(await world.account(person)).toMatchObject({ score: 640, lineFen: 300_000 });
      expect((await world.appeals.ofPerson(person)).appeals).toEqual([
        expect.objectContaining({ outcome: 'overridden', newScore: 640, approvedBy: 'dan' }),
      ]);
      expect((await world.published()).map(({ type }) => type)).toEqual([
        'LineChanged',
        'ScoreAppealDecided',
      ]);
      // The new score can be appealed against too.
      expect((await world.appeals.open(person, 'OUTDATED', 'citizen-1')).created).toBe(true);
    });

    test('a decision whose score is refused leaves the appeal open', async () => {
      const scoredAt = new Date(world.clock.now().getTime() - 1000);
      const decision = { outcome: 'overridden' as const, score: 640, why: 'late', scoredAt };
      await expect(
        world.appeals.decide(appealId, decision, { decidedBy: 'cay', approvedBy: 'dan' }),
      ).rejects.toMatchObject({ code: 'SCORE_OUTDATED' });
      expect((await world.appeals.waiting()).count).toBe(1);
      expect(await world.published()).toEqual([]);
    });
  });
