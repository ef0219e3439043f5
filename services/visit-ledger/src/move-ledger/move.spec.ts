import { MemoryEventStore } from '@caretab/event-store';
import { fixedClock } from '@caretab/doubles';
import type { ReadTo } from '../views/checkpoint.table';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { Visits } from '../visit/visits';
import {
  type MovableLedger,
  moveLedger,
  type MoveParts,
  type MoveReport,
  type ReaderCheckpoints,
} from './move';

const clock = fixedClock('2026-03-02T09:00:00Z');
const EVENTS = 18;

/** Three visits with six facts each, and nothing else. */
const ledger = async (): Promise<MemoryEventStore> => {
  const events = new MemoryEventStore({ clock });
  const visits = new Visits(events);
  for (const number of ['V1', 'V2', 'V3']) {
    const { start, authorize, cover, post, end } = commandsOf(number);
    await visits.handle(
      visitIdOfNumber(number),
      [start, authorize(), cover, post('T1'), end].map((command, index) =>
        caused(command, `m-${number}-${index}`),
      ),
    );
  }
  return events;
};

/** The same log with other positions, in small pages. */
const elsewhere = (
  store: MemoryEventStore,
  position: (own: bigint) => bigint = (own) => own,
  pageMax = 4,
): MemoryEventStore =>
  Object.assign(Object.create(store) as MemoryEventStore, {
    async *export() {
      for await (const page of store.export())
        for (let from = 0; from < page.length; from += pageMax)
          yield page
            .slice(from, from + pageMax)
            .map((event) => ({ ...event, position: position(event.position) }));
    },
  });

const checkpointsAt = (
  views: number,
  publication: number,
  store = 'old',
): ReaderCheckpoints & { rows: ReadTo[] } => {
  const rowOf = (name: string, position: number): ReadTo => ({
    name,
    position: String(position),
    store: position === 0 ? null : store,
    eventId: null,
    before: null,
  });
  const checkpoints = {
    rows: [rowOf('publication', publication), rowOf('views', views)],
    read: async () => checkpoints.rows,
    setAside: async () => [],
    replace: async (changes: Parameters<ReaderCheckpoints['replace']>[0]) =>
      void (checkpoints.rows = checkpoints.rows.map(
        (row) => changes.find(({ was }) => was === row)?.is ?? row,
      )),
  };
  return checkpoints;
};

const move = (
  source: MovableLedger,
  target: MovableLedger,
  more: Partial<MoveParts> = {},
): Promise<MoveReport> =>
  moveLedger({
    source,
    sourceId: 'old',
    target,
    targetId: 'new',
    checkpoints: checkpointsAt(EVENTS, EVENTS),
    clock,
    say: () => undefined,
    dryRun: false,
    ...more,
  });

