import { type LogCopy, MemoryEventStore } from '@caretab/event-store';
import { type AsideWorld, asideWorld, open, post } from '../../test/aside-world';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { streamOf } from '../visit/visit-streams';
import { Visits } from '../visit/visits';
import { SetAside } from './set-aside';

/** The owner of the database takes events of a visit's stream out of the log. */
const A1 = visitIdOfNumber('A1');
const STREAM = streamOf(A1);

let made: AsideWorld;
let whole: LogCopy;
beforeEach(async () => {
  made = await asideWorld();
  await open(made, 'A1');
  await open(made, 'B1');
  await made.settle();
  whole = made.events.log.copied();
});
afterEach(() => made.stop());

const takeAway = (from: number): void =>
  made.events.log.put(whole.filter((one) => one.stream !== STREAM || one.revision < from));

/** A process of the service that remembers nothing yet. */
const fresh = (): AsideWorld => ({ ...made, visits: new Visits(made.events, made.setAside) });
const truncatedAt = (revision: number) => ({
  name: 'StreamFaulty',
  fault: { kind: 'truncated', stream: STREAM, revision },
});

describe('a stream that lost every event', () => {
  beforeEach(() => takeAway(0));

  test('is no new one: its start sent once more opens nothing, and it is set aside', async () => {
    await expect(open(fresh(), 'A1')).rejects.toMatchObject(truncatedAt(0));
    expect(made.events.log.stream(STREAM)).toEqual([]);
    expect(await made.list()).toMatchObject([{ visitId: A1, kind: 'truncated', revision: 0 }]);
    expect(await made.told()).toEqual([`VisitSetAside ${A1}`]);
    await post(made, 'B1', 'C2');
    await open(fresh(), 'C1');
    expect(await made.list()).toHaveLength(1);
  });

  test('is found also by a process that remembers what it was', async () => {
    await expect(post(made, 'A1', 'C2')).rejects.toMatchObject(truncatedAt(0));
    expect(await made.list()).toMatchObject([{ visitId: A1 }]);
  });

  test('has no history and no proof, before any command finds it', async () => {
    const params = { visitId: A1 };
    await expect(made.controller.history({ params })).rejects.toMatchObject({
      code: 'VISIT_SET_ASIDE',
    });
    expect(await made.proofs.proof({ params })).toMatchObject({
      ...{ events: 0, intact: false, faults: [{ kind: 'truncated', revision: 0 }] },
    });
  });

  test('is not forgotten by a rebuild of the views, which have it no more', async () => {
    await made.projection.rebuild();
    expect(await made.rowOf(A1)).toBeUndefined();
    expect(await made.list()).toMatchObject([{ visitId: A1, kind: 'truncated', revision: 0 }]);
    expect(await made.told()).toEqual([`VisitSetAside ${A1}`]);
    await expect(open(fresh(), 'A1')).rejects.toMatchObject(truncatedAt(0));
    await made.projection.rebuild();
    expect(await made.differences()).toEqual([]);
  });

  test.each(['rebuilt', 'not rebuilt'])(
    'goes on once its events are put back, with views %s meanwhile',
    async (views) => {
      await expect(open(fresh(), 'A1')).rejects.toMatchObject(truncatedAt(0));
      if (views === 'rebuilt') await made.projection.rebuild();
      const approval = { reason: 'restored', leavesOut: [] };
      await expect(made.resumption.resume(A1, approval)).rejects.toMatchObject({
        code: 'FACTS_LEFT_OUT',
      });
      made.events.log.put(whole);
      expect(await made.resumption.resume(A1, approval)).toMatchObject({
        ...{ stream: STREAM, events: 4 },
      });
      await post(fresh(), 'A1', 'C2');
      await made.settle();
      expect(await made.rowOf(A1)).toMatchObject({ chargesDeferred: 2, grossFen: 20 });
      expect(await made.differences()).toEqual([]);
      expect(await made.list()).toEqual([]);
    },
  );
});

test('a stream that lost its end is set aside by who remembers it, and goes on without by name', async () => {
  takeAway(3);
  await expect(post(made, 'A1', 'C2')).rejects.toMatchObject(truncatedAt(3));
  const { resumption } = made;
  await expect(resumption.resume(A1, { reason: 'lost', leavesOut: [] })).rejects.toMatchObject({
    code: 'FACTS_LEFT_OUT',
    details: { leavesOut: [3] },
  });
  expect(await resumption.resume(A1, { reason: 'lost', leavesOut: [3] })).toMatchObject({
    stream: `${STREAM}~2`,
    events: 3,
  });
});

test('an older copy of the log blames no stream, and rebuilds no view', async () => {
  made.events.log.put(whole.slice(0, 0));
  const unavailable = { kind: 'unavailable' };
  const { store, clock, place } = made;
  const setAside = new SetAside({
    ...{ store, storeId: 'twin', clock, logger: { error: () => undefined } },
    proveLog: () => place.prove(),
  });
  const visits = new Visits(made.events, setAside);
  await expect(open({ ...made, visits }, 'A1')).rejects.toMatchObject(unavailable);
  expect(await made.list()).toEqual([]);
  // One that others have brought as far since, too.
  const others = new Visits(new MemoryEventStore({ logOf: made.events }));
  for (const number of ['D1', 'E1', 'F1']) await open({ ...made, visits: others }, number);
  await expect(made.projection.rebuild()).rejects.toMatchObject(unavailable);
  expect(await made.rowOf(A1)).toMatchObject({ chargesDeferred: 1 });
});

test('on an older copy a command that has no effect there is not taken for done', async () => {
  await post(made, 'B1', 'C2');
  await made.settle();
  const newest = made.events.log.copied();
  const again = (): Promise<void> =>
    fresh().visits.handle(A1, [caused(commandsOf('A1').start, 'm-again')]);
  made.events.log.put(whole);
  await expect(again()).rejects.toMatchObject({ kind: 'unavailable' });
  made.events.log.put(newest);
  await again();
  expect(made.events.log.stream(STREAM)).toHaveLength(4);
});

test('a process that has not learned of a rebuild elsewhere opens no lost visit again', async () => {
  takeAway(0);
  const late = new SetAside({
    ...{ store: made.store, storeId: 'twin', clock: made.clock },
    logger: { error: () => undefined },
  });
  await late.refresh();
  await made.projection.rebuild();
  const visits = new Visits(made.events, late);
  await expect(open({ ...made, visits }, 'A1')).rejects.toMatchObject(truncatedAt(0));
  expect(made.events.log.stream(STREAM)).toEqual([]);
});

test('a command without effect by what a process remembers is not taken for done on a lost stream', async () => {
  takeAway(0);
  const start = caused(commandsOf('A1').start, 'm-again');
  await expect(made.visits.handle(A1, [start])).rejects.toMatchObject({ name: 'StreamFaulty' });
  expect(await made.list()).toMatchObject([{ visitId: A1, kind: 'truncated' }]);
});

test('views rebuilt while the beginning of a stream is away have all of it once it is back', async () => {
  made.events.log.put(whole.filter((one) => one.stream !== STREAM || one.revision > 1));
  await made.projection.rebuild();
  expect(await made.rowOf(A1)).toBeUndefined();
  expect(await made.list()).toMatchObject([{ visitId: A1, kind: 'truncated', revision: 0 }]);
  made.events.log.put(whole);
  await made.resumption.resume(A1, { reason: 'restored', leavesOut: [] });
  expect(await made.rowOf(A1)).toMatchObject({ chargesDeferred: 1, grossFen: 10 });
  expect(await made.differences()).toEqual([]);
});
