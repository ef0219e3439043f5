import type { Store } from '@caretab/store';
import fc from 'fast-check';
import type { LenderAnswer } from '../src/lender/lender';
import type { LoanRepair } from '../src/lender/loan-repair.table';
import { proposedFor } from '../src/lender/loan-repairs';
import { loanTable } from '../src/lender/loan.table';
import { type LinePolicy, linePolicies } from '../src/policy/line-policy';
import { CreditFixture, expectEntriesToExplain, visitOf } from './holds.suite';

/** What ships, with banks as the lenders of outpatient visits. */
export const bankedBy = (...lenderIds: string[]): readonly LinePolicy[] =>
  linePolicies.map(({ document, ...rest }) => {
    const otherwise = { kind: 'fund' as const, lenderId: 'city-health-fund' };
    const lender = { kind: 'bank' as const, lenderIds, otherwise };
    const outpatient = { ...document.products.outpatient!, lender };
    return { ...rest, document: { ...document, products: { ...document.products, outpatient } } };
  });

const SILENT = { status: 'no-answer' } as const;

const worldOn = async (store: Store) => {
  const world = new CreditFixture(store, 'event', bankedBy('city-bank'));
  const person = await world.enrolled('a', 760);
  await world.agreesToBanks(person);
  await world.bankLines.runOnce();
  await world.published();
  const loan = () =>
    store.transact((transaction) => transaction.rows(loanTable).get({ visitId: visitOf('v') }));
  const answers = async () => {
    const published = await world.published();
    return published.map(({ type, data }) => ({
      type,
      ...(data.reason && { reason: data.reason }),
      ...(data.lender && { lender: data.lender.kind }),
    }));
  };
  const { lender } = world;
  const kinds = () => lender.asked.map(({ kind, amountFen }) => `${kind} ${amountFen}`);
  const standsAt = () => lender.stands.get(visitOf('v'));
  /** Looks until nothing is due, for so long. */
  const lasts = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      await world.loans.runOnce();
      world.clock.advance(1_000);
    }
  };
  return { world, person, loan, answers, kinds, standsAt, lasts, lender };
};

/** A visit whose bank granted the first hold. */
const granted = async (store: Store) => {
  const made = await worldOn(store);
  await made.world.opens(made.person, 'v');
  await made.world.loans.runOnce();
  const hold = await made.world.hold('v');
  await made.answers();
  return { ...made, firstFen: hold!.heldFen };
};

