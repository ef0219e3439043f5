import type { Store } from '@caretab/store';
import { CreditFixture } from './holds.suite';

const DAY_MS = 86_400_000;

const worldOn = (store: Store) => {
  const world = new CreditFixture(store);
  const { clock, platform } = world;
  const scored = (score: number, daysAgo = 0, days = 30) => {
    const scoredAt = new Date(clock.now().getTime() - daysAgo * DAY_MS);
    const expiresAt = new Date(scoredAt.getTime() + days * DAY_MS);
    return { status: 'scored' as const, scored: { score, scoredAt, expiresAt } };
  };
  /** A person who opened the service by an activation, with a score of now that lives 30 days. */
  const activated = async (name: string): Promise<string> => {
    const person = await world.registered(name);
    platform.answersOf(person, scored(600));
    await world.queries.forEnrolment(person, 1);
    await world.queries.runOnce();
    await world.enrolments.open(person, 'activation-1', 1);
    platform.asked.splice(0);
    await world.published();
    return person;
  };
  const types = async () => (await world.published()).map(({ type }) => type);
  return { world, clock, platform, scored, activated, types };
};

/** Questions to the credit platform, held by both stores. */
export const scoreQueriesSuite = (open: () => Promise<Store>): void => {
  test('an enrolment without a score has it asked for, and is then opened', async () => {
    const { world, platform, scored } = worldOn(await open());
    const person = await world.registered('a');
    await expect(world.enrolments.open(person, 'activation-1', 1)).rejects.toThrow('SCORE_UNKNOWN');
    platform.answersOf(person, scored(600));
    expect(await world.queries.forEnrolment(person, 1)).toBe(true);
    expect(await world.queries.forEnrolment(person, 1)).toBe(false);
    await world.queries.runOnce();
    await world.queries.runOnce();
    expect(platform.asked).toHaveLength(1);
    expect(world.answers).toEqual(['taken']);
    expect(await world.enrolments.open(person, 'activation-1', 1)).toMatchObject({
      lineFen: 100_000,
    });
  });

  test('without a consent that is on record no one is asked about', async () => {
    const { world, platform, clock, activated } = worldOn(await open());
    const desk = await world.registered('desk');
    await world.scores.put(desk, {
      ...{ score: 600, scoredAt: clock.now(), expiresAt: new Date(clock.now().getTime() + DAY_MS) },
    });
    await world.enrolments.open(desk, 'clerk');
    const person = await activated('b');
    await world.revokes(person, 2, 'score');
    expect(await world.queries.forEnrolment(person, 1)).toBe(false);
    clock.advance(29 * DAY_MS);
    await world.warnings.runOnce();
    await world.queries.runOnce();
    expect(platform.asked).toEqual([]);
  });

  test('a consent that is taken back while the question is out lets nothing in', async () => {
    const { world, platform, scored, activated, clock } = worldOn(await open());
    const person = await activated('b');
    clock.advance(29 * DAY_MS);
    platform.answersOf(person, scored(900));
    await world.warnings.runOnce();
    platform.meanwhile = () => world.revokes(person, 2, 'score');
    await world.queries.runOnce();
    expect(world.answers.at(-1)).toBe('no-consent');
    expect(await world.scores.show(person)).toMatchObject({ score: 600 });
    clock.advance(7 * DAY_MS);
    await world.queries.runOnce();
    expect(platform.asked).toHaveLength(1);
  });

  test('a score that expires is asked for first: with a later one no notice is needed', async () => {
    const { world, platform, scored, activated, clock, types } = worldOn(await open());
    const person = await activated('b');
    clock.advance(29 * DAY_MS);
    platform.answersOf(person, scored(700));
    await world.warnings.runOnce();
    await world.queries.runOnce();
    expect(await world.scores.show(person)).toMatchObject({ score: 700 });
    clock.advance(DAY_MS);
    await world.warnings.runOnce();
    expect(await types()).toEqual(['LineChanged']);
  });

  test('where none comes, the citizen is notified a day later, and the question goes on', async () => {
    const { world, platform, activated, clock, types } = worldOn(await open());
    const person = await activated('b');
    clock.advance(29 * DAY_MS);
    platform.answersOf(person, { status: 'no-answer' });
    await world.warnings.runOnce();
    for (let look = 0; look < 3; look += 1) await world.queries.runOnce();
    expect(platform.asked).toHaveLength(1);
    expect(await types()).toEqual([]);
    clock.advance(DAY_MS - 1000);
    await world.queries.runOnce();
    clock.advance(1000);
    await world.warnings.runOnce();
    expect(await types()).toEqual(['ScoreExpiring']);
    expect(platform.asked).toHaveLength(2);
    expect(new Set(platform.asked.map(({ queryId }) => queryId)).size).toBe(1);
    for (let day = 0; day < 30; day += 1) {
      clock.advance(DAY_MS);
      await world.queries.runOnce();
    }
    expect(platform.asked).toHaveLength(12);
  });

  test('a platform that lies, or says what is older or known, changes nothing', async () => {
    const { world, platform, scored, activated, clock } = worldOn(await open());
    const person = await activated('b');
    const before = await world.scores.show(person);
    clock.advance(29 * DAY_MS);
    await world.warnings.runOnce();
    const lies = [
      { status: 'contradiction' as const, reason: 'PERSON_DIFFERS' },
      scored(900, 300, 900),
      { ...scored(600, 29), scored: { ...scored(600, 29).scored, score: 601 } },
      scored(900, 10, 5),
    ];
    for (const lie of lies) {
      platform.answersOf(person, lie);
      await world.queries.runOnce();
      clock.advance(DAY_MS);
    }
    expect(world.answers.slice(1)).toEqual([
      ...['PERSON_DIFFERS', 'SCORE_OUTDATED', 'SCORE_THE_SAME', 'SCORE_EXPIRED'],
    ]);
    const { expired: _, ...after } = await world.scores.show(person);
    expect(before).toMatchObject(after);
  });

  test('of who is forgotten no question is left', async () => {
    const { world, platform, activated, clock } = worldOn(await open());
    const person = await activated('b');
    clock.advance(29 * DAY_MS);
    await world.warnings.runOnce();
    await world.closings.close(person);
    await world.forgets(person);
    await world.queries.runOnce();
    expect(platform.asked).toEqual([]);
  });
};