test('a ledger is copied whole, proven equal, and its readers go on at the same event of the target', async () => {
  const [source, target, checkpoints] = [
    await ledger(),
    new MemoryEventStore(),
    checkpointsAt(7, EVENTS),
  ];
  const report = await move(
    source,
    elsewhere(target, (own) => own * 1000n + 7n),
    { checkpoints },
  );
  expect(report).toMatchObject({
    events: EVENTS,
    streams: 3,
    knownFaults: 0,
    moved: EVENTS,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(checkpoints.rows).toEqual([
    { name: 'publication', position: '18007', store: 'new', eventId: null, before: null },
    { name: 'views', position: '7007', store: 'new', eventId: null, before: null },
  ]);
  expect(await target.readAll({ after: 0n, countMax: 100 })).toEqual(
    await source.readAll({ after: 0n, countMax: 100 }),
  );
  expect((await target.verifyAll()).seal).toBe((await source.verifyAll()).seal);
});

test('done once more, nothing is copied and the same is proven', async () => {
  const [source, target, checkpoints] = [
    await ledger(),
    new MemoryEventStore(),
    checkpointsAt(EVENTS, EVENTS),
  ];
  const first = await move(source, target, { checkpoints });
  const moved = checkpoints.rows;
  expect(await move(source, target, { checkpoints })).toEqual({
    ...first,
    moved: 0,
    checkpoints: [],
  });
  expect(checkpoints.rows).toEqual(moved);
});

test('broken off anywhere, it goes on and is whole in the end', async () => {
  const source = elsewhere(await ledger());
  for (let imports = 0; imports < 5; imports += 1) {
    const [target, checkpoints] = [new MemoryEventStore(), checkpointsAt(EVENTS, EVENTS)];
    let left = imports;
    const dying: MemoryEventStore = Object.assign(Object.create(target) as MemoryEventStore, {
      import: (...args: Parameters<MemoryEventStore['import']>) =>
        (left -= 1) < 0 ? Promise.reject(new Error('killed')) : target.import(...args),
    });
    await expect(move(source, dying, { checkpoints })).rejects.toThrow('killed');
    expect(checkpoints.rows[0]).toMatchObject({ store: 'old' });
    expect(await move(source, target, { checkpoints })).toMatchObject({
      events: EVENTS,
      moved: EVENTS - 4 * imports,
    });
    expect(await target.readAll({ after: 0n, countMax: 100 })).toEqual(
      await source.readAll({ after: 0n, countMax: 100 }),
    );
  }
});

test('a dry run tells what there is to do and writes nothing', async () => {
  const [target, checkpoints] = [new MemoryEventStore(), checkpointsAt(EVENTS, EVENTS)];
  expect(await move(await ledger(), target, { checkpoints, dryRun: true })).toEqual({
    events: EVENTS,
    streams: 3,
    knownFaults: 0,
    moved: EVENTS,
    checkpoints: [],
  });
  expect(await target.head()).toBe(0n);
  expect(checkpoints.rows[0]).toMatchObject({ store: 'old' });
});

/** What only the owner of a store can do. */
const tamper = (store: MemoryEventStore): void => {
  const event = store.log.events[3] as { data: string };
  event.data = event.data.replace('"amountFen":10', '"amountFen":11').replace('HZ001', 'HZ002');
};

describe('a stream that was set aside', () => {
  const setAside = (continuedIn: string | null): MoveParts['checkpoints'] => ({
    ...checkpointsAt(EVENTS, EVENTS),
    setAside: async () => [{ stream: 'visit-HZ001-V1', revision: 3, continuedIn }],
  });

  test('whose visit goes on in another is copied as it is, its fault included', async () => {
    const [source, target] = [await ledger(), new MemoryEventStore()];
    tamper(source);
    const report = await move(source, target, { checkpoints: setAside('visit-HZ001-V1~2') });
    expect(report).toMatchObject({ events: EVENTS, moved: EVENTS, knownFaults: 1 });
    expect((await target.verifyAll()).faults).toEqual((await source.verifyAll()).faults);
    expect((await target.verifyAll()).seal).toBe((await source.verifyAll()).seal);
  });

  test('still refuses what is at fault elsewhere, or before its own fault', async () => {
    const [source, target] = [await ledger(), new MemoryEventStore()];
    tamper(source);
    const later: MoveParts['checkpoints'] = {
      ...checkpointsAt(EVENTS, EVENTS),
      setAside: async () => [
        { stream: 'visit-HZ001-V1', revision: 4, continuedIn: 'visit-HZ001-V1~2' },
      ],
    };
    await expect(move(source, target, { checkpoints: later })).rejects.toThrow(
      'content of event 3 of stream visit-HZ001-V1',
    );
    expect(await target.head()).toBe(0n);
  });

  test('and stands aside is resumed first', async () => {
    await expect(
      move(await ledger(), new MemoryEventStore(), { checkpoints: setAside(null) }),
    ).rejects.toThrow('1 visits stand aside, first HZ001-V1');
  });
});

describe('it is refused', () => {
  test('while not everything is published', async () => {
    await expect(
      move(await ledger(), new MemoryEventStore(), {
        checkpoints: checkpointsAt(EVENTS, EVENTS - 2),
      }),
    ).rejects.toThrow('2 events of the source are not published yet');
    await expect(
      move(await ledger(), new MemoryEventStore(), { checkpoints: checkpointsAt(0, 0) }),
    ).rejects.toThrow('18 events of the source are not published yet');
  });

  test('with checkpoints of a third store, or beyond the end of the source', async () => {
    await expect(
      move(await ledger(), new MemoryEventStore(), {
        checkpoints: checkpointsAt(EVENTS, EVENTS, 'third'),
      }),
    ).rejects.toThrow('was made with third, which is neither old nor new');
    await expect(
      move(await ledger(), new MemoryEventStore(), {
        checkpoints: checkpointsAt(EVENTS, EVENTS + 1),
      }),
    ).rejects.toThrow('the source ends at 18');
  });

  test('when the target holds other events, or went on', async () => {
    const stranger = new MemoryEventStore();
    await stranger.append('visit-X', [{ id: 'x', type: 'VisitOpened', data: {} }], 'none');
    await expect(move(await ledger(), stranger)).rejects.toThrow(
      'after 0 events that are alike it has event 0 of stream visit-X',
    );
    const [source, ahead] = [await ledger(), new MemoryEventStore()];
    await move(source, ahead);
    await ahead.append('visit-X', [{ id: 'x', type: 'VisitOpened', data: {} }], 'none');
    await expect(move(source, ahead)).rejects.toThrow(
      'The target holds all 18 events of the source and more, from event 0 of stream visit-X',
    );
  });

  test('when the source was tampered with; nothing is copied', async () => {
    const [source, target] = [await ledger(), new MemoryEventStore()];
    tamper(source);
    await expect(move(source, target)).rejects.toThrow(
      'The source is not what was recorded: content of event 3 of stream visit-HZ001-V1',
    );
    expect(await target.head()).toBe(0n);
  });

  test('when the target was tampered with after the copy', async () => {
    const [source, target, checkpoints] = [
      await ledger(),
      new MemoryEventStore(),
      checkpointsAt(EVENTS, EVENTS),
    ];
    await move(source, target);
    tamper(target);
    await expect(move(source, target, { checkpoints })).rejects.toThrow(
      'The target is not what was recorded: content of event 3 of stream visit-HZ001-V1',
    );
    expect(checkpoints.rows[0]).toMatchObject({ store: 'old' });
  });

  test('when somebody writes to the source meanwhile', async () => {
    const [source, target] = [await ledger(), new MemoryEventStore()];
    const growing: MemoryEventStore = Object.assign(Object.create(target) as MemoryEventStore, {
      verifyAll: async () => (
        await source.append('visit-X', [{ id: 'x', type: 'VisitOpened', data: {} }], 'none'),
        target.verifyAll()
      ),
    });
    await expect(move(source, growing)).rejects.toThrow(
      'The source grew from 18 events during the move',
    );
  });
});
