import type { ContractEvent, identityPersons } from '@caretab/contracts';
import { derivedId, DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import fc from 'fast-check';
import type { Account } from '../src/account/account';
import { arrearsTable } from '../src/arrears/arrears.table';
import { holdTable } from '../src/hold/hold.table';
import { CreditFixture, expectEntriesToExplain, personOf, visitOf } from './holds.suite';
import { bankedBy } from './loans.suite';

type Names = 'PersonsMerged' | 'PersonsUnmerged';

/** Two adults who both have a line of 100 000 fen, and identity's word that they are one, or two. */
export class TwoPersons {
  readonly merged = personOf('merged');
  readonly survivor = personOf('survivor');
  private revision = 0;

  constructor(readonly world: CreditFixture) {}

  async enrol(): Promise<this> {
    await this.world.enrolled('merged');
    await this.world.enrolled('survivor');
    await this.world.published();
    return this;
  }

  says(
    type: Names,
    { personId = this.merged, survivorId = this.survivor, revision = ++this.revision } = {},
  ): Promise<void> {
    const mergeId = `m-${derivedId('test merge', personId)}`;
    const at = this.world.clock.now().toISOString();
    const data = { personId, survivorId, mergeId, revision };
    const event = {
      id: `${type}-${personId}-${revision}`,
      type,
      time: at,
      source: 'identity',
      data,
    };
    return this.world.store.transact((transaction) =>
      this.world.merges.record(
        event as unknown as ContractEvent<typeof identityPersons, Names>,
        transaction,
      ),
    );
  }

  merge = (): Promise<void> => this.says('PersonsMerged');
  unmerge = (): Promise<void> => this.says('PersonsUnmerged');
}

/** What a line is, without how often it was changed. */
const lineOf = ({ entryCount: _, ...line }: Account) => line;

interface Step {
  readonly does:
    'open' | 'increase' | 'adjudicate' | 'settle' | 'cancel' | 'miss' | 'merge' | 'score';
  readonly whose: 'merged' | 'survivor';
  readonly visit: number;
  readonly fen: number;
}

interface Visit {
  readonly whose: 'merged' | 'survivor';
  heldFen: number;
  owedFen: number;
  revision: number;
}

/** The revision of a visit that was paid or cancelled. */
const OVER = 99;

/** What each person's own visits take, whichever line they are on. */
class Model {
  readonly visits = new Map<string, Visit>();
  isMerged = false;

  of(whose: 'merged' | 'survivor'): readonly [number, number] {
    const those = [...this.visits.values()].filter((visit) => visit.whose === whose);
    return [
      those.reduce((sum, { heldFen }) => sum + heldFen, 0),
      those.reduce((sum, { owedFen }) => sum + owedFen, 0),
    ];
  }

  /** What stands on the two accounts: held and outstanding of each. */
  accounts(): Record<'merged' | 'survivor', readonly [number, number]> {
    const [merged, survivor] = [this.of('merged'), this.of('survivor')];
    return this.isMerged
      ? { merged: [0, 0], survivor: [merged[0] + survivor[0], merged[1] + survivor[1]] }
      : { merged, survivor };
  }
}

const stepOf: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom(
    ...(['open', 'open', 'increase', 'adjudicate', 'settle', 'cancel', 'miss'] as const),
    ...(['merge', 'merge', 'score'] as const),
  ),
  whose: fc.constantFrom('merged', 'survivor'),
  visit: fc.integer({ min: 0, max: 5 }),
  fen: fc.integer({ min: 0, max: 90_000 }),
});

