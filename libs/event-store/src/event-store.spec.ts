import { EventIdTaken } from './errors';
import { eventStoreSuite } from '../test/event-store.suite';
import { otherHandsSuite } from '../test/other-hands.suite';
import { signatureSuite } from '../test/signature.suite';
import { MemoryEventStore, TWIN_KEYS } from './memory-event-store';
import { transferSuite } from '../test/transfer.suite';

eventStoreSuite('the in-memory event store', async () => new MemoryEventStore());
let first: MemoryEventStore | undefined;
afterEach(() => void (first = undefined));
signatureSuite('the in-memory event store', async (keys) => {
  const store = new MemoryEventStore({ keys, ...(first && { logOf: first }) });
  first ??= store;
  return store;
});
let shared: MemoryEventStore;
otherHandsSuite(
  'the in-memory event store',
  async () => {
    shared = new MemoryEventStore();
    return {
      open: async () => new MemoryEventStore({ logOf: shared }),
      copy: async () => {
        const copy = shared.log.copied();
        return async () => shared.log.put(copy);
      },
    };
  },
  {
    truncations: { 'cut before an event': async () => shared.log.truncate('visit-1', 2) },
    refusals: {
      'a right that was taken back': {
        take: async () => shared.log.refuse(true),
        give: async () => shared.log.refuse(false),
      },
    },
  },
);
transferSuite('the in-memory event store', async () => new MemoryEventStore());

const charge = (id: string, data: unknown = {}) => ({ id, type: 'ChargeDeferred', data });

test('shares no object with its callers', async () => {
  const store = new MemoryEventStore();
  const data = { amountFen: 1 };
  await store.append('visit-1', [charge('a', data)], 'none');
  data.amountFen = 2;
  const [read] = await store.readStream('visit-1');
  (read!.data as typeof data).amountFen = 3;
  expect((await store.readStream('visit-1'))[0]!.data).toEqual({ amountFen: 1 });
});

test.each([-3n, 0n])('what stands at position %s without a signature is foreign', async (at) => {
  const { signedAfter: _, ...unbounded } = TWIN_KEYS;
  for (const keys of [TWIN_KEYS, unbounded]) {
    const store = new MemoryEventStore({ keys });
    await store.append('visit-1', [charge('a')], 'none');
    const { seal } = await store.verifyAll();
    const ours = store.log.copied();
    const { signature: _ours, ...row } = ours[0]!;
    store.log.put([{ ...row, id: 'x', revision: 1, position: at }, ...ours].toReversed());
    await expect(store.readStream('visit-1')).rejects.toMatchObject({
      fault: { kind: 'foreign', revision: 1 },
    });
    const { faults, ...rest } = await store.verifyAll();
    expect(faults).toContainEqual(expect.objectContaining({ kind: 'gap', position: at }));
    expect(rest).toMatchObject({ head: 1n, seal });
  }
});

test('takes the time of recording from its clock', async () => {
  const now = new Date('2026-03-02T08:00:00.123Z');
  const store = new MemoryEventStore({ clock: { now: () => now } });
  await store.append('visit-1', [charge('a')], 'none');
  expect((await store.readStream('visit-1'))[0]!.recordedAt).toEqual(now);
});

test('refuses an id that the stream holds at another place', async () => {
  const store = new MemoryEventStore();
  await store.append('visit-1', [charge('a'), charge('b')], 'none');
  await expect(store.append('visit-1', [charge('a')], 1)).rejects.toBeInstanceOf(EventIdTaken);
  await expect(store.append('visit-1', [charge('c'), charge('b')], 1)).rejects.toBeInstanceOf(
    EventIdTaken,
  );
});

test.each([
  ['no events', 'visit-1', []],
  ['a stream without a name', '', [charge('a')]],
  ['an id twice', 'visit-1', [charge('a'), charge('a')]],
  ['half a surrogate pair in a name', 'visit-\ud800', [charge('a')]],
])('stops whoever appends %s', async (_case, stream, events) => {
  await expect(new MemoryEventStore().append(stream, events, 'none')).rejects.toThrow(
    'Invariant broken',
  );
});

test('verifies its chains, and seals the same log with the same seal', async () => {
  const clock = { now: () => new Date('2026-03-02T08:00:00Z') };
  const [one, other] = [new MemoryEventStore({ clock }), new MemoryEventStore({ clock })];
  for (const store of [one, other]) {
    await store.append('visit-1', [charge('a'), charge('b')], 'none');
    await store.append('visit-2', [charge('c')], 'none');
  }
  const report = await one.verifyAll();
  expect(report).toMatchObject({ events: 3, streams: 2, faults: [], head: 3n });
  expect(await other.verifyAll()).toEqual(report);
  await other.append('visit-2', [charge('d')], 0);
  expect((await other.verifyAll()).seal).not.toBe(report.seal);
  expect((await other.verifyAll({ until: 3n })).seal).toBe(report.seal);
});
