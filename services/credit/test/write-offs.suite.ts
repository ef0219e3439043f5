import type { Store } from '@caretab/store';
import { CreditFixture, expectEntriesToExplain } from './holds.suite';

const DAY_MS = 86_400_000;
const DUE_FEN = 5000;

/** A person whose due of 50 CNY is in arrears. */
const owing = async (store: Store) => {
  const world = new CreditFixture(store);
  const person = await world.enrolled('citizen');
  await world.opens(person, 'v1');
  await world.adjudicated(person, 'v1', DUE_FEN);
  await world.misses(person, 'v1', DUE_FEN);
  await world.published();
  const passes = async (days: number): Promise<string[]> => {
    for (let day = 1; day <= days; day += 1) {
      world.clock.advance(DAY_MS);
      for (let look = 0; look < 2; look += 1) await world.arrears.runOnce();
    }
    return (await world.published()).map(({ type }) => type);
  };
  return { world, person, passes };
};

/** What a write-off means for a line, held by both stores. */
export const writeOffsSuite = (open: () => Promise<Store>): void => {
  test('what is written off takes nothing of the line, which stays frozen until it is paid', async () => {
    const { world, person } = await owing(await open());
    await world.writtenOff(person, 'v1', DUE_FEN);
    expect(await world.account(person)).toMatchObject({
      ...{ outstandingFen: 0, frozenReason: 'PAYMENT_MISSED' },
    });
    expect((await world.entries(person)).at(-1)).toMatchObject({
      ...{ kind: 'WrittenOff', outstandingFen: -DUE_FEN, note: 'UNTRACEABLE' },
    });
    await world.opens(person, 'v2');
    expect((await world.hold('v2'))?.declinedReason).toBe('FROZEN');
    await world.settled(person, 'v1', DUE_FEN);
    expect(await world.account(person)).toMatchObject({ outstandingFen: 0, frozenReason: null });
    expect(await world.hold('v1')).toMatchObject({ status: 'settled', writtenOffFen: 0 });
    await expectEntriesToExplain(world, person);
  });

  test('no reminder follows; what is reported goes its way, and is taken back once it is paid', async () => {
    const { world, person, passes } = await owing(await open());
    expect(await passes(4)).toEqual(['ArrearsReminded']);
    await world.writtenOff(person, 'v1', DUE_FEN);
    expect(await passes(40)).toEqual(['DefaultAnnounced', 'DefaultReported']);
    await world.settled(person, 'v1', DUE_FEN);
    const news = (await world.published()).map(({ type }) => type);
    expect(news).toEqual(['DefaultTakenBack', 'AccountUnfrozen']);
  });

  test('the same again, a part that is paid, and news of before change no sum', async () => {
    const { world, person } = await owing(await open());
    for (let times = 0; times < 2; times += 1) await world.writtenOff(person, 'v1', DUE_FEN);
    await world.recovered(person, 'v1', 2000, 3000);
    expect(await world.hold('v1')).toMatchObject({ paidFen: 2000, writtenOffFen: 3000 });
    await world.misses(person, 'v1', 3000);
    expect(await world.account(person)).toMatchObject({ outstandingFen: 0 });
    await world.adjudicated(person, 'v1', 6000, 2);
    expect(await world.hold('v1')).toMatchObject({ outstandingFen: 1000, writtenOffFen: 3000 });
    await world.adjudicated(person, 'v1', 2500, 3);
    expect(await world.hold('v1')).toMatchObject({ outstandingFen: 0, writtenOffFen: 500 });
    await world.settled(person, 'v1', 2500, 3);
    await world.writtenOff(person, 'v1', DUE_FEN);
    expect(await world.hold('v1')).toMatchObject({ status: 'settled', writtenOffFen: 0 });
    await expectEntriesToExplain(world, person);
  });

  test('what is written off is owed: the service is not closed, nor the person erased, until it is paid', async () => {
    const { world, person } = await owing(await open());
    await world.writtenOff(person, 'v1', DUE_FEN);
    await expect(world.closings.close(person)).rejects.toMatchObject({
      ...{ code: 'SERVICE_IN_USE', details: { outstandingFen: 0, writtenOffFen: DUE_FEN } },
    });
    expect(await world.closings.closeForErasure(person, true)).toMatchObject({
      ...{ debts: 1, closed: false },
    });
    await world.revokes(person, 1, 'service');
    expect(await world.revocations.closeDue()).toBe(0);
    await world.settled(person, 'v1', DUE_FEN);
    expect(await world.revocations.closeDue()).toBe(1);
    expect(await world.closings.closeForErasure(person, true)).toMatchObject({ closed: true });
  });

  test('before its verdict is known the message waits', async () => {
    const world = new CreditFixture(await open());
    const person = await world.enrolled('citizen');
    await expect(world.writtenOff(person, 'v1', 1)).rejects.toMatchObject({
      ...{ code: 'DUE_UNKNOWN', kind: 'awaited' },
    });
  });
};