/** Loans of banks, held by both stores. */
export const loansSuite = (open: () => Promise<Store>, numRuns = 100): void => {
  test('a hold of a bank’s product is granted with the bank’s reservation, and not before', async () => {
    const { world, person, answers, standsAt, kinds } = await worldOn(await open());
    await world.opens(person, 'v');
    expect(await answers()).toEqual([]);
    const asked = await world.hold('v');
    expect(asked).toMatchObject({ status: 'asked', lenderId: 'city-bank' });
    expect((await world.account(person)).heldFen).toBe(asked!.heldFen);
    await world.loans.runOnce();
    expect(await answers()).toEqual([{ type: 'CreditAuthorized', lender: 'bank' }]);
    expect(await world.hold('v')).toMatchObject({ status: 'held' });
    expect(standsAt()).toEqual({ kind: 'reserve', amountFen: asked!.heldFen });
    await world.loans.runOnce();
    expect(kinds()).toHaveLength(1);
  });

  test('a bank that refuses declines the hold, and nothing is left with anyone', async () => {
    const { world, person, answers, lender, lasts } = await worldOn(await open());
    lender.answers.push({ status: 'refused', reason: 'OVER_LIMIT' });
    await world.opens(person, 'v');
    await lasts(40);
    expect(await answers()).toEqual([{ type: 'CreditDeclined', reason: 'LENDER_REFUSED' }]);
    expect(await world.account(person)).toMatchObject({ heldFen: 0 });
    expect(lender.asked).toHaveLength(1);
    await expectEntriesToExplain(world, person);
  });

  test('a silent bank declines the hold; what it may have reserved is asked for and released', async () => {
    const { world, person, answers, lender, lasts, standsAt, kinds } = await worldOn(await open());
    lender.answers.push(...Array.from({ length: 8 }, () => SILENT));
    await world.opens(person, 'v');
    await lasts(29);
    expect(await answers()).toEqual([]);
    await lasts(3);
    expect(await answers()).toEqual([{ type: 'CreditDeclined', reason: 'LENDER_SILENT' }]);
    expect(await world.account(person)).toMatchObject({ heldFen: 0 });
    world.clock.advance(24 * 3_600_000);
    await lasts(5);
    for (let hour = 0; hour < 12; hour += 1) {
      world.clock.advance(3_600_000);
      await world.loans.runOnce();
    }
    expect(standsAt()).toEqual({ kind: 'release', amountFen: 0 });
    expect(new Set(kinds()).size).toBe(2);
    expect(new Set(lender.asked.map(({ orderId }) => orderId)).size).toBe(2);
    expect(await answers()).toEqual([]);
    await expectEntriesToExplain(world, person);
  });

  test('an increase waits for the bank, and falls back to what was held where it says no', async () => {
    const { world, person, answers, lender, standsAt, firstFen } = await granted(await open());
    await world.asks(person, 'v', firstFen + 1_000);
    await world.asks(person, 'v', firstFen + 2_000);
    expect(await answers()).toEqual([{ type: 'HoldIncreaseDeclined', reason: 'LENDER_SILENT' }]);
    await world.loans.runOnce();
    const raised = (await world.hold('v'))!.heldFen;
    expect(raised).toBeGreaterThan(firstFen);
    expect(await answers()).toEqual([{ type: 'HoldIncreased' }]);
    expect(standsAt()).toEqual({ kind: 'reserve', amountFen: raised });
    lender.answers.push({ status: 'refused', reason: 'OVER_LIMIT' });
    await world.asks(person, 'v', raised + 1_000);
    await world.loans.runOnce();
    expect(await answers()).toEqual([{ type: 'HoldIncreaseDeclined', reason: 'LENDER_REFUSED' }]);
    expect(await world.account(person)).toMatchObject({ heldFen: raised });
    await expectEntriesToExplain(world, person);
  });

  test('where less is coming the line is freed and the bank reserves less, whatever is out', async () => {
    const { world, person, standsAt, lasts, firstFen } = await granted(await open());
    const before = await world.account(person);
    await world.lowers(person, 'v', firstFen - 5_000);
    await world.lowers(person, 'v', firstFen + 1);
    await lasts(2);
    expect(await world.hold('v')).toMatchObject({ status: 'held', heldFen: firstFen - 5_000 });
    expect((await world.account(person)).heldFen).toBe(before.heldFen - 5_000);
    expect(standsAt()).toEqual({ kind: 'reserve', amountFen: firstFen - 5_000 });
    // An increase is out, and the ledger decides within less meanwhile.
    await world.asks(person, 'v', firstFen + 1_000);
    await world.lowers(person, 'v', 700);
    await lasts(3);
    expect(standsAt()).toEqual({ kind: 'reserve', amountFen: 700 });
    await world.lowers(person, 'v', 0);
    await lasts(2);
    expect(standsAt()).toEqual({ kind: 'release', amountFen: 0 });
    await world.asks(person, 'v', 900);
    await lasts(2);
    const { heldFen } = (await world.hold('v'))!;
    expect(standsAt()).toEqual({ kind: 'reserve', amountFen: heldFen });
    expect((await world.account(person)).heldFen).toBe(heldFen);
    await expectEntriesToExplain(world, person);
  });

  test('a cancelled visit releases, also while the first question is out', async () => {
    const { world, person, standsAt, lender, lasts, answers } = await worldOn(await open());
    lender.answers.push(SILENT);
    await world.opens(person, 'v');
    await world.loans.runOnce();
    await world.cancelled(person, 'v');
    await lasts(10);
    expect(standsAt()).toEqual({ kind: 'release', amountFen: 0 });
    expect(await answers()).toEqual([{ type: 'HoldReleased' }]);
  });

  test('the due is drawn, a smaller verdict reduces, and no arrears of ours begin', async () => {
    const { world, person, kinds, lasts, firstFen } = await granted(await open());
    await world.adjudicated(person, 'v', firstFen - 100);
    await world.loans.runOnce();
    await world.adjudicated(person, 'v', firstFen - 300, 2);
    await lasts(2);
    expect(kinds().slice(1)).toEqual([`draw ${firstFen - 100}`, `reduce ${firstFen - 300}`]);
    await world.misses(person, 'v', firstFen - 300);
    expect(await world.hold('v')).toMatchObject({ missedAt: null });
    expect((await world.account(person)).frozenReason).toBeNull();
    await world.adjudicated(person, 'v', 0, 3);
    await lasts(2);
    expect(kinds().at(-1)).toBe('reduce 0');
    expect(await world.account(person)).toMatchObject({ heldFen: 0, outstandingFen: 0 });
  });

  test('what the bank says is repaid frees the line; what cannot be is a difference', async () => {
    const { world, person, loan, firstFen } = await granted(await open());
    const dueFen = firstFen - 100;
    const said = { visitId: visitOf('v'), lenderId: 'city-bank' };
    const repaid = (repaidFen: number) =>
      world.loanNotices.take({ ...said, kind: 'repaid', repaidFen });
    await repaid(1);
    expect(await loan()).toMatchObject({ difference: 'REPAID_TOO_MUCH', repaidFen: 0 });
    await world.adjudicated(person, 'v', dueFen);
    await world.loans.runOnce();
    expect(await loan()).toMatchObject({ difference: null, repaidFen: 1 });
    await world.loanNotices.take({ ...said, kind: 'overdue', since: world.clock.now() });
    expect((await loan())!.overdueSince).not.toBeNull();
    await repaid(500);
    await repaid(400);
    expect(await world.account(person)).toMatchObject({ outstandingFen: dueFen - 500 });
    await repaid(dueFen + 1);
    expect(await loan()).toMatchObject({ difference: 'REPAID_TOO_MUCH', repaidFen: 500 });
    await repaid(dueFen);
    await repaid(dueFen);
    expect(await world.account(person)).toMatchObject({ outstandingFen: 0 });
    expect(await world.hold('v')).toMatchObject({ status: 'settled', paidFen: dueFen });
    expect(await loan()).toMatchObject({ overdueSince: null });
    await expect(
      world.loanNotices.take({ ...said, lenderId: 'other', kind: 'repaid', repaidFen: 1 }),
    ).rejects.toThrow('LOAN_UNKNOWN');
    await expectEntriesToExplain(world, person);
  });

  test('what is repaid before the lost answer to its draw comes counts once, with that answer', async () => {
    const { world, person, loan, lender, lasts, firstFen } = await granted(await open());
    await world.adjudicated(person, 'v', firstFen);
    // The bank draws, and its answer is lost.
    lender.answers.push(SILENT);
    await world.loans.runOnce();
    const said = { visitId: visitOf('v'), lenderId: 'city-bank', kind: 'repaid' } as const;
    await world.loanNotices.take({ ...said, repaidFen: firstFen - 1 });
    await world.loanNotices.take({ ...said, repaidFen: firstFen });
    expect(await world.account(person)).toMatchObject({ outstandingFen: firstFen });
    await lasts(10);
    await world.loanNotices.take({ ...said, repaidFen: firstFen });
    expect(await world.account(person)).toMatchObject({ outstandingFen: 0 });
    expect(await world.hold('v')).toMatchObject({ status: 'settled', paidFen: firstFen });
    expect(await loan()).toMatchObject({ difference: null, repaidFen: firstFen });
    await expectEntriesToExplain(world, person);
  });

  const decided = (difference: string, repair: LoanRepair) => ({
    ...{ lenderId: 'city-bank', difference, repair, evidence: 'letter 12 of the bank' },
    ...{ declaredBy: 'ann', approvedBy: 'ben' },
  });

  test('a refused draw is a case: asked again, or done by the bank’s own paper, as two persons say', async () => {
    const { world, person, loan, lender, firstFen, standsAt } = await granted(await open());
    const decide = (repair: LoanRepair, difference = 'DRAW_REFUSED') =>
      world.repairs.decide(visitOf('v'), decided(difference, repair));
    await world.adjudicated(person, 'v', firstFen);
    await expect(decide('ask-again')).rejects.toMatchObject({ code: 'RESOLUTION_UNFIT' });
    for (const times of [1, 2, 3]) {
      lender.answers.push({ status: 'refused', reason: 'CLOSED' });
      await world.loans.runOnce();
      expect(await loan()).toMatchObject({ refusals: times, refusedFor: 'CLOSED' });
      expect(proposedFor((await loan())!)).toBe(times < 3 ? 'ask-again' : 'done-by-bank');
      if (times < 3) await decide('ask-again');
      world.clock.advance(1_000);
    }
    await expect(decide('noted')).rejects.toMatchObject({ code: 'RESOLUTION_UNFIT' });
    await expect(decide('done-by-bank', 'REDUCE_REFUSED')).rejects.toMatchObject({
      code: 'RESOLUTION_UNFIT',
    });
    const both = await Promise.allSettled([decide('done-by-bank'), decide('ask-again')]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    if (both[0].status === 'rejected') {
      lender.answers.push({ status: 'refused', reason: 'CLOSED' });
      await world.loans.runOnce();
      await decide('done-by-bank');
    }
    expect(await loan()).toMatchObject({ state: 'drawn', amountFen: firstFen, difference: null });
    const asked = lender.asked.length;
    world.clock.advance(48 * 3_600_000);
    await world.loans.runOnce();
    expect([lender.asked.length, standsAt()?.kind]).toEqual([asked, 'reserve']);
    // What is due, and to whom, is as the verdict says.
    expect(await world.account(person)).toMatchObject({ outstandingFen: firstFen });
    expect((await world.repairs.of(visitOf('v'))).map(({ repair }) => repair)).toContain(
      'done-by-bank',
    );
    await expectEntriesToExplain(world, person);
  });

  test('a word that does not count is noted by two persons, and never by one', async () => {
    const { world, loan } = await granted(await open());
    const said = { visitId: visitOf('v'), lenderId: 'city-bank' };
    await world.loanNotices.take({ ...said, kind: 'repaid', repaidFen: 7 });
    const noted = decided('REPAID_TOO_MUCH', 'noted');
    await expect(
      world.repairs.decide(visitOf('v'), { ...noted, lenderId: 'other' }),
    ).rejects.toThrow('LOAN_UNKNOWN');
    expect(() => world.repairs.decide(visitOf('v'), { ...noted, approvedBy: 'ann' })).toThrow(
      'two people',
    );
    await world.repairs.decide(visitOf('v'), noted);
    expect(await loan()).toMatchObject({ difference: null, saidRepaidFen: 0, repaidFen: 0 });
  });

  test('the bank’s yes after its consent was taken back grants nothing, and is released', async () => {
    const { world, person, answers, lasts, standsAt } = await worldOn(await open());
    await world.opens(person, 'v');
    await world.agreesToBanks(person, 2, true);
    await lasts(3);
    expect(await answers()).toEqual([{ type: 'CreditDeclined', reason: 'LENDER_REFUSED' }]);
    expect(standsAt()).toEqual({ kind: 'release', amountFen: 0 });
    await expectEntriesToExplain(world, person);
  });

  test('the bank’s yes for who has died meanwhile grants nothing, and is released', async () => {
    const { world, person, answers, lasts, standsAt } = await worldOn(await open());
    await world.opens(person, 'v');
    await world.dies(person);
    await lasts(3);
    expect(await answers()).toEqual([{ type: 'CreditDeclined', reason: 'PERSON_DIED' }]);
    expect(standsAt()).toEqual({ kind: 'release', amountFen: 0 });
    expect(await world.account(person)).toMatchObject({ heldFen: 0 });
    await expectEntriesToExplain(world, person);
  });

  test('a draw that the bank refuses is a difference, and asked again a day later', async () => {
    const { world, person, loan, lender, firstFen, kinds } = await granted(await open());
    await world.adjudicated(person, 'v', firstFen);
    lender.answers.push({ status: 'refused', reason: 'CLOSED' });
    await world.loans.runOnce();
    expect(await loan()).toMatchObject({ difference: 'DRAW_REFUSED' });
    world.clock.advance(24 * 3_600_000);
    await world.loans.runOnce();
    expect(kinds().slice(1)).toEqual([`draw ${firstFen}`, `draw ${firstFen}`]);
    expect(new Set(lender.asked.map(({ orderId }) => orderId)).size).toBe(3);
    expect(await loan()).toMatchObject({ state: 'drawn', difference: null });
  });

  const step = fc.constantFrom(
    ...(['look', 'raise', 'silent', 'refused', 'contradicted', 'wait', 'lower'] as const),
  );
  test('whatever banks answer, and however looks and visits meet, the bank ends where the hold does', async () => {
    const end = fc.constantFrom('stays' as const, 'cancelled' as const, 'due' as const);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), end, async (steps, ends) => {
        const { world, person, lender, standsAt, lasts, loan } = await worldOn(await open());
        const looks = () => [world.loans.runOnce(), world.loans.runOnce()];
        lender.answers.push(...steps.flatMap(answerOf));
        await Promise.all([world.opens(person, 'v'), ...looks()]);
        for (const [index, name] of steps.entries()) {
          const heldFen = (await world.hold('v'))!.heldFen;
          if (name === 'wait') world.clock.advance(31_000);
          const raises = name === 'raise' && heldFen > 0;
          await Promise.all([
            ...(raises ? [world.asks(person, 'v', heldFen + 1_000 + index)] : []),
            ...looks(),
          ]);
        }
        const { status } = (await world.hold('v'))!;
        const isOpen = status !== 'declined';
        if (ends === 'cancelled') await Promise.all([...looks(), world.cancelled(person, 'v')]);
        if (ends === 'due' && isOpen) {
          await Promise.all([...looks(), world.adjudicated(person, 'v', 9_000)]);
          if (steps.includes('lower')) await world.adjudicated(person, 'v', 4_000, 2);
        }
        for (let day = 0; day < 20; day += 1) {
          await lasts(2);
          world.clock.advance(24 * 3_600_000);
        }
        const hold = (await world.hold('v'))!;
        expect(standsAt()?.amountFen ?? 0).toBe(hold.status === 'due' ? hold.dueFen : hold.heldFen);
        expect(hold.status).not.toBe('asked');
        expect(await loan()).toMatchObject({ nextAttemptAt: null, difference: null });
        const contents = new Set(lender.asked.map((order) => JSON.stringify(order)));
        expect(contents.size).toBe(new Set(lender.asked.map(({ orderId }) => orderId)).size);
        expect((await world.account(person)).heldFen).toBe(hold.heldFen);
        await expectEntriesToExplain(world, person);
      }),
      { numRuns },
    );
  });
};

/** What the bank answers in its turn. */
const answerOf = (name: string): readonly LenderAnswer[] =>
  name === 'silent'
    ? [SILENT]
    : name === 'refused'
      ? [{ status: 'refused', reason: 'OVER_LIMIT' }]
      : name === 'contradicted'
        ? [{ status: 'contradiction', reason: 'AMOUNT_DIFFERS' }]
        : name === 'look'
          ? [{ status: 'done' }]
          : [];
