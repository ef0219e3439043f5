import { visitLedgerVisits } from '@caretab/contracts';
import { MemoryBus } from '@caretab/bus';
import { MemoryEventStore } from '@caretab/event-store';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { candidate } from '../../test/candidate';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { ledgerDatabase } from '../../test/ledger-database';
import { VisitPublication } from '../visit/visit-publication';
import { firstStreams, streamOf } from '../visit/visit-streams';
import { Visits } from '../visit/visits';
import { LAG_MS_MAX, LogPlace, onProvenLog } from './log-place';
import { Projection } from './projection';

/** A service on a log that can be put back to an earlier copy under it. */
const world = async () => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const timers = new TestTimers();
  const original = new MemoryEventStore({ clock, timers });
  let log = original;
  const events = {
    head: () => log.head(),
    forget: () => log.forget(),
    readAll: (options: Parameters<MemoryEventStore['readAll']>[0]) => log.readAll(options),
    append: (...append: Parameters<MemoryEventStore['append']>) => log.append(...append),
    readStream: (...read: Parameters<MemoryEventStore['readStream']>) => log.readStream(...read),
  };
  const store = new MemoryStore({ database: ledgerDatabase() });
  const lines: string[] = [];
  const line = (_facts: object, text: string): void => void lines.push(text);
  const place: LogPlace = new LogPlace({
    ...{ events, store, clock, logger: { error: line, info: line } },
    onLost: () => visits.forget(),
  });
  const streams = { ...firstStreams, proven: () => place.prove() };
  const visits = new Visits(onProvenLog(events, place), streams);
  const bus = new MemoryBus(timers);
  const { name, partitions, retentionMs } = visitLedgerVisits;
  await bus.declare([{ name, partitions, retentionMs }]);
  const readers = [
    new Projection(original, store, candidate('twin', timers)),
    new VisitPublication(original, bus, store, candidate('twin', timers)),
  ];
  for (const reader of readers) await reader.start();
  const open = async (number: string): Promise<void> => {
    await visits.handle(visitIdOfNumber(number), [caused(commandsOf(number).start, `m-${number}`)]);
    for (let turn = 0; turn < 20; turn += 1) await timers.advance(100);
  };
  await open('A1');
  /** The log as it is now. */
  const copied = async (): Promise<MemoryEventStore> => {
    const copy = new MemoryEventStore({ clock, timers });
    for await (const page of log.export()) await copy.import(page);
    return copy;
  };
  return {
    ...{ clock, place, visits, lines, open, copied, original },
    /** Another process of the service, which has written nothing. */
    another: () => new Visits(onProvenLog(events, place)),
    put: (other: MemoryEventStore) => void (log = other),
    stop: async () => {
      for (const reader of readers) await reader.stop();
    },
  };
};
let made: Awaited<ReturnType<typeof world>>;
beforeEach(async () => void (made = await world()));
afterEach(() => made.stop());

const unavailable = { kind: 'unavailable' };

test('a process that has written nothing writes nothing on an older copy either', async () => {
  const copy = await made.copied();
  await made.open('B1');
  const other = made.another();
  const start = (number: string): Promise<unknown> =>
    other.handle(visitIdOfNumber(number), [caused(commandsOf(number).start, `m-${number}`)]);
  const head = await copy.head();
  made.put(copy);
  await expect(start('C1')).rejects.toMatchObject(unavailable);
  expect(await copy.head()).toBe(head);
  made.put(made.original);
  await made.place.runOnce();
  await start('C1');
});

describe('an older copy that lacks what no reader has followed yet', () => {
  const start = (visits: Visits, number: string): Promise<unknown> =>
    visits.handle(visitIdOfNumber(number), [caused(commandsOf(number).start, `m-${number}`)]);
  let copy: MemoryEventStore;
  beforeEach(async () => {
    copy = await made.copied();
    await made.stop();
  });

  test('is found by what a command wrote', async () => {
    await start(made.visits, 'B1');
    made.put(copy);
    await expect(made.place.prove()).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('ends at 1, but commands have read or written up to 2'),
    });
    await expect(start(made.visits, 'B1')).rejects.toMatchObject(unavailable);
    made.put(made.original);
    await made.place.runOnce();
    await start(made.visits, 'B1');
  });

  test('is found by what a command read that another process wrote', async () => {
    await start(new Visits(made.original), 'B1');
    await made.visits.look(visitIdOfNumber('B1'));
    made.put(copy);
    await expect(made.visits.look(visitIdOfNumber('B1'))).rejects.toMatchObject(unavailable);
  });

  test('differs from a stream that lost its events while the log went on', async () => {
    await start(made.visits, 'B1');
    await start(new Visits(made.original), 'C1');
    made.original.log.truncate(streamOf(visitIdOfNumber('B1')), 1);
    await made.place.prove();
    await expect(start(made.visits, 'B1')).rejects.toMatchObject({ fault: { kind: 'truncated' } });
  });
});

test('commands without effect that come together share a proof that began after them', async () => {
  const reads = jest.spyOn(made.original, 'readAll');
  await made.place.prove();
  const once = reads.mock.calls.length;
  expect(once).toBeGreaterThan(0);
  reads.mockClear();
  await Promise.all(Array.from({ length: 50 }, () => made.place.prove()));
  expect(reads).toHaveBeenCalledTimes(once);
  const copy = await made.copied();
  await made.open('B1');
  const first = made.place.prove();
  await Promise.resolve();
  made.put(copy);
  await Promise.allSettled([first]);
  await expect(made.place.prove()).rejects.toMatchObject(unavailable);
});

test('a log that is the one that was read is proven, and commands go on', async () => {
  await made.place.runOnce();
  await made.open('B1');
  await made.place.runOnce();
  expect(made.place.degradations()).toEqual([]);
  expect(made.lines).toEqual([]);
});

test('an older copy under the running service takes no command; after half a minute it is a fault', async () => {
  const { place, clock, visits } = made;
  const older = await made.copied();
  await made.open('B1');
  made.put(older);
  await place.runOnce();
  await expect(made.open('C1')).rejects.toMatchObject(unavailable);
  await expect(visits.look(visitIdOfNumber('B1'))).rejects.toMatchObject(unavailable);
  // A new leader may lag.
  expect([place.degradations(), made.lines]).toEqual([[], []]);
  clock.advance(LAG_MS_MAX);
  await place.runOnce();
  expect(place.degradations()).toMatchObject([
    { why: expect.stringContaining('the log ends at 1, but') },
  ]);
  await place.runOnce();
  expect(made.lines).toEqual(['the log is not the one that was read, commands wait']);
  // The right log is back.
  made.put(made.original);
  await place.runOnce();
  expect(place.degradations()).toEqual([]);
  await made.open('C1');
  expect(made.lines.at(-1)).toBe('the log is that of the readers again');
});

test('an older copy that has grown beyond the place since is another log', async () => {
  const { place, clock } = made;
  const older = await made.copied();
  await made.open('B1');
  for (const number of ['D1', 'D2', 'D3'])
    await new Visits(older).handle(visitIdOfNumber(number), [
      caused(commandsOf(number).start, `m-${number}`),
    ]);
  made.put(older);
  await place.runOnce();
  clock.advance(LAG_MS_MAX);
  await place.runOnce();
  expect(place.degradations()).toMatchObject([
    { why: expect.stringMatching(/another event than \w+ has read is at 2/) },
  ]);
  await expect(made.open('C1')).rejects.toMatchObject(unavailable);
});