/** Does a step where it can be done, and keeps the model beside it. */
const take = async (two: TwoPersons, model: Model, step: Step): Promise<void> => {
  const { world } = two;
  if (step.does === 'merge') {
    await (model.isMerged ? two.unmerge() : two.merge());
    model.isMerged = !model.isMerged;
    return;
  }
  const person = two[step.whose];
  if (step.does === 'score') {
    const score = [400, 600, 640][step.fen % 3]!;
    const scored = { score, scoredAt: world.clock.now(), approvedBy: 'another' };
    return void (await world.scores.put(person, scored));
  }
  const name = `${step.whose}${step.visit}`;
  const known = model.visits.get(name);
  if (step.does === 'open') {
    if (known) return;
    await world.opens(person, name);
    const said = await world.last();
    expect(said?.data.accountPersonId ?? person).toBe(person);
    const heldFen = said?.data.heldFen ?? 0;
    if (heldFen > 0)
      model.visits.set(name, { whose: step.whose, heldFen, owedFen: 0, revision: 0 });
    return;
  }
  if (!known) return;
  if (step.does === 'increase') {
    await world.asks(person, name, step.fen);
    const said = await world.last();
    expect(said?.data.accountPersonId).toBe(person);
    if (known.heldFen > 0) known.heldFen = said?.data.heldFen;
  } else if (step.does === 'adjudicate') {
    // Nothing was held; or it is over, and what was paid of it would count.
    if (known.revision === OVER || (known.heldFen === 0 && known.revision === 0)) return;
    known.revision += 1;
    await world.adjudicated(person, name, step.fen, known.revision);
    Object.assign(known, { heldFen: 0, owedFen: step.fen, dueFen: step.fen });
  } else if (step.does === 'miss' && known.owedFen > 0) {
    await world.misses(person, name, known.owedFen);
  } else if (step.does === 'settle' && known.revision > 0 && known.owedFen > 0) {
    await world.settled(person, name, known.owedFen, known.revision);
    model.visits.set(`${name} is over`, { ...known, owedFen: 0 });
    known.owedFen = 0;
    known.revision = OVER;
  } else if (step.does === 'cancel' && known.revision === 0) {
    await world.cancelled(person, name);
    known.heldFen = 0;
    known.revision = OVER;
  }
};

