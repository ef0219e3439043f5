import { topic } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { forgetParked } from './parked-forgetting';
import { parkedTable } from './parked.table';
import { decode, park, reasonOf } from './parking';

test('a message that breaks even its reader is told with it, so that it is parked and its partition goes on', () => {
  const broken = topic({
    name: 'test.tabs',
    authors: ['test'],
    description: 'Breaks.',
    keyField: 'tabId',
    partitions: 1,
    retentionMs: 1000,
    events: Object.defineProperty({}, 'TabRaised', {
      get: () => {
        throw new TypeError('the reader is wrong');
      },
    }),
  });
  const headers = {
    ce_id: 'e-1',
    ce_type: 'TabRaised',
    ce_time: '2026-03-02T08:00:00Z',
    ce_source: 'test',
  };
  const decoded = decode(
    broken,
    {
      topic: 'test.tabs',
      partition: 0,
      offset: 1n,
      key: 'tab-1',
      value: '{}',
      headers,
    },
    { verify: () => undefined },
  );
  expect('error' in decoded && reasonOf(decoded.error)).toEqual({
    code: 'HANDLER_FAILED',
    reason: 'TypeError',
  });
});

const PERSON = 'p-3f2c7a1e-5b60-4d9a-9c1d-2f8a6e4b7c10';
const clock = fixedClock('2026-03-02T08:00:00Z');
/** A store with two parked messages of a person: one that was read, one that was not. */
const withParked = async (value: string) => {
  const store = new MemoryStore();
  const message = {
    ...{ topic: 'test.tabs', partition: 0, key: 'tab-1', value },
    headers: { ce_id: 'e-1' },
  };
  const event = { id: 'e-2', type: 'TabRaised', data: {} };
  const error = new Error('no');
  const how = { group: 'test.group', error, attempts: 1 };
  await store.transact(async (transaction) => {
    await park(transaction, clock, {
      ...how,
      decoded: { message: { ...message, offset: 1n }, error },
    });
    const read = { ...message, key: 'tab-2', offset: 2n };
    await park(transaction, clock, { ...how, decoded: { message: read, event } });
  });
  const rows = () => store.transact((transaction) => transaction.rows(parkedTable).find({}));
  return { store, rows, value: async () => (await rows()).map((row) => row.value) };
};

test('of a message that cannot be read no ID number and no mobile number is kept', async () => {
  const text = '{"idNumber":"11010519491231002X","mobile":"13800000000","amountFen":13800000000}';
  const { value } = await withParked(text);
  const starred = `{"idNumber":"${'*'.repeat(18)}","mobile":"${'*'.repeat(11)}","amountFen":13800000000}`;
  expect(new Set(await value())).toEqual(new Set([starred, text]));
});

test('what cannot be read and names an erased person is emptied and closed; what is read stays', async () => {
  const text = `{"personId":"${PERSON}","name":"周某"}`;
  const { store, rows } = await withParked(text);
  const forget = () =>
    store.transact((transaction) => forgetParked(transaction, PERSON, clock.now()));
  expect(await forget()).toBe(1);
  expect(await forget()).toBe(0);
  const left = (await rows()).map(({ key, status, value }) => [key, status, value]);
  expect(left.sort()).toEqual([
    ['tab-1', 'discarded', ''],
    ['tab-2', 'parked', text],
  ]);
});
