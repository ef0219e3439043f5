import type { LinePolicyDocument } from '@caretab/contracts';
import type { Store, Transaction } from '@caretab/store';
import { accountTable } from '../src/account/account.table';
import { type LinePolicy, linePolicies, versionOf } from '../src/policy/line-policy';
import { linesToFollow } from '../src/policy/metrics';
import { CreditFixture, expectEntriesToExplain } from './holds.suite';

const DAY_MS = 86_400_000;
const [, now] = linePolicies as [LinePolicy, LinePolicy];
const source = 'own';

/** The first scores have no line, the lowest lines fall and the highest rise. */
export const stricter: LinePolicyDocument = {
  ...now.document,
  policyId: 'city-line-stricter',
  effectiveFrom: '2026-03-03',
  sources: [{ sourceId: source, title: 'A test.', grade: 'own' }],
  score: { ...now.document.score!, source },
  eligibility: { scoreMin: 300, source },
  bands: [
    { fromScore: 300, toScore: 620, lineFen: 30_000, source },
    { fromScore: 621, toScore: 700, lineFen: 300_000, source },
    { fromScore: 701, toScore: 1000, lineFen: 900_000, source },
  ],
  products: { outpatient: { ...now.document.products.outpatient!, source } },
};
const later: LinePolicyDocument = {
  ...stricter,
  policyId: 'city-line-later',
  effectiveFrom: '2026-03-04',
};

/** A store whose transactions fail at times just before they are committed. */
const failing = (store: Store, fails: () => boolean): Store =>
  new Proxy(store, {
    get: (target, name: keyof Store) =>
      name === 'transact'
        ? (work: (transaction: Transaction) => Promise<unknown>) =>
            target.transact(async (transaction) => {
              const result = await work(transaction);
              if (fails()) throw new Error('the process died');
              return result;
            })
        : target[name],
  });

const approved = async (world: CreditFixture, document: LinePolicyDocument): Promise<string> => {
  const version = versionOf(document);
  await world.desk.put(document, 'ann');
  await world.desk.dryRun(version);
  await world.desk.approve(version, 'ben');
  return version;
};

const followAll = async (world: CreditFixture): Promise<number> => {
  let total = 0;
  for (let count = 1; count > 0; total += count) count = await world.rollout.runOnce();
  return total;
};

