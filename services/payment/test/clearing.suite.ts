import { paymentClearing } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { differenceTable } from '@caretab/host';
import type { Store, Transaction } from '@caretab/store';
import fc from 'fast-check';
import { clearingLineTable } from '../src/clearing/clearing.table';
import { net, type PartyAmount, positionOf } from '../src/clearing/netting';
import { positionsOf } from '../src/clearing/positions';
import { collectionTable } from '../src/collection/collection.table';
import { unfinishedClearingSeconds } from '../src/metrics';
import { bookedDays, booksOf } from './booked-rows';
import { PERSON, till } from './till';

const DAY = '2026-03-02';
const NEXT_DAY = '2026-03-03';
const VISITS = ['H1-1', 'H1-2', 'H1-3', 'H1-4', 'H1-5', 'H1-6', 'H1-7'];
const UNFINISHED = { code: 'CLEARING_UNFINISHED', kind: 'conflict' };
class Died extends Error {}

/** A day that is over: seven visits of one day, of which the last is not paid. */
const dayOf = async (store: Store, pageVisits = 2) => {
  const world = till({ store, pageVisits });
  await world.accounts.bind(PERSON, { channel: 'unionpay', token: 'a:ok' });
  for (const visitId of VISITS.slice(0, -1)) await world.adjudicate({ visitId });
  await world.workThrough(2);
  const another = { channel: 'unionpay', token: 'a:declined', approvedBy: 'op-2' };
  await world.accounts.bind(PERSON, another);
  await world.adjudicate({ visitId: VISITS.at(-1)! });
  await world.workThrough();
  world.clock.set('2026-03-03T09:00:00+08:00');
  return world;
};

type World = Awaited<ReturnType<typeof dayOf>>;

/** All that clearings left behind. */
const left = async ({ store }: World) => ({
  lines: await store.transact(async (transaction) => {
    const { rows } = await transaction
      .rows(clearingLineTable)
      .page({}, { orderBy: 'visitId', countMax: 1000 });
    return rows;
  }),
  said: (await store.unpublished(10_000)).filter(({ topic }) => topic === paymentClearing.name),
});

/** Another process on the same rows, before each of whose transactions `before` is called. */
const processOf = (
  world: World,
  before: (nth: number, transaction?: Transaction) => Promise<void>,
): World['clearings'] => {
  let nth = 0;
  const store: Store = Object.assign(Object.create(world.store) as Store, {
    transact: async <Result>(work: (transaction: Transaction) => Promise<Result>) => {
      await before((nth += 1));
      return world.store.transact(async (transaction) => {
        const result = await work(transaction);
        await before(nth, transaction);
        return result;
      });
    },
  });
  return till({ store, clock: world.clock, pageVisits: 2 }).clearings;
};

const stoppedAfter = async (world: World, transactions: number): Promise<void> => {
  const clearings = processOf(world, async (nth) => {
    if (nth > transactions) throw new Died();
  });
  await expect(clearings.clear(DAY)).rejects.toThrow(Died);
};

type Amounts = Readonly<Record<string, readonly PartyAmount[]>>;

/** What the books say of visits and what clearings took of them, by visit; what is nothing is left out. */
const standing = (
  store: Store,
  visitIds: readonly string[],
): Promise<{ readonly booked: Amounts; readonly cleared: Amounts }> =>
  store.transact(async (transaction) => {
    const visits = await transaction.rows(collectionTable).find({ visitId: { in: visitIds } });
    const positions = await positionsOf(transaction, visits);
    const by = (amountsOf: (one: (typeof positions)[number]) => readonly PartyAmount[]): Amounts =>
      Object.fromEntries(
        positions
          .map((one) => [one.visitId, amountsOf(one)] as const)
          .filter(([, amounts]) => amounts.length > 0),
      );
    return {
      booked: by(({ visit }) => positionOf(visit)),
      cleared: by(({ cleared }) => net(cleared)),
    };
  });

/** Transactions of a clearing before its first page: whether the day is cleared, and its beginning. */
const BEFORE_PAGES = 2;
const PAGES = 4;
/** Of the property below: each has a month of its own. */
const RUNS = 12;
const monthOf = (run: number): string => String(run).padStart(2, '0');

