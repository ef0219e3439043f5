import { DomainError } from '@caretab/kernel';
import { MemoryStore } from '@caretab/store';
import { creditAccounts, creditAuthorizations } from '@caretab/contracts';
import { lineSuite, personOf, visitOf, CreditFixture } from '../../test/holds.suite';

const HOUR_MS = 3_600_000;
let world: CreditFixture;
beforeEach(() => {
  world = new CreditFixture(new MemoryStore());
});

describe('the line', () => lineSuite(async () => new MemoryStore()));

describe('an opening visit', () => {
  test('is granted the first hold of its class', async () => {
    const person = await world.enrolled('a');
    await world.published();
    await world.opens(person, 'v');
    expect(await world.published()).toEqual([
      expect.objectContaining({
        topic: creditAuthorizations.name,
        type: 'CreditAuthorized',
        data: expect.objectContaining({
          visitId: visitOf('v'),
          personId: person,
          accountPersonId: person,
          heldFen: 20_000,
          expiresAt: '2026-03-04T00:00:00.000Z',
        }),
      }),
    ]);
    expect(await world.account(person)).toMatchObject({ heldFen: 20_000, outstandingFen: 0 });
  });

  test('is granted no more than what is left of the line', async () => {
    const person = await world.enrolled('a', 600);
    await world.opens(person, 'stay', 'inpatient');
    expect((await world.last())?.data).toMatchObject({ heldFen: 100_000 });
  });

  test('is declined over a used line, without a service, after closing and while frozen', async () => {
    const person = await world.enrolled('a', 600);
    await world.opens(person, 'stay', 'inpatient');
    await world.opens(person, 'second');
    expect(await world.last()).toMatchObject({
      type: 'CreditDeclined',
      data: { reason: 'OVER_LINE' },
    });
    await world.opens(personOf('stranger'), 'third');
    expect((await world.last())?.data).toMatchObject({ reason: 'NOT_ENROLLED' });
    const closed = await world.enrolled('b');
    await world.closings.close(closed);
    await world.opens(closed, 'fourth');
    expect((await world.last())?.data).toMatchObject({ reason: 'SERVICE_CLOSED' });
    const frozen = await world.enrolled('c');
    await world.accounts.freeze(frozen, 'BLACKLISTED');
    await world.opens(frozen, 'fifth');
    expect((await world.last())?.data).toMatchObject({ reason: 'FROZEN' });
  });

  test('is answered once, however often it is heard', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.published();
    await world.opens(person, 'v');
    expect(await world.published()).toEqual([]);
    expect(await world.account(person)).toMatchObject({ heldFen: 20_000 });
  });
});

