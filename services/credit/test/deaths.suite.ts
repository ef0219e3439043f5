import type { ContractEvent, identityPersons } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import fc from 'fast-check';
import { holdTable } from '../src/hold/hold.table';
import { subjectTable } from '../src/enrolment/enrolment.table';
import { CreditFixture, visitOf } from './holds.suite';

const DAY_MS = 86_400_000;
const DUE_FEN = 5000;

const worldOn = async (store: Store) => {
  const world = new CreditFixture(store);
  const person = await world.enrolled('citizen');
  /** Odd revisions record a death, even ones take it back. */
  const hears = (revision: number, personId = person): Promise<void> => {
    const recordedAt = world.clock.now().toISOString();
    const type = revision % 2 === 1 ? 'PersonDied' : 'PersonDeathTakenBack';
    const data = { personId, revision, recordedAt };
    const event = { id: `d-${revision}`, type, time: recordedAt, data };
    return store.transact((transaction) =>
      world.deaths.record(
        event as unknown as ContractEvent<typeof identityPersons, 'PersonDied'>,
        transaction,
      ),
    );
  };
  const answerTo = (name: string): Promise<string | undefined> =>
    store.transact(async (transaction) => {
      const hold = await transaction.rows(holdTable).get({ visitId: visitOf(name) });
      return hold?.declinedReason ?? hold?.status;
    });
  const passes = async (days: number): Promise<string[]> => {
    const said: string[] = [];
    for (let day = 1; day <= days; day += 1) {
      world.clock.advance(DAY_MS);
      for (let look = 0; look < 2; look += 1) await world.arrears.runOnce();
      const news = await world.published();
      said.push(
        ...news
          .filter(({ topic }) => topic === 'credit.accounts')
          .map(({ type, data }) => `${day} ${type}${data.reminder ? ` ${data.reminder}` : ''}`),
      );
    }
    return said;
  };
  return { world, person, hears, answerTo, passes };
};

/** What a death ends in credit, held by both stores. */
export const deathsSuite = (open: () => Promise<Store>): void => {
  test('of who has died nothing new is held; what is held stays, and the way back opens the line', async () => {
    const { world, person, hears, answerTo } = await worldOn(await open());
    await world.opens(person, 'before');
    const { heldFen } = await world.account(person);
    await hears(1);
    await world.opens(person, 'after');
    expect(await answerTo('after')).toBe('PERSON_DIED');
    await world.asks(person, 'before', heldFen + 100);
    expect((await world.last())?.data).toMatchObject({ reason: 'PERSON_DIED', heldFen });
    expect([await answerTo('before'), (await world.account(person)).heldFen]).toEqual([
      'held',
      heldFen,
    ]);
    await expect(world.enrolments.open(person)).rejects.toMatchObject({ code: 'PERSON_DIED' });
    await hears(2);
    await world.opens(person, 'again');
    expect(await answerTo('again')).toBe('held');
  });

  test('a child gets no hold on the line of a guardian who has died', async () => {
    const { world, person, hears, answerTo } = await worldOn(await open());
    const child = await world.registered('child', true);
    await world.guardian(child, person);
    await world.enrolments.open(child);
    await hears(1);
    await world.opens(child, 'of-the-child');
    expect(await answerTo('of-the-child')).toBe('PERSON_DIED');
  });

  test('a line that is frozen for something else says of who has died that they died', async () => {
    const { world, person, hears, answerTo } = await worldOn(await open());
    await world.opens(person, 'before');
    const { heldFen } = await world.account(person);
    await world.accounts.freeze(person, 'FRAUD_SUSPECTED');
    await hears(1);
    await world.opens(person, 'after');
    expect(await answerTo('after')).toBe('PERSON_DIED');
    await world.asks(person, 'before', heldFen + 100);
    expect((await world.last())?.data).toMatchObject({ reason: 'PERSON_DIED', heldFen });
    await hears(2);
    await world.opens(person, 'alive');
    expect(await answerTo('alive')).toBe('FROZEN');
  });

  test('no step of arrears is taken; after the way back a default is announced before it is reported', async () => {
    const { world, person, hears, passes } = await worldOn(await open());
    await world.opens(person, 'v1');
    await world.adjudicated(person, 'v1', DUE_FEN);
    await world.misses(person, 'v1', DUE_FEN);
    await world.published();
    expect(await passes(25)).toContain('20 DefaultAnnounced');
    await hears(1);
    expect(await passes(60)).toEqual([]);
    expect((await world.account(person)).outstandingFen).toBe(DUE_FEN);
    await hears(2);
    const said = await passes(30);
    expect(said[0]).toBe('1 DefaultAnnounced');
    expect(said[1]).toMatch(/^1[01] DefaultReported$/);
  });

  test('what is missed after a death begins no ladder', async () => {
    const { world, person, hears, passes } = await worldOn(await open());
    await world.opens(person, 'v1');
    await hears(1);
    await world.adjudicated(person, 'v1', DUE_FEN);
    await world.misses(person, 'v1', DUE_FEN);
    await world.published();
    expect(await passes(40)).toEqual([]);
  });

  test('in whatever order and how often messages come, the highest revision holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 12 }),
        async (revisions) => {
          const { world, person, hears } = await worldOn(await open());
          for (const revision of revisions) await hears(revision);
          const highest = Math.max(...revisions);
          const subject = await world.store.transact((transaction) =>
            transaction.rows(subjectTable).get({ personId: person }),
          );
          expect(subject).toMatchObject({ deathRevision: highest, died: highest % 2 === 1 });
        },
      ),
      { numRuns: 20 },
    );
  });
};