/** A day that is cleared in pages, held by both stores. */
export const clearingSuite = (open: () => Promise<Store>): void => {
  test('in pages a day comes to what it comes to in one, and a second call gives the first answer', async () => {
    const [paged, whole] = [await dayOf(await open()), await dayOf(await open(), 500)];
    const first = await paged.clearings.clear(DAY);
    expect(first).toMatchObject({ visits: 7, payout: 'open', balanceFen: 0 });
    expect(first).toEqual(await whole.clearings.clear(DAY));
    expect(await left(paged)).toMatchObject({ lines: (await left(whole)).lines });
    paged.clock.advance(60_000);
    expect(await paged.clearings.clear(DAY)).toEqual(first);
    expect((await left(paged)).said).toHaveLength(1);
  });

  test.each(Array.from({ length: PAGES }, (_, page) => page))(
    'a process that dies after %i pages leaves nothing said; another one goes on from there',
    async (pages) => {
      const world = await dayOf(await open());
      await stoppedAfter(world, BEFORE_PAGES + pages);
      await expect(world.clearings.get(DAY)).rejects.toMatchObject(UNFINISHED);
      await expect(world.payouts.of(DAY)).rejects.toMatchObject(UNFINISHED);
      const half = await left(world);
      expect(new Set(half.lines.map(({ visitId }) => visitId)).size).toBe(2 * pages);
      expect(half.said).toEqual([]);
      world.clock.advance(60_000);
      const cleared = await world.clearings.clear(DAY);
      expect(cleared).toMatchObject({ visits: 7, balanceFen: 0, clearedAt: world.clock.now() });
      const { lines, said } = await left(world);
      expect(lines.slice(0, half.lines.length)).toEqual(half.lines);
      expect(new Set(lines.map(({ visitId }) => visitId)).size).toBe(7);
      expect(said).toHaveLength(1);
      expect((await world.payments.summary()).trialBalance.differenceFen).toBe(0);
    },
  );

  test('a job of any process ends a clearing that stopped; health and a gauge show it until then', async () => {
    const world = await dayOf(await open());
    const { clearingWatch: watch, store, clock } = world;
    expect(await unfinishedClearingSeconds(store, clock)).toBe(0);
    await stoppedAfter(world, BEFORE_PAGES + 1);
    clock.advance(120_000);
    expect(await unfinishedClearingSeconds(store, clock)).toBe(120);
    expect([await watch.runOnce(), watch.degradations()]).toEqual([0, []]);
    for (let page = 1; page < PAGES; page += 1) {
      expect(await watch.runOnce()).toBe(1);
      if (page < PAGES - 1)
        expect(watch.degradations()).toMatchObject([{ what: `clearing of ${DAY}` }]);
    }
    expect([await watch.runOnce(), watch.degradations()]).toEqual([0, []]);
    expect(await unfinishedClearingSeconds(store, clock)).toBe(0);
    expect(await world.clearings.get(DAY)).toMatchObject({ visits: 7, balanceFen: 0 });
    expect((await left(world)).said).toHaveLength(1);
  });

  test('a clearing that moves is left to its caller', async () => {
    const world = await dayOf(await open());
    await stoppedAfter(world, BEFORE_PAGES + 1);
    expect(await world.clearingWatch.runOnce()).toBe(0);
    await world.clearings.takePage();
    expect(await world.clearingWatch.runOnce()).toBe(0);
    expect(world.clearingWatch.degradations()).toEqual([]);
  });

  test('a page whose process dies before it is committed is taken once', async () => {
    const world = await dayOf(await open());
    const dying = processOf(world, async (nth, transaction) => {
      if (transaction && nth === BEFORE_PAGES + 2) throw new Died();
    });
    await expect(dying.clear(DAY)).rejects.toThrow(Died);
    expect(new Set((await left(world)).lines.map(({ visitId }) => visitId)).size).toBe(2);
    expect(await world.clearings.clear(DAY)).toMatchObject({ visits: 7, balanceFen: 0 });
  });

  test('two processes at once clear no visit twice and give one answer, also for two days', async () => {
    const world = await dayOf(await open());
    world.clock.set('2026-03-04T09:00:00+08:00');
    const days = [DAY, NEXT_DAY, DAY, NEXT_DAY];
    const answers = await Promise.all(
      days.map((day) => processOf(world, async () => undefined).clear(day)),
    );
    expect(answers.slice(2)).toEqual(answers.slice(0, 2));
    expect(answers[0]!.visits + answers[1]!.visits).toBe(7);
    const { lines, said } = await left(world);
    expect(lines).toHaveLength(6 * 3 + 3);
    expect(said).toHaveLength(2);
  });

  test('a later day ends the clearing of an earlier one that stopped, and so does an earlier day', async () => {
    for (const other of [NEXT_DAY, '2026-03-01']) {
      const world = await dayOf(await open());
      await stoppedAfter(world, BEFORE_PAGES + 1);
      world.clock.set('2026-03-04T09:00:00+08:00');
      expect(await world.clearings.clear(other)).toMatchObject({ visits: 0, payout: 'done' });
      expect(await world.clearings.get(DAY)).toMatchObject({ visits: 7, balanceFen: 0 });
    }
  });

  test('what moves between two pages is booked on its own day, whether its visit was reached or not', async () => {
    const moving = async (world: World): Promise<void> => {
      for (const visitId of ['H1-1', 'H1-6'])
        await world.adjudicate({ visitId, revision: 2, patientDueFen: 20_000 });
      await world.collections.payNow('H1-7', { channel: 'alipay', token: 'b:ok' });
      await world.workThrough();
    };
    const [between, after] = [await dayOf(await open()), await dayOf(await open())];
    await stoppedAfter(between, BEFORE_PAGES + 1);
    await moving(between);
    const cleared = await between.clearings.clear(DAY);
    const { parties } = await after.clearings.clear(DAY);
    await moving(after);
    expect(cleared.parties).toEqual(parties);
    for (const { clock } of [between, after]) clock.set('2026-03-04T09:00:00+08:00');
    const next = await between.clearings.clear(NEXT_DAY);
    expect(next.visits).toBe(3);
    expect(next).toEqual(await after.clearings.clear(NEXT_DAY));
  });

  test('a visit that is held while its page is taken is left for the next clearing', async () => {
    const world = await dayOf(await open());
    await stoppedAfter(world, BEFORE_PAGES + 1);
    const held = {
      ...{ neighbour: 'visit-ledger', visitId: 'H1-3', day: DAY, ours: null, theirs: null },
      ...{ isHeld: true, firstSeenAt: world.clock.now(), lastSeenAt: world.clock.now() },
    };
    await world.store.transact((transaction) => transaction.rows(differenceTable).insert(held));
    expect(await world.clearings.clear(DAY)).toMatchObject({ visits: 6 });
    await world.store.transact((transaction) => transaction.rows(differenceTable).delete({}));
    world.clock.set('2026-03-04T09:00:00+08:00');
    expect(await world.clearings.clear(NEXT_DAY)).toMatchObject({ visits: 1, balanceFen: 0 });
  });

  test('whatever was booked, clearings took what the books came to through each day', async () => {
    const store = await open();
    const clock = fixedClock('2027-01-01T09:00:00+08:00');
    const { clearings } = till({ store, clock, pageVisits: 2 });
    const book = booksOf(store);
    let run = 0;
    const property = fc.asyncProperty(bookedDays(3), async (days) => {
      run += 1;
      const dates = days.map((_, day) => `2026-${monthOf(run)}-0${day + 1}`);
      const named = days.map((visits) =>
        visits.map((one) => ({ ...one, visitId: `${one.visitId}-${run}` })),
      );
      const visitIds = [...new Set(named.flat().map(({ visitId }) => visitId))];
      const booked: Amounts[] = [];
      for (const [index, date] of dates.entries()) {
        await book(date, named[index]!);
        booked.push((await standing(store, visitIds)).booked);
      }
      for (const [index, date] of dates.entries()) {
        expect((await clearings.clear(date)).balanceFen).toBe(0);
        expect((await standing(store, visitIds)).cleared).toEqual(booked[index]);
      }
      const left = await store.transact((transaction) =>
        transaction.rows(collectionTable).count({ unclearedSince: { gt: '2000-01-01' } }),
      );
      expect(left).toBe(0);
    });
    await fc.assert(property, { numRuns: RUNS, seed: 20260302, endOnFailure: true });
  });
};