describe('a hold', () => {
  test('grows to what is wanted, else to what is left if that is enough, else not at all', async () => {
    const person = await world.enrolled('a', 600);
    await world.opens(person, 'v');
    await world.asks(person, 'v', 25_000, 50_000);
    expect(await world.last()).toMatchObject({ type: 'HoldIncreased', data: { heldFen: 50_000 } });
    await world.asks(person, 'v', 90_000, 130_000);
    expect(await world.last()).toMatchObject({ type: 'HoldIncreased', data: { heldFen: 100_000 } });
    await world.asks(person, 'v', 100_001, 130_000);
    expect(await world.last()).toMatchObject({
      type: 'HoldIncreaseDeclined',
      data: { heldFen: 100_000, reason: 'OVER_LINE' },
    });
    await world.asks(person, 'v', 60_000);
    expect(await world.last()).toMatchObject({ type: 'HoldIncreased', data: { heldFen: 100_000 } });
  });

  test('does not grow while the account is frozen, and stays as it is', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.accounts.freeze(person, 'BLACKLISTED');
    await world.asks(person, 'v', 30_000);
    expect(await world.last()).toMatchObject({
      type: 'HoldIncreaseDeclined',
      data: { heldFen: 20_000, reason: 'FROZEN' },
    });
    await world.asks(person, 'unknown', 30_000);
    expect(await world.last()).toMatchObject({
      type: 'HoldIncreaseDeclined',
      data: { heldFen: 0, reason: 'NO_HOLD' },
    });
    expect(await world.account(person)).toMatchObject({
      heldFen: 20_000,
      frozenReason: 'BLACKLISTED',
    });
  });

  test('becomes the exact due, which a settlement frees', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.adjudicated(person, 'v', 3_456);
    expect(await world.last()).toMatchObject({
      type: 'HoldReleased',
      data: { releasedFen: 20_000, becameDueFen: 3_456, overLineFen: 0 },
    });
    expect(await world.account(person)).toMatchObject({ heldFen: 0, outstandingFen: 3_456 });
    await world.settled(person, 'v', 3_456);
    expect(await world.account(person)).toMatchObject({ heldFen: 0, outstandingFen: 0 });
  });

  test('may end in a due above the line: owed, recorded as over the line, and blocking further holds', async () => {
    const person = await world.enrolled('a', 400);
    await world.opens(person, 'v');
    await world.adjudicated(person, 'v', 60_000);
    expect((await world.last())?.data).toMatchObject({ becameDueFen: 60_000, overLineFen: 10_000 });
    await world.opens(person, 'w');
    expect((await world.last())?.data).toMatchObject({ reason: 'OVER_LINE' });
    expect(await world.accounts.summary()).toMatchObject({
      outstandingFen: 60_000,
      overLineFen: 10_000,
    });
  });

  test('is released when the visit is cancelled, once', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.cancelled(person, 'v');
    expect(await world.last()).toMatchObject({
      type: 'HoldReleased',
      data: { releasedFen: 20_000, becameDueFen: 0, overLineFen: 0 },
    });
    await world.cancelled(person, 'v');
    expect(await world.published()).toEqual([]);
    expect(await world.account(person)).toMatchObject({ heldFen: 0 });
  });

  test('is not cancelled once it is due', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.adjudicated(person, 'v', 100);
    await expect(world.cancelled(person, 'v')).rejects.toThrow('HOLD_ALREADY_DUE');
  });

  test('past its time is said to be expired once, and stays until the visit ends', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.published();
    world.clock.advance(48 * HOUR_MS - 1);
    expect(await world.expiry.runOnce()).toBe(0);
    world.clock.advance(1);
    expect(await world.expiry.runOnce()).toBe(1);
    expect(await world.published()).toMatchObject([
      { type: 'HoldExpired', data: { visitId: visitOf('v'), heldFen: 20_000 } },
    ]);
    expect(await world.expiry.runOnce()).toBe(0);
    expect(await world.account(person)).toMatchObject({ heldFen: 20_000 });
    await world.cancelled(person, 'v');
    expect(await world.account(person)).toMatchObject({ heldFen: 0 });
  });

  test('lives on after any fact of its visit, and is written once in half of its life', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    const expiresAt = async (): Promise<string | undefined> =>
      (await world.hold('v'))?.expiresAt?.toISOString();
    world.clock.advance(20 * HOUR_MS);
    await world.handleBatch([world.deferred(person, 'v')]);
    expect(await expiresAt()).toBe('2026-03-04T00:00:00.000Z');
    world.clock.advance(27 * HOUR_MS);
    await world.handleBatch([world.deferred(person, 'v'), world.deferred(person, 'v')]);
    expect(await expiresAt()).toBe('2026-03-05T23:00:00.000Z');
    world.clock.advance(47 * HOUR_MS);
    expect(await world.expiry.runOnce()).toBe(0);
  });

  test('of a visit that is set aside does not age; it lives as long as a new one when it goes on', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.setsAside(person, 'v');
    world.clock.advance(100 * HOUR_MS);
    expect(await world.expiry.runOnce()).toBe(0);
    expect(await world.account(person)).toMatchObject({ heldFen: 20_000 });
    await world.resumes(person, 'v');
    world.clock.advance(47 * HOUR_MS);
    expect(await world.expiry.runOnce()).toBe(0);
    world.clock.advance(2 * HOUR_MS);
    expect(await world.expiry.runOnce()).toBe(1);
  });

  test('of a stay never expires: the hospital is asked, and asked again', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'stay', 'inpatient');
    await world.published();
    world.clock.advance(1440 * HOUR_MS);
    expect(await world.expiry.runOnce()).toBe(1);
    expect(await world.expiry.runOnce()).toBe(0);
    world.clock.advance(168 * HOUR_MS);
    expect(await world.expiry.runOnce()).toBe(1);
    const asked = await world.published();
    expect(asked.map(({ type }) => type)).toEqual(['HoldOverdue', 'HoldOverdue']);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(2);
    expect(await world.hold('stay')).toMatchObject({ status: 'held', expiredAt: null });
  });

  test('lives on after a sign of life', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    world.clock.advance(47 * HOUR_MS);
    await world.asks(person, 'v', 30_000);
    world.clock.advance(2 * HOUR_MS);
    expect(await world.expiry.runOnce()).toBe(0);
  });
});

