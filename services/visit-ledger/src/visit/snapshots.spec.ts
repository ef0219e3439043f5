import { MemoryEventStore } from '@caretab/event-store';
import { eventually } from '@caretab/hospital';
import { MemoryStore } from '@caretab/store';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { alter } from '../../test/intruder';
import {
  open,
  processAt,
  put,
  rowOf,
  snapshotsIn,
  snapshotsSuite,
  writtenDown,
} from '../../test/snapshots.suite';
import { streamOf } from './visit-streams';

const places = { events: new MemoryEventStore(), store: new MemoryStore() };
snapshotsSuite(() => places);

const V1 = visitIdOfNumber('V1');

test('a stream that was restored from an older copy, and went on otherwise, is read whole', async () => {
  const [events, store] = [new MemoryEventStore(), new MemoryStore()];
  const { post } = commandsOf('V1');
  await open(processAt({ events, store }).visits, 'V1', 8);
  const older = events.log.copied();
  await processAt({ events, store }, 'none').visits.handle(V1, [
    caused(post('T8')),
    caused(post('T9'), 'm-9'),
  ]);
  await processAt({ events, store }).visits.look(V1);
  await eventually(async () => expect(await rowOf(store, 'V1')).toMatchObject({ revision: 12 }));
  events.log.put(older);
  const restarted = new MemoryEventStore({ logOf: events });
  // The last event has the id of the one that the row stands on: one cause, at the same place.
  await processAt({ events: restarted, store }, 'none').visits.handle(V1, [
    caused(post('T7-other')),
    caused(post('T9'), 'm-9'),
  ]);
  const { charges } = await processAt({ events: restarted, store }).visits.look(V1);
  expect([...charges.keys()].slice(7)).toEqual(['T7', 'T7-other', 'T9']);
});

test('a fault behind the snapshot is found where the whole read finds the first of them', async () => {
  const [events, store] = [new MemoryEventStore(), new MemoryStore()];
  const { revision } = await writtenDown({ events, store }, 'V1');
  await processAt({ events, store }).visits.handle(V1, [caused(commandsOf('V1').post('T12'))]);
  await alter(events, streamOf(V1), revision + 1);
  await alter(events, streamOf(V1), 4);
  const { visits } = processAt({ events, store });
  await expect(visits.look(V1)).rejects.toMatchObject({ fault: { kind: 'forged', revision: 4 } });
});

test('an event that was altered before the snapshot leaves the visit as it was, and the proof finds it', async () => {
  const [events, store] = [new MemoryEventStore(), new MemoryStore()];
  await writtenDown({ events, store }, 'V1');
  await alter(events, streamOf(V1), 4);
  const { visits } = processAt({ events, store });
  expect([...(await visits.look(V1)).charges.values()].map(({ left }) => left.amountFen)).toEqual(
    Array.from({ length: 12 }, () => 10),
  );
  const { faults } = await events.verifyStream(streamOf(V1));
  expect(faults).toMatchObject([{ kind: 'content', revision: 4 }]);
});

test('without an answer of the database a visit is read whole, and the operator learns of it', async () => {
  const events = new MemoryEventStore();
  let isAway = false;
  const store = new MemoryStore({
    at: () => {
      if (isAway) throw new Error('away');
    },
  });
  const row = await writtenDown({ events, store }, 'V1');
  isAway = true;
  const lines: string[] = [];
  const { visits, reads } = processAt({ events, store }, snapshotsIn(store, { lines }));
  await visits.handle(V1, [caused(commandsOf('V1').post('T12'))]);
  expect(reads).toEqual([0]);
  expect(lines).toEqual(['snapshots of visits failed, retrying']);
  isAway = false;
  await put(store, row);
  expect((await processAt({ events, store }).visits.look(V1)).charges.size).toBe(13);
});