/** What a merge means for lines, held by both stores. */
export const mergesSuite = (open: () => Promise<Store>, numRuns: number): void => {
  const two = async (): Promise<TwoPersons> =>
    new TwoPersons(new CreditFixture(await open())).enrol();

  test('whatever comes in between, in any order: what is of either goes with it, and comes back', () =>
    fc.assert(
      fc.asyncProperty(fc.array(stepOf, { maxLength: 25, size: 'max' }), async (steps) => {
        const both = await two();
        const { world } = both;
        const model = new Model();
        const shots: { at: Date; of: ReturnType<Model['accounts']> }[] = [];
        for (const step of [...steps, ...last(steps)]) {
          world.clock.advance(1000);
          await take(both, model, step);
          const accounts = model.accounts();
          for (const who of ['merged', 'survivor'] as const) {
            const account = await world.account(both[who]);
            expect([who, account.heldFen, account.outstandingFen]).toEqual([who, ...accounts[who]]);
            await expectEntriesToExplain(world, both[who]);
          }
          shots.push({ at: world.clock.now(), of: accounts });
        }
        expect(model.isMerged).toBe(false);
        for (const { at, of } of shots)
          for (const who of ['merged', 'survivor'] as const) {
            const then = await world.accounts.lineAt(both[who], at);
            expect([then.heldFen, then.outstandingFen]).toEqual(of[who]);
          }
        const holds = await world.store.transact((transaction) =>
          transaction.rows(holdTable).find({}),
        );
        for (const hold of holds)
          expect([hold.accountPersonId, hold.mergedPersonId]).toEqual([hold.personId, null]);
        await expectLinesToFollow(both);
      }),
      { numRuns },
    ));

  test('taken back at once, the lines are what they were, and the entries name the merge', async () => {
    const both = await two();
    const { world, merged, survivor } = both;
    await world.opens(merged, 'v1');
    await world.opens(survivor, 'v2');
    await world.adjudicated(merged, 'v1', 4000);
    await world.opens(merged, 'v3');
    const before = [lineOf(await world.account(merged)), lineOf(await world.account(survivor))];
    await both.merge();
    expect(await world.account(merged)).toMatchObject({
      ...{ status: 'merged', mergedInto: survivor, heldFen: 0, outstandingFen: 0 },
    });
    expect(await world.account(survivor)).toMatchObject({ heldFen: 40_000, outstandingFen: 4000 });
    expect(await world.accounts.summary()).toMatchObject({ openAccounts: 1, lineFen: 100_000 });
    expect(await world.enrolments.show(merged)).toMatchObject({
      ...{ accountPersonId: survivor, heldFen: 40_000, enrolment: 'open' },
    });
    await both.unmerge();
    expect([lineOf(await world.account(merged)), lineOf(await world.account(survivor))]).toEqual(
      before,
    );
    const entries = (await world.entries(survivor)).map(({ kind, visitId, note }) => [
      ...[kind, visitId, note?.startsWith('m-') ?? false],
    ]);
    expect(entries.slice(-4)).toEqual([
      ...[
        ['MergedIn', visitOf('v1'), true],
        ['MergedIn', visitOf('v3'), true],
      ],
      ...[
        ['UnmergedOut', visitOf('v1'), true],
        ['UnmergedOut', visitOf('v3'), true],
      ],
    ]);
  });

  test('one line, not two: while they are one, both are granted what is left of the survivor’s', async () => {
    const both = await two();
    const { world, merged, survivor } = both;
    await both.merge();
    for (const name of ['a', 'b', 'c', 'd']) await world.opens(merged, name);
    await world.opens(survivor, 'e');
    await world.published();
    await world.opens(merged, 'f');
    expect((await world.last())?.data).toMatchObject({ reason: 'OVER_LINE', personId: merged });
    await both.unmerge();
    await world.opens(merged, 'g');
    expect((await world.last())?.data).toMatchObject({ heldFen: 20_000, accountPersonId: merged });
  });

  test('arrears and their freeze count against the survivor, and go back with the visit', async () => {
    const both = await two();
    const { world, merged, survivor } = both;
    await world.opens(merged, 'v1');
    await world.adjudicated(merged, 'v1', 4000);
    await world.misses(merged, 'v1', 4000);
    const frozen = async (): Promise<(string | null)[]> => [
      (await world.account(merged)).frozenReason,
      (await world.account(survivor)).frozenReason,
    ];
    expect(await frozen()).toEqual(['PAYMENT_MISSED', null]);
    await both.merge();
    expect((await frozen())[1]).toBe('PAYMENT_MISSED');
    await world.opens(survivor, 'v2');
    expect((await world.last())?.data).toMatchObject({ reason: 'FROZEN' });
    expect(await world.objections.ofPerson(survivor)).toMatchObject([{ owedFen: 4000 }]);
    await both.unmerge();
    expect(await frozen()).toEqual(['PAYMENT_MISSED', null]);
    expect(await world.objections.ofPerson(survivor)).toEqual([]);
    await both.merge();
    await world.settled(merged, 'v1', 4000);
    expect((await frozen())[1]).toBeNull();
    await both.unmerge();
    expect(await frozen()).toEqual([null, null]);
    const rows = await world.store.transact((transaction) =>
      transaction.rows(arrearsTable).find({}),
    );
    expect(rows).toMatchObject([{ accountPersonId: merged, mergedPersonId: null }]);
  });

  test('a freeze of the desk goes with who is merged, and ends on the survivor’s line with it', async () => {
    const both = await two();
    const { world, merged, survivor } = both;
    await world.accounts.freeze(merged, 'BLACKLISTED');
    await both.merge();
    expect((await world.account(survivor)).frozenReason).toBe('BLACKLISTED');
    const refused = { code: 'PERSON_MERGED', details: { survivorId: survivor } };
    await expect(world.accounts.unfreeze(merged)).rejects.toMatchObject(refused);
    await expect(world.closings.close(merged)).rejects.toMatchObject(refused);
    await both.unmerge();
    expect((await world.account(survivor)).frozenReason).toBeNull();
    expect((await world.account(merged)).frozenReason).toBe('BLACKLISTED');
  });

  test('a ward of who is merged is on the survivor’s line, also one who comes later, and goes back', async () => {
    const both = await two();
    const { world, merged, survivor } = both;
    const child = await world.registered('child', true);
    await world.guardian(child, merged);
    await world.enrolments.open(child);
    await world.opens(child, 'v1');
    await both.merge();
    const second = await world.registered('second child', true);
    await world.guardian(second, merged);
    await world.enrolments.open(second);
    await world.opens(second, 'v2');
    expect((await world.last())?.data).toMatchObject({ accountPersonId: merged });
    expect((await world.account(survivor)).heldFen).toBe(40_000);
    await world.adjudicated(child, 'v1', 3000, 1, merged);
    await expect(world.closings.close(survivor)).rejects.toMatchObject({ code: 'SERVICE_IN_USE' });
    await both.unmerge();
    expect(await world.account(survivor)).toMatchObject({ heldFen: 0, outstandingFen: 0 });
    expect(await world.account(merged)).toMatchObject({ heldFen: 20_000, outstandingFen: 3000 });
    expect(await world.enrolments.show(second)).toMatchObject({ accountPersonId: merged });
  });

  test('a bank lends to whose visit it is, by their own consent and line, also while they are one', async () => {
    const both = new TwoPersons(new CreditFixture(await open(), 'event', bankedBy('city-bank')));
    const { world, merged, survivor } = await both.enrol();
    await world.agreesToBanks(survivor);
    await world.bankLines.runOnce();
    await both.merge();
    const lenderOf = async (name: string): Promise<unknown> => {
      await world.opens(merged, name, 'outpatient', 'card');
      await world.loans.runOnce();
      return (await world.published()).at(-1)?.data.lender?.lenderId;
    };
    await world.published();
    // The survivor agreed, and their number was not shown: no bank is asked for the other.
    expect(await lenderOf('v1')).toBe('city-health-fund');
    expect(world.lender.asked).toEqual([]);
    await both.unmerge();
    await world.agreesToBanks(merged);
    world.lender.lines.set('city-bank', { status: 'granted', lineFen: 30_000 });
    await world.bankLines.runOnce();
    await both.merge();
    await world.published();
    expect(await lenderOf('v2')).toBe('city-bank');
    const { heldFen } = (await world.hold('v2'))!;
    expect(world.lender.asked).toMatchObject([{ accountPersonId: merged, amountFen: heldFen }]);
    // Their own line bounds it, whatever the survivor's has left.
    await world.asks(merged, 'v2', 30_001);
    expect((await world.published()).at(-1)?.data).toMatchObject({ reason: 'OVER_LINE' });
    await world.opens(survivor, 'v3', 'outpatient', 'card');
    await world.loans.runOnce();
    expect(world.lender.asked.at(-1)).toMatchObject({ accountPersonId: survivor });
    await expectEntriesToExplain(world, survivor);
  });

  test('an older message changes nothing, and a merge waits for the one that it follows', async () => {
    const both = await two();
    const { world, merged, survivor } = both;
    const third = await world.enrolled('third');
    await both.says('PersonsMerged', { revision: 1 });
    const chain = { personId: survivor, survivorId: third, revision: 1 };
    await expect(both.says('PersonsMerged', chain)).rejects.toMatchObject({
      ...{ code: 'MERGE_AWAITED', kind: 'awaited' },
    });
    await both.says('PersonsUnmerged', { revision: 2 });
    await both.says('PersonsMerged', { revision: 1 });
    expect((await world.account(merged)).status).toBe('open');
    await both.says('PersonsMerged', chain);
    expect((await world.account(survivor)).status).toBe('merged');
    await expect(both.says('PersonsMerged', { revision: 3 })).rejects.toMatchObject({
      code: 'MERGE_AWAITED',
    });
  });

  test('who closed the survivor’s service has it closed for both ids, and an unmerge opens the other', async () => {
    const both = await two();
    const { world, merged, survivor } = both;
    await both.merge();
    await world.closings.close(survivor);
    await world.opens(merged, 'v1');
    expect((await world.last())?.data).toMatchObject({ reason: 'SERVICE_CLOSED' });
    await both.unmerge();
    await world.opens(merged, 'v2');
    expect((await world.last())?.data).toMatchObject({ heldFen: 20_000 });
    expect((await world.account(survivor)).status).toBe('closed');
  });
};

/** Ends what is merged. */
const last = (steps: readonly Step[]): Step[] => {
  const merges = steps.filter(({ does }) => does === 'merge').length;
  return merges % 2 === 1 ? [{ does: 'merge', whose: 'merged', visit: 0, fen: 0 }] : [];
};

/** Each line is the one of its person's latest score. */
const expectLinesToFollow = async ({ world, merged, survivor }: TwoPersons): Promise<void> => {
  for (const person of [merged, survivor]) {
    const { score, lineFen } = await world.account(person);
    const known = await world.scores.show(person);
    expect([score, lineFen]).toEqual([
      known.score,
      known.score <= 500 ? 50_000 : known.score <= 600 ? 100_000 : 300_000,
    ]);
  }
};

/** Tries again what was overtaken, as the bus does. */
export const again = async (work: () => Promise<void>): Promise<void> => {
  for (let left = 50; ; left -= 1)
    try {
      return await work();
    } catch (error) {
      const isAwaited = error instanceof DomainError && error.kind === 'awaited';
      if (!isAwaited || left === 0) throw error;
    }
};
