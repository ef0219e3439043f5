import fc from 'fast-check';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { enrolmentTable, subjectTable } from '../src/enrolment/enrolment.table';
import { CreditFixture, personOf, visitOf } from './holds.suite';
import { holdTable } from '../src/hold/hold.table';

/** After so many turns of the event loop a deed begins; two with the same number overlap. */
const turns = fc.integer({ min: 0, max: 40 });

/** What of a person's service is on its way to credit while the person is being erased. */
const course = fc.record({
  isEnrolledBefore: fc.boolean(),
  isChild: fc.boolean(),
  closing: turns,
  registration: turns,
  guardian: turns,
  openings: fc.array(turns, { minLength: 1, maxLength: 4 }),
  visits: fc.array(turns, { minLength: 1, maxLength: 3 }),
});

const after = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
};

/** Refusals that the person reads; anything else fails the test. */
const orRefused = async (work: Promise<unknown>): Promise<void> => {
  await work.catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error;
  });
};

const standing = (store: Store, personId: string) =>
  store.transact(async (transaction) => ({
    held: await transaction.rows(holdTable).count({ personId, status: 'held' }),
    open: await transaction.rows(enrolmentTable).count({ personId, status: 'open' }),
    subjects: await transaction.rows(subjectTable).count({ personId, erased: false }),
  }));

/** An erasure against what arrives at the same moment, held by both stores. */
export const closingSuite = (open: () => Promise<Store>, numRuns: number): void => {
  test('who is closed for an erasure has no hold, in whatever order messages and requests come', async () => {
    const store = await open();
    const world = new CreditFixture(store);
    const guardian = await world.enrolled('guardian');
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(course, async (given) => {
        const name = `erased-${++runs}`;
        const person = personOf(name);
        await world.scores.put(person, { score: 600, scoredAt: world.clock.now() });
        const register = async (): Promise<void> => {
          await world.registered(name, given.isChild);
        };
        const appoint = (): Promise<void> =>
          given.isChild ? world.guardian(person, guardian) : Promise.resolve();
        if (given.isEnrolledBefore) {
          await register();
          await appoint();
          await world.enrolments.open(person);
        }
        let closed = false;
        await Promise.all([
          after(given.closing).then(async () => {
            ({ closed } = await world.closings.closeForErasure(person, true));
          }),
          after(given.registration).then(register),
          after(given.guardian).then(appoint),
          ...given.openings.map((count) =>
            after(count).then(() => orRefused(world.enrolments.open(person))),
          ),
          ...given.visits.map((count, index) =>
            after(count).then(() => world.opens(person, `${name}-${index}`)),
          ),
        ]);
        if (!closed) return expect((await standing(store, person)).held).toBeGreaterThan(0);
        await orRefused(world.enrolments.open(person));
        await world.opens(person, `${name}-later`);
        expect(await standing(store, person)).toMatchObject({ held: 0, open: 0 });
        await world.forgets(person);
        expect(await standing(store, person)).toEqual({ held: 0, open: 0, subjects: 0 });
      }),
      { numRuns, seed: 14 },
    );
  });

  test('what became owed after the closing takes it back: the service can be opened again', async () => {
    const world = new CreditFixture(await open());
    const person = await world.enrolled('late');
    await world.opens(person, 'v');
    await world.adjudicated(person, 'v', 100);
    await world.settled(person, 'v', 100);
    const free = { holds: 0, debts: 0, wards: 0, closed: true };
    // Its answer is lost.
    expect(await world.closings.closeForErasure(person, true)).toEqual(free);
    await world.adjudicated(person, 'v', 300, 2);
    expect(await world.closings.closeForErasure(person, false)).toMatchObject({ debts: 1 });
    await expect(world.enrolments.open(person)).rejects.toThrow('PERSON_UNKNOWN');
    expect(await world.closings.closeForErasure(person, true)).toMatchObject({
      debts: 1,
      closed: false,
    });
    expect(await world.enrolments.open(person)).toMatchObject({ created: true });
  });

  test('who registers again once forgotten opens the service again', async () => {
    const world = new CreditFixture(await open());
    const person = await world.enrolled('again');
    await world.closings.closeForErasure(person, true);
    await world.forgets(person);
    // A call of identity that it had given up for lost.
    await world.closings.closeForErasure(person, true);
    await expect(world.enrolments.open(person)).rejects.toThrow('PERSON_UNKNOWN');
    await world.registered('again');
    expect(await world.enrolments.open(person)).toMatchObject({ created: true });
    await world.opens(person, 'again');
    expect(await world.hold('again')).toMatchObject({ status: 'held', visitId: visitOf('again') });
  });
};
