import { messagingMigrations } from '@caretab/bus';
import { testDatabase, type TestDatabase } from '@caretab/doubles';
import { MemoryStore, type Store, TypeOrmStore } from '@caretab/store';
import fc from 'fast-check';
import { adjudication } from '..';
import { centreWorld } from '../../test/centre-world';

let world: Awaited<ReturnType<typeof centreWorld>>;
let database: TestDatabase;
let store: Store;
let count = 0;
const fresh = () => `order-${++count}`;

beforeAll(async () => {
  database = await testDatabase();
  store = await TypeOrmStore.open({
    ...{ url: database.url, schema: 'centre_orders', tables: adjudication.tables },
    migrations: [...messagingMigrations, ...adjudication.migrations],
  });
  world = await centreWorld();
});
afterEach(() => {
  world.crashesAt([]);
  for (const infno of ['2207', '2208', '2601', '5203']) world.centre.behave(infno, []);
});
afterAll(async () => {
  await world.stop();
  await store.close();
  await database.drop();
});

/** Settles a visit, with these messages going so; the order's end, and what the centre has. */
const settles = async (
  on: Store,
  behaviours: Readonly<Record<string, readonly string[]>> = {},
  crashes: readonly number[] = [],
) => {
  const mdtrtId = await world.registers();
  for (const [infno, each] of Object.entries(behaviours)) world.centre.behave(infno, each);
  const { places, ends } = world.ordersOn(on);
  const orderId = fresh();
  await places(orderId, world.settling(mdtrtId));
  world.crashesAt(crashes);
  world.asked.length = 0;
  return { row: await ends(orderId), stands: world.inForce(mdtrtId), mdtrtId };
};

test.each<[string, Record<string, string[]>, string[]]>([
  ['nothing is lost', {}, ['2207', '5203']],
  ['the answer is lost', { 2207: ['lost'] }, ['2207', '5203']],
  ['the centre fails, and did it', { 2207: ['error-done'] }, ['2207', '5203']],
  ['the message is lost', { 2207: ['dropped'] }, ['2207', '5203', '2601', '2207', '5203']],
  ['it is done twice', { 2207: ['doubled'] }, ['2207', '5203', '2601', '2207', '5203']],
  ['the answer is forged', { 2207: ['forged'] }, ['2207', '5203']],
  ['5203 is lost too', { 2207: ['lost'], 5203: ['dropped'] }, ['2207', '5203', '5203']],
  [
    'the undoing is lost too',
    { 2207: ['dropped'], 2601: ['lost'] },
    ['2207', '5203', '2601', '2601', '2207', '5203'],
  ],
])('where %s the centre has one settlement, which is ours', async (_, behaviours, messages) => {
  const { row, stands } = await settles(store, behaviours);
  expect(row).toMatchObject({ step: 'done', settlement: { totalFen: 1_000, fundFen: 700 } });
  expect(stands.map(({ setlId }) => setlId)).toEqual([row.settlement!.setlId]);
  expect(world.asked).toEqual(messages);
});

test('an answer with wrong sums is kept as a doubt; what 5203 says is adopted', async () => {
  const { row, stands } = await settles(store, { 2207: ['wrong-sum'] });
  expect(row).toMatchObject({ step: 'done', settlement: { fundFen: 700 } });
  expect(row.doubts.map(({ code }) => code)).toEqual(expect.arrayContaining(['FUND_DIFFERS']));
  expect(stands).toHaveLength(1);
});

test('what the centre says wrongly again and again is held for a person, and not adopted', async () => {
  const always = Array<string>(40).fill('wrong-sum');
  const { row, stands } = await settles(store, { 2207: always, 5203: always });
  expect(row).toMatchObject({ step: 'held', nextAttemptAt: null, settlement: null });
  expect(row.doubts.length).toBeLessThanOrEqual(10);
  expect(stands).toHaveLength(1);
});

test('a plain no is a no, and nothing is settled', async () => {
  const { row, stands } = await settles(store, { 2207: ['refused'] });
  expect([row.step, stands]).toEqual(['refused', []]);
  expect(world.asked).toEqual(['2207']);
});

test('a centre that does not undo: a person looks, and nothing more is sent', async () => {
  const { row } = await settles(store, { 2207: ['dropped'], 2601: ['refused'] });
  expect(row).toMatchObject({ step: 'held', last: 'refused' });
});

test.each([0, 1, 2, 3])('a crash at step %i ends in one settlement', async (crash) => {
  const { row, stands } = await settles(store, {}, [crash]);
  expect(row.step).toBe('done');
  expect(stands.map(({ setlId }) => setlId)).toEqual([row.settlement!.setlId]);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
  'a crash at step %i, where the first message was lost, ends in one settlement',
  async (crash) => {
    const { row, stands } = await settles(store, { 2207: ['dropped'] }, [crash]);
    expect(row.step).toBe('done');
    expect(stands.map(({ setlId }) => setlId)).toEqual([row.settlement!.setlId]);
  },
);

test('a settlement is cancelled once, also where the answer is lost', async () => {
  for (const lost of ['ok', 'lost', 'dropped']) {
    const { row, mdtrtId } = await settles(store);
    world.centre.behave('2208', [lost]);
    const { places, ends } = world.ordersOn(store);
    const orderId = fresh();
    const data = { mdtrt_id: mdtrtId, setl_id: row.settlement!.setlId };
    await places(orderId, data, '2208');
    expect((await ends(orderId)).step).toBe('done');
    expect(world.inForce(mdtrtId)).toEqual([]);
  }
});

test('the same order again is one; with other content it is a conflict', async () => {
  const { places } = world.ordersOn(store);
  const [orderId, data] = [fresh(), world.settling('M1')];
  const first = await places(orderId, data);
  expect((await places(orderId, data)).stamp).toBe(first.stamp);
  await expect(places(orderId, { ...data, medfee_sumamt: '11.00' })).rejects.toMatchObject({
    code: 'CENTRE_ORDER_CONFLICT',
  });
});

const lossy = fc.array(
  fc.constantFrom(
    ...['ok', 'lost', 'dropped', 'error', 'error-done', 'doubled', 'forged', 'wrong-sum'],
  ),
  { maxLength: 3 },
);
const losing = fc.array(fc.constantFrom('ok', 'lost', 'dropped', 'error', 'error-done'), {
  maxLength: 3,
});

test(
  'whatever is lost, doubled or forged, and wherever the process dies: one settlement, the one known',
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({ 2207: lossy, 5203: lossy, 2601: losing }),
        fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 }),
        async (behaviours, crashes) => {
          const { row, stands } = await settles(new MemoryStore(), behaviours, crashes);
          expect(row.step).toBe('done');
          expect(stands.map(({ setlId }) => setlId)).toEqual([row.settlement!.setlId]);
        },
      ),
      { numRuns: 25 },
    ),
  120_000,
);
