import { EventSigner, type EventKeys, KEY_BYTES, TWIN_KEYS } from '@caretab/event-store';
import { fixedClock } from '@caretab/doubles';
import { eventually } from '@caretab/hospital';
import { type OutageLog, systemTimers } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { LedgerEvents } from '../src/ledger-store';
import { sealed, type SnapshotRow, snapshotTable } from '../src/visit/snapshot.table';
import { Snapshots } from '../src/visit/snapshots';
import { stateOf, textOf } from '../src/visit/visit-text';
import { KeptVisits } from '../src/visit/kept-visits';
import { streamOf } from '../src/visit/visit-streams';
import { Visits } from '../src/visit/visits';
import { caused, commandsOf, visitIdOfNumber } from './facts';

export interface Places {
  readonly events: Pick<LedgerEvents, 'append' | 'readStream'>;
  readonly store: Store;
}

export const clock = fixedClock('2026-03-02T09:00:00Z');
const DAY_MS = 86_400_000;
const EVENTS_MIN = 8;
const signer = new EventSigner(TWIN_KEYS);

const logInto = (lines: string[]): OutageLog => {
  const tell = (_facts: object, text: string): void => void lines.push(text);
  return { info: tell, warn: tell, error: tell };
};

export const snapshotsIn = (
  store: Store,
  {
    keys = TWIN_KEYS,
    at = clock,
    lines = [],
  }: {
    readonly keys?: EventKeys;
    readonly at?: typeof clock;
    readonly lines?: string[];
  } = {},
): Snapshots =>
  new Snapshots({
    ...{ store, keys, clock: at, timers: systemTimers, eventsMin: EVENTS_MIN },
    logger: logInto(lines),
  });

/** A process that remembers nothing, and from where on it reads streams. */
export const processAt = (
  { events, store }: Places,
  snapshots: Snapshots | 'none' = snapshotsIn(store),
) => {
  const reads: number[] = [];
  const seen: Places['events'] = {
    append: (...append) => events.append(...append),
    readStream: (stream, options) => {
      reads.push(options?.fromRevision ?? 0);
      return events.readStream(stream, options);
    },
  };
  const used = snapshots === 'none' ? undefined : snapshots;
  return { reads, visits: new Visits(seen, undefined, new KeptVisits(), used) };
};

export const rowOf = (store: Store, number: string): Promise<SnapshotRow | undefined> =>
  store.transact((transaction) =>
    transaction.rows(snapshotTable).get({ stream: streamOf(visitIdOfNumber(number)) }),
  );

export const put = (store: Store, row: SnapshotRow): Promise<void> =>
  store.transact((transaction) => transaction.rows(snapshotTable).save(row));

export const open = async (visits: Visits, number: string, charges = 12): Promise<void> => {
  const { start, authorize, cover, post } = commandsOf(number);
  const posted = Array.from({ length: charges }, (_, at) => post(`T${at}`));
  await visits.handle(
    visitIdOfNumber(number),
    [start, authorize(), cover, ...posted].map((command) => caused(command)),
  );
};

/** The visit is opened by one process, and read by another, which writes it down. */
export const writtenDown = async (places: Places, number: string): Promise<SnapshotRow> => {
  await open(processAt(places).visits, number);
  await processAt(places).visits.look(visitIdOfNumber(number));
  let row: SnapshotRow | undefined;
  await eventually(async () => {
    row = await rowOf(places.store, number);
    expect(row).toBeDefined();
  });
  return row!;
};

/** Whose charges are all gone, so that it shows where it is used. */
const emptied = (row: SnapshotRow): SnapshotRow => {
  const { state, causes } = stateOf(row.state);
  return { ...row, state: textOf({ state: { ...state, charges: new Map() }, causes }) };
};

const OTHER_KEYS: EventKeys = {
  current: 'other',
  keys: new Map([['other', Buffer.alloc(KEY_BYTES, 'other')]]),
};

/** Rows that say something else than the log; none of them may be used. */
const UNFIT: readonly (readonly [string, (row: SnapshotRow) => SnapshotRow])[] = [
  ['of another version of the decider', (row) => sealed({ ...emptied(row), decider: '0' }, signer)],
  ['whose state was changed', emptied],
  [
    'that stands on an event which the stream does not have at that place',
    (row) => sealed({ ...emptied(row), hash: '00'.repeat(32) }, signer),
  ],
  [
    'that stands behind the end of the stream',
    (row) => sealed({ ...emptied(row), revision: row.revision + 5 }, signer),
  ],
  [
    'that is sealed by a key which the ledger does not have',
    (row) => sealed(emptied(row), new EventSigner(OTHER_KEYS)),
  ],
  [
    'with the seal of another visit',
    (row) => ({
      ...sealed({ ...emptied(row), stream: 'visit-HZ001-S0' }, signer),
      stream: row.stream,
    }),
  ],
];

