import type { Store } from '@caretab/store';
import { type ArrearsPolicy, arrearsPolicy } from '../src/arrears/arrears-policy';
import { linePolicies } from '../src/policy/line-policy';
import { CreditFixture, expectEntriesToExplain, visitOf } from './holds.suite';

const DAY_MS = 86_400_000;
const DUE_FEN = 5000;

const worldOn = async (store: Store, policy: ArrearsPolicy = arrearsPolicy) => {
  const world = new CreditFixture(store, 'event', linePolicies, policy);
  const person = await world.enrolled('citizen');
  const owes = async (name: string): Promise<void> => {
    await world.opens(person, name);
    await world.adjudicated(person, name, DUE_FEN);
    await world.misses(person, name, DUE_FEN);
  };
  await world.published();
  /** Day by day, looking often; what was said of arrears, with the day. */
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
  const which = (name: string) => ({ personId: person, visitId: visitOf(name) });
  const reports = async (): Promise<unknown[]> => {
    world.clock.advance(60_000);
    const { rows } = await world.objections.reports(undefined);
    return rows.map(({ kind, reason, consecutive }) => [kind, reason ?? consecutive]);
  };
  return { world, person, owes, passes, which, reports };
};

/** What follows when a due could not be collected, held by both stores. */
export const arrearsSuite = (open: () => Promise<Store>): void => {
  test('reminded, announced, reported; paid, the line is usable and the report taken back', async () => {
    const { world, person, owes, passes, reports } = await worldOn(await open());
    await owes('v1');
    expect((await world.account(person)).frozenReason).toBe('PAYMENT_MISSED');
    await world.published();
    expect(await passes(45)).toEqual([
      '3 ArrearsReminded 1',
      '7 ArrearsReminded 2',
      '15 ArrearsReminded 3',
      '20 DefaultAnnounced',
      '30 DefaultReported',
    ]);
    expect(await reports()).toEqual([['reported', 1]]);
    await world.settled(person, 'v1', DUE_FEN);
    const news = (await world.published()).map(({ type }) => type);
    expect(news).toEqual(['DefaultTakenBack', 'AccountUnfrozen']);
    expect(await reports()).toEqual([
      ['reported', 1],
      ['taken-back', 'PAID'],
    ]);
    expect(await passes(40)).toEqual([]);
    await expectEntriesToExplain(world, person);
  });

  test('paid before, nothing is reported; owed again by a later verdict, it begins anew', async () => {
    const { world, person, owes, passes, reports } = await worldOn(await open());
    await owes('v1');
    await passes(25);
    await world.settled(person, 'v1', DUE_FEN);
    expect(await passes(20)).toEqual(['1 AccountUnfrozen']);
    await world.adjudicated(person, 'v1', 2 * DUE_FEN, 2);
    await world.misses(person, 'v1', DUE_FEN);
    await world.published();
    expect((await passes(20)).at(-1)).toBe('20 DefaultAnnounced');
    expect(await reports()).toEqual([]);
  });

  test('an objection stops the report until it is decided', async () => {
    const { world, owes, passes, which, reports } = await worldOn(await open());
    await owes('v1');
    await passes(21);
    await world.objections.object(which('v1'), 'AMOUNT_WRONG', 'citizen');
    expect(await passes(30)).toEqual([]);
    expect((await world.objections.list('open', undefined)).rows).toHaveLength(1);
    const stands = { outcome: 'stands' as const, why: 'compared', decidedBy: 'clerk' };
    await world.objections.decide(which('v1'), stands);
    expect((await world.published()).map(({ type }) => type)).toContain('ObjectionDecided');
    expect(await passes(1)).toEqual(['1 DefaultReported']);
    expect(await reports()).toEqual([['reported', 1]]);
    await expect(world.objections.object(which('v1'), 'PAID', 'citizen')).rejects.toThrow(
      'OBJECTION_DECIDED',
    );
    await expect(world.objections.decide(which('v1'), stands)).rejects.toThrow(
      'OBJECTION_NOT_OPEN',
    );
  });

  test('an objection that is upheld takes a report back, once; another’s is unknown', async () => {
    const { world, person, owes, passes, which, reports } = await worldOn(await open());
    await owes('v1');
    await passes(31);
    await world.objections.object(which('v1'), 'NOT_MINE', 'citizen');
    const upheld = { outcome: 'upheld' as const, why: 'compared', decidedBy: 'clerk' };
    await world.objections.decide(which('v1'), upheld);
    expect(await passes(40)).toEqual(['1 DefaultTakenBack', '1 ObjectionDecided']);
    await world.settled(person, 'v1', DUE_FEN);
    expect(await reports()).toEqual([
      ['reported', 1],
      ['taken-back', 'OBJECTION_UPHELD'],
    ]);
    const stranger = { ...which('v1'), personId: 'p-stranger' };
    await expect(world.objections.object(stranger, 'PAID', 'citizen')).rejects.toThrow(
      'ARREARS_UNKNOWN',
    );
  });

  test('after a pause one reminder is enough, and the days for an objection are still given', async () => {
    const { world, owes, passes } = await worldOn(await open());
    await owes('v1');
    await world.published();
    world.clock.advance(99 * DAY_MS);
    expect(await passes(12)).toEqual([
      '1 ArrearsReminded 3',
      '1 DefaultAnnounced',
      '11 DefaultReported',
    ]);
  });

  test('defaults in a row are counted from the last visit that was paid in time', async () => {
    const { world, person, owes, passes, reports } = await worldOn(await open());
    const pays = async (name: string): Promise<void> => {
      await world.opens(person, name);
      await world.adjudicated(person, name, DUE_FEN);
      await world.settled(person, name, DUE_FEN);
      world.clock.advance(1000);
    };
    const defaults = async (name: string): Promise<void> => {
      await owes(name);
      await passes(31);
      await world.settled(person, name, DUE_FEN);
      world.clock.advance(1000);
    };
    for (const name of ['d1', 'd2']) await defaults(name);
    await pays('p1');
    for (const name of ['d3', 'd4', 'd5']) await defaults(name);
    const counts = (await reports()).filter((report) => (report as string[])[0] === 'reported');
    expect(counts).toEqual([1, 2, 1, 2, 3].map((count) => ['reported', count]));
  });

  test('a later freeze lets open visits go on where the policy says so', async () => {
    const freeze = { afterDays: 5, stops: 'new-visits' as const, source: 'own' };
    const policy = { ...arrearsPolicy, freeze, report: undefined };
    const { world, person, owes, passes } = await worldOn(await open(), policy);
    await world.opens(person, 'running');
    await owes('v1');
    expect((await world.account(person)).frozenReason).toBeNull();
    await world.published();
    expect(await passes(40)).toEqual([
      '3 ArrearsReminded 1',
      '5 AccountFrozen',
      '7 ArrearsReminded 2',
      '15 ArrearsReminded 3',
    ]);
    await world.opens(person, 'new');
    expect((await world.hold('new'))?.declinedReason).toBe('FROZEN');
    await world.asks(person, 'running', 60_000);
    expect((await world.hold('running'))?.heldFen).toBeGreaterThanOrEqual(60_000);
    await world.settled(person, 'v1', DUE_FEN);
    expect((await world.account(person)).frozenReason).toBeNull();
  });
};
