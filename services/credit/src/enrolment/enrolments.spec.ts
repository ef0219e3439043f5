import { creditAccounts } from '@caretab/contracts';
import { MemoryStore } from '@caretab/store';
import { TestTimers } from '@caretab/doubles';
import { accountTable } from '../account/account.table';
import { personOf, CreditFixture } from '../../test/holds.suite';
import { openWhenKnown } from './enrolment-wait';

let world: CreditFixture;
beforeEach(() => {
  world = new CreditFixture(new MemoryStore());
});
const scoredAt = new Date('2026-03-01T00:00:00Z');

describe('an adult', () => {
  test('opens the service on a line by score, once', async () => {
    const person = await world.registered('a');
    await world.scores.put(person, { score: 700, scoredAt });
    expect(await world.enrolments.open(person)).toEqual({
      personId: person,
      accountPersonId: person,
      lineFen: 500_000,
      created: true,
    });
    expect(await world.published()).toMatchObject([
      {
        topic: creditAccounts.name,
        type: 'ServiceOpened',
        data: { personId: person, lineFen: 500_000 },
      },
    ]);
    expect(await world.enrolments.open(person)).toEqual({
      personId: person,
      accountPersonId: person,
      lineFen: 500_000,
      created: false,
    });
    expect(await world.published()).toEqual([]);
  });

  test('needs to be registered and to have a score', async () => {
    await expect(world.enrolments.open(personOf('a'))).rejects.toThrow('PERSON_UNKNOWN');
    await expect(world.enrolments.open(await world.registered('a'))).rejects.toThrow(
      'SCORE_UNKNOWN',
    );
  });

  test('closes only when nothing is held or owed, and may open again', async () => {
    const person = await world.enrolled('a');
    await world.opens(person, 'v');
    await expect(world.closings.close(person)).rejects.toThrow('SERVICE_IN_USE');
    await world.adjudicated(person, 'v', 100);
    await expect(world.closings.close(person)).rejects.toThrow('SERVICE_IN_USE');
    await world.settled(person, 'v', 100);
    await world.closings.close(person);
    await world.closings.close(person);
    expect((await world.published()).filter(({ type }) => type === 'ServiceClosed')).toHaveLength(
      1,
    );
    world.clock.advance(1000);
    expect(await world.enrolments.open(person)).toMatchObject({ created: true });
    await expect(world.closings.close(personOf('stranger'))).rejects.toThrow('NOT_ENROLLED');
  });
});

describe('a score', () => {
  test('is changed only where another person approved it', async () => {
    const person = await world.registered('a');
    await world.scores.put(person, { score: 400, scoredAt });
    const later = new Date('2026-03-02T00:00:00Z');
    const raised = { score: 1000, scoredAt: later };
    await expect(world.scores.put(person, raised)).rejects.toThrow('APPROVAL_NEEDED');
    expect((await world.enrolments.open(person)).lineFen).toBeLessThan(2_000_000);
    expect(await world.scores.put(person, { score: 400, scoredAt: later })).toMatchObject({
      score: 400,
    });
  });

  test(
    'moves the line of an open account; the same score again changes nothing, ' +
      'another of the same moment is a conflict',
    async () => {
      const person = await world.registered('a');
      await world.scores.put(person, { score: 400, scoredAt });
      await world.enrolments.open(person);
      const later = new Date('2026-03-02T00:00:00Z');
      expect(
        await world.scores.put(person, { score: 760, scoredAt: later, approvedBy: 'op-2' }),
      ).toEqual({
        score: 760,
        lineFen: 2_000_000,
      });
      const entries = (await world.entries(person)).length;
      expect(
        await world.scores.put(person, { score: 760, scoredAt: later, approvedBy: 'op-2' }),
      ).toEqual({
        score: 760,
        lineFen: 2_000_000,
      });
      expect(await world.entries(person)).toHaveLength(entries);
      await expect(
        world.scores.put(person, { score: 761, scoredAt: later, approvedBy: 'op-2' }),
      ).rejects.toThrow('SCORE_CONFLICT');
      await expect(world.scores.put(person, { score: 400, scoredAt })).rejects.toThrow(
        'SCORE_OUTDATED',
      );
      expect(await world.account(person)).toMatchObject({ score: 760, lineFen: 2_000_000 });
    },
  );
});