/** What policies do, over both stores. */
export const policyDeskSuite = (name: string, open: () => Promise<Store>): void =>
  describe(name, () => {
    let world: CreditFixture;
    let people: string[];
    const SCORES = [200, 300, 620, 640, 700, 701, 760];

    beforeEach(async () => {
      world = new CreditFixture(await open());
      people = [];
      for (const score of SCORES) people.push(await world.enrolled(`p${score}`, score));
      await world.rollout.runOnce();
      await world.published();
    });

    test('a draft is put once, tried, approved by another and in force from its day', async () => {
      const version = versionOf(stricter);
      const put = await world.desk.put(stricter, 'ann');
      expect(put).toMatchObject({ created: true, policy: { version, state: 'draft' } });
      expect((await world.desk.put(stricter, 'cay')).created).toBe(false);
      await expect(world.desk.approve(version, 'ben')).rejects.toMatchObject({
        code: 'LINE_POLICY_NOT_TRIED',
      });
      await world.desk.dryRun(version);
      expect(await world.desk.approve(version, 'ben')).toMatchObject({
        ...{ state: 'approved', putBy: 'ann', approvedBy: 'ben' },
      });
      expect(await world.rollout.runOnce()).toBe(0);
      world.clock.set('2026-03-02T15:59:59Z');
      expect(await world.rollout.runOnce()).toBe(0);
      // Midnight in Shanghai.
      world.clock.set('2026-03-02T16:00:00Z');
      expect(await world.rollout.runOnce()).toBe(2);
      const { policy } = await world.desk.show(version);
      expect(policy).toMatchObject({ state: 'in-force', followed: { accounts: 2, waiting: 5 } });
      expect(await linesToFollow(world.store, world.policies)).toBe(5);
      expect(await followAll(world)).toBe(5);
      expect((await world.desk.show(now.version)).policy.state).toBe('replaced');
      expect(await followAll(world)).toBe(0);
    });

    test('a dry run equals what then happens, to the fen and band by band', async () => {
      await world.opens(people[2]!, 'v', 'inpatient');
      const version = await approved(world, stricter);
      const { dryRun } = (await world.desk.show(version)).policy;
      expect(dryRun).toMatchObject({
        ...{ accounts: 7, unchanged: 1 },
        raised: { accounts: 1, changeFen: 400_000 },
        lowered: { accounts: 5, changeFen: -50_000 - 20_000 - 270_000 - 200_000 - 1_100_000 },
        overLine: { accounts: 1, fen: 170_000 },
      });
      expect(dryRun!.bands.map(({ fromScore, accounts }) => [fromScore, accounts])).toEqual([
        [0, 1],
        [300, 2],
        [621, 2],
        [701, 2],
      ]);
      const listed = (await world.desk.changes(version)).changes;
      world.clock.advance(DAY_MS);
      await followAll(world);
      const { followed } = (await world.desk.show(version)).policy;
      expect(followed).toEqual({
        ...{ accounts: 7, waiting: 0, raised: dryRun!.raised, lowered: dryRun!.lowered },
      });
      const events = (await world.published()).filter(({ type }) => type === 'LineChanged');
      expect(events.map(({ data }) => [data.personId, data.fromFen, data.lineFen]).sort()).toEqual(
        listed
          .map(({ accountPersonId, lineFen, newLineFen }) => [accountPersonId, lineFen, newLineFen])
          .sort(),
      );
      expect((await world.accounts.summary()).overLineFen).toBe(dryRun!.overLine.fen);
    });

    test('what is held above the new line stays, and nothing more is granted until it fits', async () => {
      const person = people[2]!;
      await world.opens(person, 'stay', 'outpatient');
      await world.asks(person, 'stay', 100_000);
      await approved(world, stricter);
      world.clock.advance(DAY_MS);
      await followAll(world);
      expect(await world.account(person)).toMatchObject({
        ...{ lineFen: 30_000, heldFen: 100_000, overLineFen: 70_000 },
      });
      await world.published();
      await world.opens(person, 'next');
      await world.asks(person, 'stay', 100_001);
      const reasons = (await world.published()).map(({ data }) => data.reason);
      expect(reasons).toEqual(['OVER_LINE', 'OVER_LINE']);
      await world.adjudicated(person, 'stay', 5000);
      await world.opens(person, 'third');
      expect((await world.hold('third'))?.heldFen).toBe(20_000);
      await expectEntriesToExplain(world, person);
    });

    test('every line follows exactly once, however often the job is cut off', async () => {
      const version = await approved(world, stricter);
      world.clock.advance(DAY_MS);
      let turns = 0;
      const restless = new CreditFixture(
        failing(world.store, () => (turns += 1) % 3 === 0),
        'restless',
      );
      restless.clock.set(world.clock.now().toISOString());
      for (let round = 0; round < 40; round++)
        await Promise.allSettled([restless.rollout.runOnce(), world.rollout.runOnce()]);
      await followAll(world);
      for (const person of people) {
        const sets = (await world.entries(person)).filter(({ kind }) => kind === 'LineSet');
        expect(sets.map(({ note }) => note)).toEqual([version]);
        await expectEntriesToExplain(world, person);
      }
      const changed = (await world.published()).filter(({ type }) => type === 'LineChanged');
      expect(new Set(changed.map(({ data }) => data.personId)).size).toBe(changed.length);
      expect((await world.desk.show(version)).policy.followed.accounts).toBe(people.length);
    });

    test('a score that comes while lines follow gives the line of the policy in force', async () => {
      const version = await approved(world, stricter);
      world.clock.advance(DAY_MS);
      await world.rollout.runOnce();
      const scoredAt = world.clock.now();
      for (const person of people)
        await world.scores.put(person, { score: 705, scoredAt, approvedBy: 'op-2' });
      await followAll(world);
      for (const person of people)
        expect(await world.account(person)).toMatchObject({ lineFen: 900_000, policyId: version });
    });

    test('a process whose clock is behind takes no line back', async () => {
      const version = await approved(world, stricter);
      world.clock.advance(DAY_MS);
      await followAll(world);
      const person = people[6]!;
      world.clock.set('2026-03-02T15:59:59Z');
      expect(await world.rollout.runOnce()).toBe(0);
      const scored = { score: 755, scoredAt: world.clock.now(), approvedBy: 'op-2' };
      await world.scores.put(person, scored);
      expect(await world.account(person)).toMatchObject({ lineFen: 900_000, policyId: version });
    });

    test('whoever opens the service while a policy comes into force follows it in the end', async () => {
      await approved(world, stricter);
      const person = await world.enrolled('late', 640);
      world.clock.advance(DAY_MS);
      await followAll(world);
      const last = await world.enrolled('last', 640);
      await followAll(world);
      for (const each of [person, last]) expect((await world.account(each)).lineFen).toBe(300_000);
    });

    test('what is flawed, of another city, too late or of a taken day is refused', async () => {
      const put = (changes: Partial<LinePolicyDocument>) =>
        world.desk.put({ ...stricter, ...changes }, 'ann');
      await expect(put({ bands: stricter.bands.slice(1) })).rejects.toMatchObject({
        ...{ code: 'LINE_POLICY_FLAWED' },
        details: { faults: [{ field: '/bands/0', why: expect.stringContaining('300 to 620') }] },
      });
      await expect(put({ region: '350200' })).rejects.toMatchObject({
        code: 'LINE_POLICY_OF_OTHER_REGION',
      });
      const today = { ...stricter, effectiveFrom: '2026-03-02' };
      await expect(approved(world, today)).rejects.toMatchObject({ code: 'LINE_POLICY_TOO_LATE' });
      await approved(world, stricter);
      const same = { ...later, effectiveFrom: stricter.effectiveFrom };
      await expect(approved(world, same)).rejects.toMatchObject({ code: 'LINE_POLICY_DAY_TAKEN' });
      await expect(world.desk.show('city-line-nowhere.0123456789abcdef')).rejects.toMatchObject({
        code: 'LINE_POLICY_UNKNOWN',
      });
    });

    test('a policy that is dropped before its day never comes into force; one in force stays', async () => {
      const version = await approved(world, stricter);
      const next = await approved(world, later);
      await world.desk.drop(next, 'cay');
      await world.desk.drop(next, 'cay');
      await expect(world.desk.approve(next, 'ben')).rejects.toMatchObject({
        code: 'LINE_POLICY_OVER',
      });
      world.clock.advance(3 * DAY_MS);
      await followAll(world);
      expect((await world.account(people[0]!)).policyId).toBe(version);
      await expect(world.desk.drop(version, 'cay')).rejects.toMatchObject({
        code: 'LINE_POLICY_OVER',
      });
      const { policies } = await world.desk.list();
      expect(policies.map(({ policyId, state }) => [policyId, state])).toEqual([
        ['city-line-2016', 'replaced'],
        ['city-line-2023', 'replaced'],
        ['city-line-later', 'dropped'],
        ['city-line-stricter', 'in-force'],
      ]);
    });

    test('the line of a person at any instant is what its entries say', async () => {
      const person = people[6]!;
      const before = world.clock.now();
      const version = await approved(world, stricter);
      world.clock.advance(DAY_MS);
      await followAll(world);
      const after = world.clock.now();
      world.clock.advance(1000);
      await world.opens(person, 'v');
      expect(await world.accounts.lineAt(person, before)).toMatchObject({
        ...{ lineFen: 2_000_000, policyId: now.version, status: 'open', heldFen: 0 },
      });
      expect(await world.accounts.lineAt(person, after)).toMatchObject({
        ...{ lineFen: 900_000, policyId: version, since: after, heldFen: 0 },
      });
      expect((await world.accounts.lineAt(person, world.clock.now())).heldFen).toBe(20_000);
      await world.accounts.freeze(person, 'OVERDUE');
      const frozen = world.clock.now();
      world.clock.advance(1000);
      await world.accounts.unfreeze(person);
      const reasons = [after, frozen, world.clock.now()].map(
        async (at) => (await world.accounts.lineAt(person, at)).frozenReason,
      );
      expect(await Promise.all(reasons)).toEqual([null, 'OVERDUE', null]);
      const tomorrow = new Date(world.clock.now().getTime() + DAY_MS);
      expect(() => world.accounts.lineAt(person, tomorrow)).toThrow('REQUEST_INVALID');
      await expect(
        world.accounts.lineAt(person, new Date(before.getTime() - 1)),
      ).rejects.toMatchObject({ code: 'NOT_ENROLLED' });
    });

    test('lines that were opened before versions stood beside the policy follow it too', async () => {
      const person = people[3]!;
      const account = await world.account(person);
      await world.store.transact((transaction) =>
        transaction.rows(accountTable).save({ ...account, policyId: 'city-line-2023' }),
      );
      expect(await followAll(world)).toBe(1);
      expect((await world.account(person)).policyId).toBe(now.version);
      expect(await world.published()).toEqual([]);
    });
  });
