import type { Store } from '@caretab/store';
import fc from 'fast-check';
import type { GrantAnswer } from '../src/lender/lender';
import { bankLineTable } from '../src/lender/bank-line.table';
import { enrolmentTable, subjectTable } from '../src/enrolment/enrolment.table';
import { holdTable } from '../src/hold/hold.table';
import { revokedFor } from '../src/lender/bank-consents';
import { CreditFixture, expectEntriesToExplain } from './holds.suite';
import { bankedBy } from './loans.suite';

const BANKS = ['city-bank', 'b-bank'];
const granted = (lineFen: number): GrantAnswer => ({ status: 'granted', lineFen });
const REFUSED: GrantAnswer = { status: 'refused', reason: 'NO_CUSTOMER' };

const worldOn = async (store: Store, banks: readonly string[] = BANKS) => {
  const world = new CreditFixture(store, 'event', bankedBy(...banks));
  const person = await world.enrolled('a', 760);
  await world.published();
  /** Who lends for a visit, or why none does. */
  const opened = async (name: string, presence?: 'typed' | 'card') => {
    await world.opens(person, name, 'outpatient', presence);
    await world.loans.runOnce();
    const [answer] = (await world.published()).map(({ data }) => data);
    return answer.lender?.lenderId ?? answer.reason;
  };
  const lines = async () =>
    (await world.bankLines.of(person)).map(
      ({ lenderId, state, lineFen }) => `${lenderId} ${state} ${lineFen}`,
    );
  const says = (lineFen: number, lenderId = 'city-bank') =>
    world.bankLines.take({ lenderId, personId: person, lineFen, at: world.clock.now() });
  return { world, person, opened, lines, says };
};

