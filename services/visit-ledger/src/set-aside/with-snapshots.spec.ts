import { type AsideWorld, asideWorld, open, post } from '../../test/aside-world';
import { visitIdOfNumber } from '../../test/facts';
import { forge } from '../../test/intruder';
import { snapshotTable } from '../visit/snapshot.table';
import { streamOf } from '../visit/visit-streams';

const A1 = visitIdOfNumber('A1');
const STREAM = streamOf(A1);

let made: AsideWorld;
beforeEach(async () => {
  made = await asideWorld({ snapshotEvents: 4 });
  await open(made, 'A1');
  made.visits.forget();
  await made.visits.look(A1);
  await made.settle();
  expect(await snapshots()).toEqual([STREAM]);
  made.visits.forget();
});
afterEach(() => made.stop());

const snapshots = async (): Promise<string[]> =>
  (await made.store.transact((transaction) => transaction.rows(snapshotTable).find({}))).map(
    ({ stream }) => stream,
  );

test('a visit with a snapshot is set aside for an event that is not ours, and goes on without it', async () => {
  await forge(made.events, STREAM);
  await expect(post(made, 'A1', 'C2')).rejects.toMatchObject({
    fault: { kind: 'foreign', revision: 4 },
  });
  await made.settle();
  await expect(post(made, 'A1', 'C2')).rejects.toMatchObject({ fault: { kind: 'foreign' } });
  await made.resumption.resume(A1, { reason: 'not ours', leavesOut: [4] });
  await post(made, 'A1', 'C2');
  made.visits.forget();
  await post(made, 'A1', 'C3');
  await made.settle();
  expect((await made.events.readStream(`${STREAM}~2`)).map(({ type }) => type).slice(3)).toEqual([
    'ChargeDeferred',
    'ChargeDeferred',
    'ChargeDeferred',
  ]);
  expect(await snapshots()).toEqual([STREAM, `${STREAM}~2`]);
  expect(await made.differences()).toEqual([]);
});

test('a stream that is retired is not decided on from its snapshot, by a process that did not know', async () => {
  const end = { id: 'retired', type: 'StreamRetired', data: { to: `${STREAM}~2` } };
  await made.events.append(STREAM, [end], 3);
  await expect(post(made, 'A1', 'C2')).rejects.toMatchObject({ name: 'EventStoreUnavailable' });
  expect(await made.events.readStream(STREAM)).toHaveLength(5);
});

test.each([
  ['every event', 4, { kind: 'truncated', revision: 0 }],
  ['its beginning, the event of the snapshot with it', 4, { kind: 'truncated', revision: 0 }],
])('a stream that lost %s is set aside', async (what, before, fault) => {
  if (what !== 'every event') await post(made, 'A1', 'C2');
  // Else the log ends before what was read of it.
  await open(made, 'B1');
  await made.settle();
  made.visits.forget();
  made.events.log.truncate(STREAM, before);
  await expect(post(made, 'A1', 'C3')).rejects.toMatchObject({ fault });
});

test('a stream that lost its beginning alone is set aside by the next append', async () => {
  await post(made, 'A1', 'C2');
  await made.settle();
  made.visits.forget();
  made.events.log.truncate(STREAM, 3);
  await expect(post(made, 'A1', 'C3')).rejects.toMatchObject({ fault: { kind: 'truncated' } });
  expect((await made.list())[0]).toMatchObject({ visitId: A1, kind: 'truncated' });
});