describe('a verdict', () => {
  test('that comes again with the same due changes nothing, with another due is a conflict', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.adjudicated(person, 'v', 3_000);
    await world.published();
    await world.adjudicated(person, 'v', 3_000);
    expect(await world.published()).toEqual([]);
    await expect(world.adjudicated(person, 'v', 3_001)).rejects.toEqual(expect.any(DomainError));
    expect(await world.account(person)).toMatchObject({ outstandingFen: 3_000 });
  });

  test('revised before payment replaces the due', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.adjudicated(person, 'v', 3_000);
    await world.adjudicated(person, 'v', 1_000, 2);
    expect(await world.last()).toMatchObject({ data: { releasedFen: 0, becameDueFen: 1_000 } });
    expect(await world.account(person)).toMatchObject({ outstandingFen: 1_000 });
    await world.adjudicated(person, 'v', 3_000, 1); // Late: an older verdict.
    expect(await world.account(person)).toMatchObject({ outstandingFen: 1_000 });
  });

  test('revised after payment owes only what was not paid', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.adjudicated(person, 'v', 3_000);
    await world.settled(person, 'v', 3_000);
    await world.adjudicated(person, 'v', 1_000, 2);
    expect(await world.account(person)).toMatchObject({ outstandingFen: 0 });
    await world.settled(person, 'v', 3_000, 2, 2_000);
    await world.adjudicated(person, 'v', 1_500, 3);
    expect(await world.account(person)).toMatchObject({ outstandingFen: 500 });
  });

  test('on a visit that was declined takes nothing when nothing is due, and is owed when something is', async () => {
    const person = await world.enrolled('a', 400);
    await world.opens(person, 'full', 'inpatient');
    await world.opens(person, 'v');
    await world.published();
    await world.adjudicated(person, 'v', 0);
    expect(await world.published()).toEqual([]);
    await world.adjudicated(person, 'v', 700, 2);
    expect(await world.account(person)).toMatchObject({ heldFen: 50_000, outstandingFen: 700 });
    await expect(world.adjudicated(personOf('stranger'), 'w', 5)).rejects.toThrow(
      'ACCOUNT_UNKNOWN',
    );
  });
});

describe('a payment that was missed', () => {
  test('freezes the account until the visit is settled', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.adjudicated(person, 'v', 3_000);
    await world.misses(person, 'v', 3_000);
    expect(await world.last()).toMatchObject({
      topic: creditAccounts.name,
      type: 'AccountFrozen',
      data: { reason: 'PAYMENT_MISSED' },
    });
    expect(await world.account(person)).toMatchObject({ outstandingFen: 3_000 });
    await world.settled(person, 'v', 3_000);
    expect(await world.last()).toMatchObject({ type: 'AccountUnfrozen' });
    await world.opens(person, 'w');
    expect(await world.last()).toMatchObject({ type: 'CreditAuthorized' });
  });

  test('freezes by the same event in a database that was restored from a copy', async () => {
    const frozen = async (credit: CreditFixture, entriesMore: boolean) => {
      const person = await credit.enrolled('a');
      await credit.opens(person, 'v');
      if (entriesMore) await credit.accounts.freeze(person, 'BLACKLISTED');
      if (entriesMore) await credit.accounts.unfreeze(person);
      await credit.adjudicated(person, 'v', 3_000);
      await credit.misses(person, 'v', 3_000);
      const { id, type, data } = (await credit.last())!;
      return { id, type, data };
    };
    const first = await frozen(world, false);
    expect(first.type).toBe('AccountFrozen');
    expect(await frozen(new CreditFixture(new MemoryStore()), true)).toEqual(first);
  });

  test('of which a part was paid takes only the rest of the line', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.adjudicated(person, 'v', 3_000);
    await world.misses(person, 'v', 1_000);
    expect(await world.account(person)).toMatchObject({ outstandingFen: 1_000 });
    await world.settled(person, 'v', 3_000);
    expect(await world.account(person)).toMatchObject({ outstandingFen: 0, frozenReason: null });
  });

  test('does not lift a freeze of the operator', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await world.adjudicated(person, 'v', 3_000);
    await world.accounts.freeze(person, 'BLACKLISTED');
    await world.misses(person, 'v', 3_000);
    await world.settled(person, 'v', 3_000);
    expect(await world.account(person)).toMatchObject({ frozenReason: 'BLACKLISTED' });
  });

  test('keeps the account frozen while another is missed', async () => {
    const person = await world.enrolled('a');
    for (const name of ['v', 'w']) {
      await world.opens(person, name);
      await world.adjudicated(person, name, 3_000);
      await world.misses(person, name, 3_000);
    }
    await world.settled(person, 'v', 3_000);
    expect(await world.account(person)).toMatchObject({ frozenReason: 'PAYMENT_MISSED' });
    await world.settled(person, 'w', 3_000);
    expect(await world.account(person)).toMatchObject({ frozenReason: null });
  });
});
