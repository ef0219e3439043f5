import type { Store } from '@caretab/store';
import { CreditFixture, visitOf } from './holds.suite';
import { enrolmentTable } from '../src/enrolment/enrolment.table';
import { holdTable } from '../src/hold/hold.table';

const worldOn = async (store: Store) => {
  const world = new CreditFixture(store);
  const person = await world.enrolled('citizen');
  const service = (personId = person): Promise<string | undefined> =>
    store.transact(
      async (transaction) => (await transaction.rows(enrolmentTable).get({ personId }))?.status,
    );
  const answerTo = (name: string): Promise<string | undefined> =>
    store.transact(async (transaction) => {
      const hold = await transaction.rows(holdTable).get({ visitId: visitOf(name) });
      return hold?.declinedReason ?? hold?.status;
    });
  return { world, person, service, answerTo };
};

/** What follows when a person takes consents back, held by both stores. */
export const revocationsSuite = (open: () => Promise<Store>): void => {
  test.each(['service', 'sensitive-data'] as const)(
    'without the consent to %s no visit goes on the tab, and the service is closed once nothing is owed',
    async (purpose) => {
      const { world, person, service, answerTo } = await worldOn(await open());
      await world.opens(person, 'before');
      await world.revokes(person, 7, purpose);
      expect([await service(), await world.revocations.closeDue()]).toEqual(['ending', 0]);
      await world.opens(person, 'after');
      expect(await answerTo('after')).toBe('SERVICE_CLOSED');
      await world.adjudicated(person, 'before', 5000);
      expect(await world.revocations.closeDue()).toBe(0);
      await world.settled(person, 'before', 5000);
      expect([await world.revocations.closeDue(), await service()]).toEqual([1, 'closed']);
      expect(await world.revocations.closeDue()).toBe(0);
      await expect(world.enrolments.open(person)).rejects.toThrow('CONSENT_REVOKED');
      await expect(world.enrolments.open(person, 'a-1', 7)).rejects.toThrow('CONSENT_REVOKED');
    },
  );

  test('who agrees again has the service back: before the closing as it was, after it anew', async () => {
    const { world, person, service, answerTo } = await worldOn(await open());
    await world.opens(person, 'before');
    await world.revokes(person, 1, 'service');
    await world.revokes(person, 2);
    expect(await service()).toBe('open');
    await world.revokes(person, 3, 'service');
    expect(await world.enrolments.open(person, 'a-1', 4)).toMatchObject({ created: true });
    // The news of the fourth, and again of the third, come only now.
    await world.revokes(person, 4);
    await world.revokes(person, 3, 'service');
    expect([await service(), await world.revocations.closeDue()]).toEqual(['open', 0]);
    await world.opens(person, 'again');
    expect(await answerTo('again')).toBe('held');
    for (const name of ['before', 'again']) await world.cancelled(person, name);
    await world.revokes(person, 5, 'sensitive-data', 'service');
    expect(await world.revocations.closeDue()).toBe(1);
    expect(await world.enrolments.open(person, 'a-2', 6)).toMatchObject({ created: true });
    expect(await service()).toBe('open');
  });

  test('without the consent to the score no further one is taken in; the line stays', async () => {
    const { world, person, service } = await worldOn(await open());
    const { lineFen } = await world.account(person);
    await world.revokes(person, 1, 'score', 'bank');
    world.clock.advance(1000);
    const scored = { score: 900, scoredAt: world.clock.now(), approvedBy: 'other' };
    await expect(world.scores.put(person, scored)).rejects.toThrow('CONSENT_REVOKED');
    expect([(await world.account(person)).lineFen, await service()]).toEqual([lineFen, 'open']);
    await world.revokes(person, 2, 'bank');
    expect((await world.scores.put(person, scored)).lineFen).toBeGreaterThan(lineFen);
  });

  test('a guardian’s service ends only after the children’s; of a person not heard of it waits', async () => {
    const { world, person, service } = await worldOn(await open());
    const child = await world.registered('child', true);
    await world.guardian(child, person);
    await world.enrolments.open(child);
    await world.revokes(person, 1, 'service');
    expect([await world.revocations.closeDue(), await service()]).toEqual([0, 'ending']);
    await world.revokes(child, 1, 'service');
    // Whichever a pass looks at first, a further one closes the rest.
    expect((await world.revocations.closeDue()) + (await world.revocations.closeDue())).toBe(2);
    expect([await service(), await service(child)]).toEqual(['closed', 'closed']);
    await expect(world.revokes('p-unheard', 1, 'service')).rejects.toMatchObject({
      code: 'PERSON_UNKNOWN',
      kind: 'awaited',
    });
  });

  test('more than a pass looks at are all closed', async () => {
    const { world } = await worldOn(await open());
    const persons = [];
    for (let index = 0; index < 405; index += 1)
      persons.push(await world.enrolled(`many-${index}`));
    for (const person of persons) await world.revokes(person, 1, 'service');
    let closed = 0;
    for (let pass = 0; pass < 4; pass += 1) closed += await world.revocations.closeDue();
    expect(closed).toBe(405);
  });
};