test('an adult gets no guardian, and stays on a line of their own', async () => {
  const guardian = await world.enrolled('guardian');
  const adult = await world.enrolled('adult');
  await expect(world.guardian(adult, guardian)).rejects.toThrow('WARD_NOT_MINOR');
  await expect(world.guardian(guardian, guardian)).rejects.toThrow('GUARDIAN_IS_SELF');
  await world.opens(adult, 'v');
  expect((await world.last())?.data).toMatchObject({ accountPersonId: adult });
});

describe('a child', () => {
  test("is enrolled on the guardian's line, and its hold counts there", async () => {
    const guardian = await world.enrolled('guardian');
    const child = await world.registered('child', true);
    await expect(world.enrolments.open(child)).rejects.toThrow('GUARDIAN_NEEDED');
    await world.guardian(child, guardian);
    expect(await world.enrolments.open(child)).toMatchObject({
      accountPersonId: guardian,
      lineFen: 100_000,
    });
    await world.published();
    await world.opens(child, 'v');
    expect((await world.last())?.data).toMatchObject({
      personId: child,
      accountPersonId: guardian,
      heldFen: 20_000,
    });
    expect(await world.account(guardian)).toMatchObject({ heldFen: 20_000 });
    await expect(world.closings.close(guardian)).rejects.toThrow('SERVICE_IN_USE');
    await expect(world.closings.close(child)).rejects.toThrow('SERVICE_IN_USE');
  });

  test('is not enrolled while the guardian is not', async () => {
    const guardian = await world.registered('guardian');
    const child = await world.registered('child', true);
    await world.guardian(child, guardian);
    await expect(world.enrolments.open(child)).rejects.toThrow('GUARDIAN_NOT_ENROLLED');
  });

  test(
    "moves to a new guardian's line, or out of the service when there is none; " +
      'holds stay where they are',
    async () => {
      const [first, second] = [await world.enrolled('first'), await world.enrolled('second')];
      const child = await world.registered('child', true);
      await world.guardian(child, first);
      await world.enrolments.open(child);
      await world.opens(child, 'v');
      await world.published();
      await world.guardian(child, second);
      expect(await world.published()).toMatchObject([
        { type: 'ServiceOpened', data: { personId: child, accountPersonId: second } },
      ]);
      expect(await world.account(first)).toMatchObject({ heldFen: 20_000 });
      await world.guardian(child, personOf('third'));
      expect(await world.published()).toMatchObject([
        { type: 'ServiceClosed', data: { personId: child } },
      ]);
      await world.adjudicated(child, 'v', 500);
      expect(await world.account(first)).toMatchObject({ heldFen: 0, outstandingFen: 500 });
    },
  );

  test('comes of age in mid-visit: that visit stays where it was, the next needs an own line', async () => {
    const guardian = await world.enrolled('guardian');
    const ward = await world.registered('ward', true);
    await world.guardian(ward, guardian);
    await world.enrolments.open(ward);
    await world.opens(ward, 'v');
    await world.published();
    await world.guardianshipEnds(ward, guardian, 'CAME_OF_AGE');
    await world.guardianshipEnds(ward, guardian, 'CAME_OF_AGE');
    expect(await world.published()).toMatchObject([
      { type: 'ServiceClosed', data: { personId: ward } },
    ]);
    expect(await world.account(guardian)).toMatchObject({ heldFen: 20_000 });
    await world.opens(ward, 'w');
    expect(await world.last()).toMatchObject({
      ...{ type: 'CreditDeclined', data: { reason: 'SERVICE_CLOSED' } },
    });
    await world.scores.put(ward, { score: 600, scoredAt });
    expect(await world.enrolments.open(ward)).toMatchObject({ accountPersonId: ward });
    await world.adjudicated(ward, 'v', 500, 1, guardian);
    expect(await world.account(guardian)).toMatchObject({ heldFen: 0, outstandingFen: 500 });
    expect(await world.account(ward)).toMatchObject({ heldFen: 0, outstandingFen: 0 });
    // A credit that was restored has no hold of it, and takes the bill all the same.
    await world.adjudicated(ward, 'lost', 300, 1, guardian);
    expect(await world.account(guardian)).toMatchObject({ outstandingFen: 800 });
    await expect(
      world.adjudicated(ward, 'forged', 1, 1, await world.enrolled('stranger')),
    ).rejects.toMatchObject({ code: 'MESSAGE_IMPOSSIBLE' });
  });

  test('whose guardianship was revoked needs another guardian', async () => {
    const guardian = await world.enrolled('guardian');
    const child = await world.registered('child', true);
    await world.guardian(child, guardian);
    await world.enrolments.open(child);
    await world.guardianshipEnds(child, guardian, 'REVOKED');
    await expect(world.enrolments.open(child)).rejects.toThrow('GUARDIAN_NEEDED');
    await world.closings.close(guardian);
  });

  test('is billed to the account that the ledger knows, also where a restored credit held another', async () => {
    const [first, second] = [await world.enrolled('first'), await world.enrolled('second')];
    const child = await world.registered('child', true);
    await world.guardian(child, second);
    await world.enrolments.open(child);
    await world.opens(child, 'v');
    await world.published();
    await world.adjudicated(child, 'v', 500, 1, first);
    expect(await world.published()).toMatchObject([
      { type: 'HoldReleased', data: { accountPersonId: first, releasedFen: 20_000 } },
    ]);
    expect(await world.account(second)).toMatchObject({ heldFen: 0, outstandingFen: 0 });
    expect(await world.account(first)).toMatchObject({ heldFen: 0, outstandingFen: 500 });
    await world.settled(child, 'v', 500);
    expect(await world.account(first)).toMatchObject({ heldFen: 0, outstandingFen: 0 });
    expect(await world.account(second)).toMatchObject({ heldFen: 0, outstandingFen: 0 });
  });
});