/** Lines that banks grant, held by both stores. */
export const bankLinesSuite = (open: () => Promise<Store>, numRuns = 60): void => {
  test('no bank is asked without consent, and another lends', async () => {
    const { world, opened, lines } = await worldOn(await open());
    await world.bankLines.runOnce();
    expect(world.lender.grants).toEqual([]);
    expect(await opened('v1')).toBe('city-health-fund');
    expect(await lines()).toEqual([]);
  });

  test('with consent each bank is asked once for the line, and the first that granted one lends', async () => {
    const { world, person, opened, lines } = await worldOn(await open());
    const { lineFen } = await world.account(person);
    world.lender.lines.set('city-bank', REFUSED);
    world.lender.lines.set('b-bank', granted(lineFen - 100));
    await world.agreesToBanks(person);
    expect(await opened('v0')).toBe('city-health-fund');
    await world.bankLines.runOnce();
    await world.bankLines.runOnce();
    expect(world.lender.grants.map(({ amountFen }) => amountFen)).toEqual([lineFen, lineFen]);
    expect(await lines()).toEqual([`b-bank granted ${lineFen - 100}`, 'city-bank refused 0']);
    expect(await opened('v1')).toBe('b-bank');
  });

  test('who typed a number alone is lent nothing by a bank, nor who took the consent back', async () => {
    const { world, person, opened } = await worldOn(await open());
    await world.agreesToBanks(person);
    await world.bankLines.runOnce();
    expect(await opened('v1', 'typed')).toBe('city-health-fund');
    expect(await opened('v2', 'card')).toBe('city-bank');
    const before = (await world.hold('v2'))!.heldFen;
    await world.agreesToBanks(person, 2, true);
    expect(await opened('v3')).toBe('city-health-fund');
    await world.asks(person, 'v2', before + 100);
    expect(await world.published()).toMatchObject([{ data: { reason: 'OVER_LINE' } }]);
  });

  test('a bank is informed of what is taken back, again until it confirms, and of what is given again', async () => {
    const { world, person, opened, lines } = await worldOn(await open(), ['city-bank']);
    await world.agreesToBanks(person);
    await world.bankLines.runOnce();
    expect(world.lender.informed).toEqual([]);
    world.lender.confirms.push(
      { status: 'no-answer' },
      { status: 'contradiction', reason: 'ORDER_DIFFERS' },
      ...Array.from({ length: 60 }, () => ({ status: 'no-answer' }) as const),
    );
    await world.revokes(person, 2, 'bank', 'debit-mandate');
    expect(await lines()).toEqual(['city-bank ended 0']);
    for (let hour = 0; hour < 70; hour += 1) {
      await world.bankLines.runOnce();
      world.clock.advance(3_600_000);
    }
    const { informed } = world.lender;
    expect(informed).toHaveLength(63);
    expect(new Set(informed.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(informed[0]).toMatchObject({ revoked: ['bank', 'debit-mandate'] });
    expect(await world.bankLines.of(person)).toMatchObject([
      { toldRevoked: ['bank', 'debit-mandate'] },
    ]);
    expect(world.lender.grants).toHaveLength(1);
    expect(await opened('v1')).toBe('city-health-fund');
    await world.agreesToBanks(person, 3);
    await world.bankLines.runOnce();
    await world.bankLines.runOnce();
    expect(informed.at(-1)).toMatchObject({ revoked: [] });
    expect(informed.at(-1)!.number).toBeGreaterThan(informed[0]!.number);
    expect(world.lender.grants).toHaveLength(2);
    expect(await lines()).toEqual([`city-bank granted ${(await world.account(person)).lineFen}`]);
  });

  test('a consent that is taken back while its bank is asked counts, whatever the bank grants then', async () => {
    const { world, person, lines } = await worldOn(await open(), ['city-bank']);
    await world.agreesToBanks(person);
    let times = 0;
    world.lender.meanwhile = async () => {
      if ((times += 1) === 1) await world.agreesToBanks(person, 2, true);
    };
    await world.bankLines.runOnce();
    await world.bankLines.runOnce();
    expect(await lines()).toEqual(['city-bank ended 0']);
    expect(world.lender.informed).toMatchObject([{ revoked: ['bank'] }]);
    // Its own word does not bring it back, nor keep it from being informed.
    await world.revokes(person, 3, 'bank', 'debit-mandate');
    world.clock.advance(1_000);
    const word = { lenderId: 'city-bank', personId: person, lineFen: 700 };
    await world.bankLines.take({ ...word, at: world.clock.now() });
    await world.bankLines.runOnce();
    expect(await lines()).toEqual(['city-bank ended 0']);
    expect(world.lender.informed.at(-1)).toMatchObject({ revoked: ['bank', 'debit-mandate'] });
  });

  test('a consent that changes while a visit is granted takes the same rows in the same order', async () => {
    const { world, person } = await worldOn(await open());
    await world.agreesToBanks(person);
    await world.bankLines.runOnce();
    const { store } = world;
    let runs = 0;
    let begin = (): void => undefined;
    const changing = new Promise<void>((resolve) => (begin = resolve)).then(() =>
      world.agreesToBanks(person, 2, true),
    );
    await store.transact(async (transaction) => {
      runs += 1;
      await transaction.rows(enrolmentTable).get({ personId: person }, { lock: 'wait' });
      begin();
      // It waits for the enrolment, or has the lines already.
      await new Promise((resolve) => setTimeout(resolve, 200));
      await transaction.rows(bankLineTable).find({ personId: person }, { lock: 'wait' });
    });
    await changing;
    expect(runs).toBe(1);
  });

  test('the banks of who is erased are informed, and then nothing is left of the person', async () => {
    const { world, person, lines } = await worldOn(await open());
    await world.agreesToBanks(person);
    await world.bankLines.runOnce();
    world.lender.confirms.push({ status: 'no-answer' });
    await world.closings.closeForErasure(person, true);
    await world.forgets(person);
    await world.bankLines.runOnce();
    expect(await lines()).toHaveLength(1);
    world.clock.advance(3_600_000);
    await world.bankLines.runOnce();
    expect(world.lender.informed.map(({ revoked }) => revoked)).toEqual([
      ['bank'],
      ['bank'],
      ['bank'],
    ]);
    expect(await lines()).toEqual([]);
  });

  test('whatever is given, taken back and lost, every bank knows in the end what is in force', async () => {
    const deed = fc.constantFrom(
      ...(['agrees', 'revokes', 'mandate', 'look', 'silent', 'wait'] as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 12 }), async (deeds) => {
        const { world, person } = await worldOn(await open());
        const { lender } = world;
        let revision = 1;
        await world.agreesToBanks(person, revision);
        await world.bankLines.runOnce();
        for (const name of deeds) {
          revision += 1;
          const changed = {
            agrees: () => world.agreesToBanks(person, revision),
            revokes: () => world.agreesToBanks(person, revision, true),
            mandate: () => world.revokes(person, revision, 'debit-mandate'),
            look: () => Promise.resolve(),
            silent: async () => void lender.confirms.push({ status: 'no-answer' }),
            wait: async () => world.clock.advance(3_600_000),
          }[name];
          await Promise.all([changed(), world.bankLines.runOnce()]);
        }
        lender.confirms.splice(0);
        for (let hour = 0; hour < 6; hour += 1) {
          world.clock.advance(3_600_000);
          await world.bankLines.runOnce();
        }
        const subject = await world.store.transact((transaction) =>
          transaction.rows(subjectTable).get({ personId: person }),
        );
        for (const { toldRevoked, lenderId, state } of await world.bankLines.of(person)) {
          expect(toldRevoked).toEqual(revokedFor(subject));
          const last = lender.informed.filter((one) => one.lenderId === lenderId);
          const known = last.sort((one, other) => one.number - other.number).at(-1)?.revoked ?? [];
          expect(known).toEqual(toldRevoked);
          expect(state).toBe(known.includes('bank') ? 'ended' : 'granted');
        }
        const orders = new Set(lender.informed.map((one) => JSON.stringify(one)));
        expect(orders.size).toBe(new Set(lender.informed.map(({ orderId }) => orderId)).size);
      }),
      { numRuns },
    );
  });

  test('the consent counts also where the enrolment was the first to name its revision', async () => {
    const { world, person, lines } = await worldOn(await open(), ['city-bank']);
    await world.enrolments.open(person, 'a-1', 5);
    await world.agreesToBanks(person, 5);
    await world.bankLines.runOnce();
    expect(await lines()).toEqual([`city-bank granted ${(await world.account(person)).lineFen}`]);
  });

  test('a silent bank is asked the same again, and what it says then counts', async () => {
    const { world, person, lines } = await worldOn(await open(), ['city-bank']);
    world.lender.lines.set('city-bank', { status: 'no-answer' });
    await world.agreesToBanks(person);
    for (let minute = 0; minute < 12; minute += 1) {
      await world.bankLines.runOnce();
      world.clock.advance(60_000);
    }
    world.lender.lines.delete('city-bank');
    world.clock.advance(3_600_000);
    await world.bankLines.runOnce();
    expect(new Set(world.lender.grants.map(({ orderId }) => orderId)).size).toBe(1);
    expect(world.lender.grants.length).toBeGreaterThan(2);
    expect(await lines()).toEqual([`city-bank granted ${(await world.account(person)).lineFen}`]);
  });

  test('where all banks say no none lends, and a day later they are asked again', async () => {
    const { world, person, opened } = await worldOn(await open());
    for (const bank of BANKS) world.lender.lines.set(bank, REFUSED);
    await world.agreesToBanks(person);
    await world.bankLines.runOnce();
    expect(await opened('v1')).toBe('LENDER_REFUSED');
    await world.bankLines.runOnce();
    expect(world.lender.grants).toHaveLength(2);
    world.lender.lines.clear();
    world.clock.advance(24 * 3_600_000);
    expect(await opened('v2')).toBe('LENDER_REFUSED');
    await world.bankLines.runOnce();
    expect(await opened('v3')).toBe('city-bank');
  });

  test('what the bank says later counts: less, nothing, never an earlier word; what is held stays', async () => {
    const { world, person, opened, lines, says } = await worldOn(await open(), ['city-bank']);
    await world.agreesToBanks(person);
    await world.bankLines.runOnce();
    await opened('v1');
    const { heldFen } = (await world.hold('v1'))!;
    const early = world.clock.now();
    world.clock.advance(1_000);
    await says(heldFen + 500);
    await world.bankLines.take({
      ...{ lenderId: 'city-bank', personId: person, lineFen: 1, at: early },
    });
    expect(await lines()).toEqual([`city-bank granted ${heldFen + 500}`]);
    await world.asks(person, 'v1', heldFen + 501);
    await world.asks(person, 'v1', heldFen + 500);
    await world.loans.runOnce();
    expect((await world.published()).map(({ type, data }) => data.reason ?? type)).toEqual([
      ...['OVER_LINE', 'HoldIncreased'],
    ]);
    world.clock.advance(1_000);
    await says(0);
    expect(await lines()).toEqual(['city-bank ended 0']);
    expect((await world.hold('v1'))!.heldFen).toBe(heldFen + 500);
    expect(await opened('v2')).toBe('LENDER_REFUSED');
    await expect(says(1, 'other-bank')).rejects.toThrow('BANK_LINE_UNKNOWN');
    await expectEntriesToExplain(world, person);
  });

  test('an answer that crosses the bank’s own word does not undo it', async () => {
    const { world, person, lines, says } = await worldOn(await open(), ['city-bank']);
    await world.agreesToBanks(person);
    await world.bankLines.runOnce();
    // It is asked again for another line, and ends the line meanwhile.
    world.clock.advance(1_000);
    const scored = { score: 600, scoredAt: world.clock.now(), approvedBy: 'a second one' };
    await world.scores.put(person, scored);
    world.clock.advance(1_000);
    await world.store.transact((transaction) => world.bankLines.want(transaction, person));
    world.lender.meanwhile = () => says(0);
    await world.bankLines.runOnce();
    expect(world.lender.grants).toHaveLength(2);
    expect(await lines()).toEqual(['city-bank ended 0']);
  });

  test('nothing of it is left of who was forgotten', async () => {
    const store = await open();
    const { world, person } = await worldOn(store, ['city-bank']);
    await world.agreesToBanks(person);
    await world.bankLines.runOnce();
    await world.closings.closeForErasure(person, true);
    await world.forgets(person);
    await world.bankLines.runOnce();
    const left = await store.transact((transaction) =>
      transaction.rows(bankLineTable).count({ personId: person }),
    );
    expect(left).toBe(0);
  });

  const step = fc.oneof(
    fc.record({ says: fc.nat(150_000) }),
    fc.constantFrom('open' as const, 'raise' as const, 'due' as const, 'repaid' as const),
  );
  test('whatever a bank says, and however visits meet, no hold is granted above its line or ours', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(150_000),
        fc.array(step, { maxLength: 10 }),
        async (firstFen, steps) => {
          const store = await open();
          const { world, person, says } = await worldOn(store, ['city-bank']);
          world.lender.lines.set('city-bank', firstFen > 0 ? granted(firstFen) : REFUSED);
          await world.agreesToBanks(person);
          await world.bankLines.runOnce();
          const taken = () =>
            store.transact(async (transaction) => {
              const holds = await transaction.rows(holdTable).find({ accountPersonId: person });
              const ofBank = holds.filter(({ lenderId }) => lenderId === 'city-bank');
              const sum = (of: typeof holds) =>
                of.reduce(
                  (total, { heldFen, outstandingFen }) => total + heldFen + outstandingFen,
                  0,
                );
              return { all: sum(holds), bank: sum(ofBank), count: holds.length };
            });
          let lineFen = firstFen;
          for (const happens of steps) {
            world.clock.advance(1_000);
            const before = await taken();
            const name = `v${before.count}`;
            if (typeof happens === 'object') {
              if (firstFen > 0) await says((lineFen = happens.says));
            } else if (happens === 'open')
              await Promise.all([world.opens(person, name), world.opens(person, `${name}b`)]);
            else {
              const hold = await world.hold('v0');
              if (!hold || hold.status === 'declined') continue;
              if (happens === 'raise') await world.asks(person, 'v0', hold.heldFen + 5_000);
              if (happens === 'due' && hold.status === 'held')
                await world.adjudicated(person, 'v0', Math.floor(hold.heldFen / 2));
              if (happens === 'repaid' && hold.status === 'due')
                await world.loanNotices.take({
                  ...{ visitId: hold.visitId, lenderId: 'city-bank', kind: 'repaid' },
                  repaidFen: hold.dueFen,
                });
            }
            await world.loans.runOnce();
            const after = await taken();
            const ours = (await world.account(person)).lineFen;
            if (after.bank > before.bank) expect(after.bank).toBeLessThanOrEqual(lineFen);
            expect(after.all).toBeLessThanOrEqual(ours);
            if (typeof happens === 'object') expect(after).toEqual(before);
          }
          await expectEntriesToExplain(world, person);
        },
      ),
      { numRuns },
    );
  });
};
