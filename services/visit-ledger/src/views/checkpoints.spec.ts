import { hospitalVisitEvents, visitLedgerVisits } from '@caretab/contracts';
import { MemoryEventStore } from '@caretab/event-store';
import { MemoryBus } from '@caretab/bus';
import { MemoryStore } from '@caretab/store';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { candidate } from '../../test/candidate';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { ledgerDatabase } from '../../test/ledger-database';
import { VisitPublication } from '../visit/visit-publication';
import { Visits } from '../visit/visits';
import { checkpointTable } from './checkpoint.table';
import { CheckpointOfAnotherStore } from './checkpoints';
import { Projection } from './projection';

const clock = fixedClock('2026-03-02T09:00:00Z');

const setUp = async () => {
  const timers = new TestTimers();
  const bus = new MemoryBus(timers);
  await bus.declare(
    [visitLedgerVisits, hospitalVisitEvents].map(({ name, partitions, retentionMs }) => ({
      name,
      partitions,
      retentionMs,
    })),
  );
  const events = new MemoryEventStore({ clock, timers });
  const store = new MemoryStore({ database: ledgerDatabase(clock) });
  const { start, post } = commandsOf('V1');
  await new Visits(events).handle(visitIdOfNumber('V1'), [caused(start), caused(post('T1'))]);
  const until = async (check: () => Promise<boolean>): Promise<void> => {
    for (let turn = 0; turn < 500 && !(await check()); turn += 1) await timers.advance(100);
  };
  return { bus, events, store, timers, until };
};

test(
  'a service on another event store refuses to go on from its checkpoints, and ' +
    'neither skips nor repeats anything',
  async () => {
    const { bus, events, store, timers, until } = await setUp();
    const [publication, projection] = [
      new VisitPublication(events, bus, store, candidate('postgres:visit_ledger_events', timers)),
      new Projection(events, store, candidate('postgres:visit_ledger_events', timers)),
    ];
    for (const reader of [publication, projection]) {
      await reader.start();
      await until(async () => (await reader.pending()) === 0);
      await reader.stop();
    }
    const sent = bus.messages(visitLedgerVisits.name).length;
    const before = await store.transact((transaction) =>
      transaction.rows(checkpointTable).find({}),
    );
    expect(before.map(({ name, position, store: of }) => [name, position, of]).sort()).toEqual([
      ['publication', '2', 'postgres:visit_ledger_events'],
      ['views', '2', 'postgres:visit_ledger_events'],
    ]);

    for (const reader of [
      new VisitPublication(events, bus, store, candidate('eventstoredb:caretab', timers)),
      new Projection(events, store, candidate('eventstoredb:caretab', timers)),
    ]) {
      await expect(reader.start()).rejects.toThrow(CheckpointOfAnotherStore);
      await expect(reader.start()).rejects.toThrow(
        'made with the event store postgres:visit_ledger_events, but the service is set to eventstoredb:caretab',
      );
    }
    await expect(
      new Projection(events, store, candidate('eventstoredb:caretab', timers)).rebuild(),
    ).rejects.toThrow(CheckpointOfAnotherStore);
    expect(bus.messages(visitLedgerVisits.name)).toHaveLength(sent);
    expect(
      await store.transact((transaction) => transaction.rows(checkpointTable).find({})),
    ).toEqual(before);
  },
);

test('a checkpoint beyond the end of the log is refused: the log is another, or an older copy', async () => {
  const { bus, events, store, timers, until } = await setUp();
  const publication = new VisitPublication(events, bus, store, candidate('memory', timers));
  await publication.start();
  await until(async () => (await publication.pending()) === 0);
  await publication.stop();
  const empty = new MemoryEventStore({ clock, timers });
  await expect(
    new VisitPublication(empty, bus, store, candidate('memory', timers)).start(),
  ).rejects.toThrow('stands at position 2 of the event store memory, whose events end at 0');
});

test('a service that has read nothing yet may begin on any event store', async () => {
  const { bus, events, store, timers, until } = await setUp();
  await store.transact((transaction) =>
    transaction.rows(checkpointTable).save({
      name: 'publication',
      position: '0',
      store: 'postgres:visit_ledger_events',
      eventId: null,
      before: null,
      ...{ epoch: 0, owner: null, beat: 0 },
    }),
  );
  const publication = new VisitPublication(
    events,
    bus,
    store,
    candidate('eventstoredb:caretab', timers),
  );
  await publication.start();
  await until(async () => (await publication.pending()) === 0);
  await publication.stop();
  expect(bus.messages(visitLedgerVisits.name)).toHaveLength(1);
});

test('at rest, what is pending costs one look at the end of the log', async () => {
  const { bus, events, store, timers, until } = await setUp();
  let reads = 0;
  const counted: MemoryEventStore = Object.assign(Object.create(events) as MemoryEventStore, {
    readAll: (...args: Parameters<MemoryEventStore['readAll']>) => (
      (reads += 1),
      events.readAll(...args)
    ),
  });
  const publication = new VisitPublication(counted, bus, store, candidate('memory', timers));
  expect(await publication.pending()).toBe(2);
  expect(reads).toBe(1);
  await publication.start();
  await until(async () => (await publication.pending()) === 0);
  await publication.stop();
  reads = 0;
  expect(await publication.pending()).toBe(0);
  expect(reads).toBe(0);
});