describe('freezing', () => {
  test('is said once; the same reason again changes nothing, another reason is a conflict', async () => {
    const person = await world.enrolled('a');
    await world.published();
    await world.accounts.freeze(person, 'BLACKLISTED');
    await world.accounts.freeze(person, 'BLACKLISTED');
    await expect(world.accounts.freeze(person, 'COURT_ORDER')).rejects.toThrow('FROZEN_OTHERWISE');
    await world.accounts.unfreeze(person);
    await world.accounts.unfreeze(person);
    expect((await world.published()).map(({ type }) => type)).toEqual([
      'AccountFrozen',
      'AccountUnfrozen',
    ]);
    await expect(world.accounts.freeze(personOf('stranger'), 'BLACKLISTED')).rejects.toThrow(
      'ACCOUNT_UNKNOWN',
    );
  });
});

describe('a person who was registered just now', () => {
  const by = (name: string) => ({ personId: personOf(name), openedBy: 'staff/desk' });
  test('is waited for, but not for ever', async () => {
    const timers = new TestTimers();
    const opening = openWhenKnown(world.enrolments, by('a'), { timers, waitMaxMs: 200 });
    const person = await world.registered('a');
    await world.scores.put(person, { score: 600, scoredAt });
    await timers.advance(50);
    expect(await opening).toMatchObject({ created: true });
    const never = openWhenKnown(world.enrolments, by('b'), { timers, waitMaxMs: 200 }).catch(
      (error: unknown) => error,
    );
    await timers.advance(1000);
    expect(await never).toMatchObject({ code: 'PERSON_UNKNOWN' });
  });

  test('is looked for less and less often', async () => {
    const slept: number[] = [];
    await expect(
      openWhenKnown(world.enrolments, by('c'), {
        timers: { sleep: async (durationMs) => void slept.push(durationMs) },
        waitMaxMs: 5000,
      }),
    ).rejects.toThrow('PERSON_UNKNOWN');
    expect(slept.reduce((sum, durationMs) => sum + durationMs, 0)).toBe(5000);
    expect(slept.length).toBeLessThan(12);
  });
});

test('totals are summed over more accounts than one batch', async () => {
  await world.store.transact(async (transaction) => {
    const at = world.clock.now();
    await transaction.rows(accountTable).insert(
      ...Array.from({ length: 2001 }, (_, index) => ({
        accountPersonId: personOf(String(index)),
        mergedInto: null,
        status: 'open' as const,
        score: 600,
        policyId: 'x',
        scoreExpiresAt: null,
        lineFen: 100,
        heldFen: 60,
        outstandingFen: 50,
        overLineFen: 10,
        frozenReason: null,
        openedAt: at,
        closedAt: null,
        entryCount: 0,
      })),
    );
  });
  expect(await world.accounts.summary()).toEqual({
    accounts: 2001,
    openAccounts: 2001,
    frozenAccounts: 0,
    lineFen: 200_100,
    heldFen: 120_060,
    outstandingFen: 100_050,
    overLineFen: 20_010,
  });
});