/** Snapshots of visits, on whichever stores. */
export const snapshotsSuite = (places: () => Places): void => {
  const visitId = visitIdOfNumber;
  let count = 0;
  let number: string;
  beforeEach(() => void (number = `S${(count += 1)}`));

  test('a long visit that is not in memory is read from its snapshot on, and is the same', async () => {
    const row = await writtenDown(places(), number);
    const whole = processAt(places(), 'none');
    const short = processAt(places());
    expect(await short.visits.look(visitId(number))).toEqual(
      await whole.visits.look(visitId(number)),
    );
    expect([whole.reads, short.reads]).toEqual([[0], [row.revision]]);
    const { post } = commandsOf(number);
    await short.visits.handle(visitId(number), [caused(post('T0')), caused(post('T99'))]);
    const later = processAt(places());
    const { charges } = await later.visits.look(visitId(number));
    expect([...charges.keys()]).toEqual([
      ...Array.from({ length: 12 }, (_, at) => `T${at}`),
      'T99',
    ]);
    expect(later.reads).toEqual([row.revision]);
  });

  test('a message that was handled before the snapshot is recognised', async () => {
    const { visits } = processAt(places());
    await open(visits, number);
    const { post } = commandsOf(number);
    const again = caused(post('T50'), `again-${number}`);
    await visits.handle(visitId(number), [again]);
    await processAt(places()).visits.look(visitId(number));
    await eventually(async () => expect(await rowOf(places().store, number)).toBeDefined());
    const { causes } = stateOf((await rowOf(places().store, number))!.state);
    expect(causes).toContain(`again-${number}`);
  });

  test('a snapshot has nothing of what was decided after it', async () => {
    await open(processAt(places()).visits, number);
    const next = caused(commandsOf(number).post('T12'), `next-${number}`);
    await processAt(places()).visits.handle(visitId(number), [next]);
    await eventually(async () => expect(await rowOf(places().store, number)).toBeDefined());
    const { state, causes } = stateOf((await rowOf(places().store, number))!.state);
    expect([state.charges.size, causes.has(`next-${number}`)]).toEqual([12, false]);
  });

  test.each(UNFIT)('a snapshot %s is not used', async (_what, change) => {
    const row = await writtenDown(places(), number);
    await put(places().store, change(row));
    const { visits } = processAt(places());
    expect((await visits.look(visitId(number))).charges.size).toBe(12);
    await visits.handle(visitId(number), [caused(commandsOf(number).post('T12'))]);
    expect((await visits.look(visitId(number))).charges.size).toBe(13);
  });

  test('a snapshot that fits is used: the visits above would show one that does not', async () => {
    const row = await writtenDown(places(), number);
    await put(places().store, sealed(emptied(row), signer));
    expect((await processAt(places()).visits.look(visitId(number))).charges.size).toBe(0);
  });

  test('a short visit has none, and one that is settled loses it', async () => {
    await open(processAt(places()).visits, number, 2);
    await processAt(places()).visits.look(visitId(number));
    const long = `${number}-long`;
    await writtenDown(places(), long);
    expect(await rowOf(places().store, number)).toBeUndefined();
    const { end, verdict, pay } = commandsOf(long);
    const { visits } = processAt(places());
    await visits.handle(visitId(long), [caused(end), caused(verdict(120)), caused(pay(120))]);
    await eventually(async () => expect(await rowOf(places().store, long)).toBeUndefined());
    const state = await processAt(places()).visits.look(visitId(long));
    expect(state.status).toBe('settled');
    const stream = streamOf(visitId(long));
    const events = await places().events.readStream(stream);
    const settled = { stream, state, revision: events.length - 1, causes: new Set<string>() };
    expect(snapshotsIn(places().store).take(settled, events)).toBe(false);
  });

  test('a snapshot goes after seven days', async () => {
    await writtenDown(places(), number);
    const in6Days = fixedClock(new Date(clock.now().getTime() + 6 * DAY_MS).toISOString());
    await snapshotsIn(places().store, { at: in6Days }).prune();
    expect(await rowOf(places().store, number)).toBeDefined();
    const in7Days = fixedClock(new Date(clock.now().getTime() + 7 * DAY_MS).toISOString());
    await snapshotsIn(places().store, { at: in7Days }).prune();
    expect(await rowOf(places().store, number)).toBeUndefined();
  });
};
