import { candidate } from '../../test/candidate';
import { type AsideWorld, asideWorld, open, post } from '../../test/aside-world';
import { caused, commandsOf, personId, visitIdOfNumber } from '../../test/facts';
import { alter, forge } from '../../test/intruder';
import { Projection } from '../views/projection';
import { visitTable } from '../views/visit.table';
import { Decisions } from '../visit/decisions';
import { VisitPublication } from '../visit/visit-publication';
import { streamOf } from '../visit/visit-streams';
import { Visits } from '../visit/visits';
import { WaitingLimit } from '../visit/waiting-limit';
import { FAULTS_A_MINUTE_MAX, passingBy, SetAside } from './set-aside';

const [A1, B1] = [visitIdOfNumber('A1'), visitIdOfNumber('B1')];

let clock: AsideWorld['clock'];
let made: AsideWorld;
beforeEach(async () => {
  made = await asideWorld();
  clock = made.clock;
});
afterEach(() => made.stop());

describe('a settlement that never took place, in the stream of a visit', () => {
  beforeEach(async () => {
    await open(made, 'A1');
    await made.settle();
    await forge(made.events, streamOf(A1));
    await open(made, 'B1');
    await made.settle();
  });

  test('reaches no topic and no view; the visit is set aside, and others go on', async () => {
    const { sentOf, lines, setAside, controller, proofs, visits, list } = made;
    expect([sentOf(A1).length, sentOf(B1).length]).toEqual([2, 2]);
    expect(await made.rowOf(A1)).toMatchObject({ status: 'open', settledAt: null });
    expect(await made.differences()).toEqual([]);
    expect(await list()).toMatchObject([
      { visitId: A1, kind: 'foreign', revision: 4, continuedIn: null, store: 'twin' },
    ]);
    expect(lines).toEqual(['event of the log is not ours, its visit is set aside']);
    expect(setAside.degradations()).toMatchObject([{ what: 'the log of visits' }]);
    await expect(controller.history({ params: { visitId: A1 } })).rejects.toMatchObject({
      code: 'VISIT_SET_ASIDE',
    });
    expect(await proofs.proof({ params: { visitId: A1 } })).toMatchObject({
      intact: false,
      faults: [{ kind: 'foreign', revision: 4 }],
    });
    await expect(post(made, 'A1', 'C2')).rejects.toMatchObject({ fault: { kind: 'foreign' } });
    await post(made, 'B1', 'C2');
    expect((await visits.look(B1)).charges.size).toBe(2);
  });

  test('is made known once: who holds its money and its line learns that time stands still', async () => {
    expect(await made.told()).toEqual([`VisitSetAside ${A1}`]);
    await made.setAside.note([
      { kind: 'foreign', stream: streamOf(A1), revision: 4, position: 5n, digest: '' },
    ]);
    expect(await made.told()).toHaveLength(1);
  });

  test('leaves a question for a decision unanswered, with the reason', async () => {
    const decisions = new Decisions(made.visits, made.timers);
    expect(await decisions.on(A1, [{ chargeId: 'C1', amountFen: 10 }], 0)).toEqual([
      { chargeId: 'C1', decision: 'undecided', reason: 'VISIT_SET_ASIDE' },
    ]);
  });

  test('lets no deadline of the visit run out', async () => {
    await made.store.transact(async (transaction) => {
      const row = await transaction.rows(visitTable).get({ visitId: A1 });
      await transaction.rows(visitTable).save({ ...row!, waitsUntil: '2026-03-02T08:00:00.000Z' });
    });
    const handled: string[] = [];
    const limit = new WaitingLimit({
      ...{ store: made.store, clock },
      visits: { handle: async (visitId) => void handled.push(visitId) },
      isAside: (visitId) => made.setAside.isAside(visitId),
    });
    await limit.runOnce();
    expect(handled).toEqual([]);
  });

  test('is left out by an operator who names it: the visit goes on in a stream of its own', async () => {
    const { resumption, sentOf, events } = made;
    const reason = 'written by a script of another team';
    await expect(resumption.resume(A1, { reason, leavesOut: [] })).rejects.toMatchObject({
      code: 'FACTS_LEFT_OUT',
      details: { leavesOut: [4] },
    });
    const before = sentOf(A1);
    expect(await resumption.resume(A1, { reason, leavesOut: [4] })).toEqual({
      stream: `${streamOf(A1)}~2`,
      events: 4,
      personId,
    });
    await post(made, 'A1', 'C2');
    await made.settle();
    // Nothing is published under another id, and nothing twice.
    expect(sentOf(A1).slice(0, before.length)).toEqual(before);
    expect(new Set(sentOf(A1)).size).toBe(sentOf(A1).length);
    expect(sentOf(A1)).toHaveLength(before.length + 1);
    expect(await made.rowOf(A1)).toMatchObject({ chargesDeferred: 2, grossFen: 20 });
    expect(await made.differences()).toEqual([]);
    await made.projection.rebuild();
    expect(await made.differences()).toEqual([]);
    expect(await made.rowOf(A1)).toMatchObject({ chargesDeferred: 2, grossFen: 20 });
    expect(await made.told()).toEqual([`VisitSetAside ${A1}`, `VisitResumed ${A1}`]);
    expect(made.setAside.degradations()).toEqual([]);
    const { events: facts } = await made.controller.history({ params: { visitId: A1 } });
    expect(facts.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4]);
    expect(await made.proofs.proof({ params: { visitId: A1 } })).toMatchObject({
      intact: true,
    });
    expect(await events.readStream(`resumption-${A1}`)).toMatchObject([
      { type: 'VisitContinued', data: { reason, leavesOut: [4], kind: 'foreign' } },
    ]);
    await expect(resumption.resume(A1, { reason, leavesOut: [4] })).rejects.toMatchObject({
      code: 'VISIT_NOT_SET_ASIDE',
    });
  });

  test('a process that has not learned of the new stream writes nothing into the old one', async () => {
    const late = new SetAside({
      ...{ store: made.store, storeId: 'twin', clock, logger: { error: () => undefined } },
    });
    const visits = new Visits(made.events, late);
    await made.resumption.resume(A1, { reason: 'tested', leavesOut: [4] });
    await visits.handle(A1, [caused(commandsOf('A1').post('C3'), 'm-late')]);
    expect((await made.events.readStream(`${streamOf(A1)}~2`)).at(-1)).toMatchObject({
      type: 'ChargeDeferred',
    });
  });

  test('a message that was handled before is recognised after the visit went on', async () => {
    await made.resumption.resume(A1, { reason: 'tested', leavesOut: [4] });
    await made.visits.handle(A1, [caused(commandsOf('A1').post('C1'), 'm-A1-3')]);
    expect(await made.events.readStream(`${streamOf(A1)}~2`)).toHaveLength(4);
  });

  test('the new stream may be set aside as the first one was', async () => {
    await made.resumption.resume(A1, { reason: 'tested', leavesOut: [4] });
    await forge(made.events, `${streamOf(A1)}~2`);
    await made.settle();
    expect(await made.list()).toMatchObject([
      { continuedIn: `${streamOf(A1)}~2` },
      { revision: 4 },
    ]);
    await made.resumption.resume(A1, { reason: 'tested', leavesOut: [4] });
    await post(made, 'A1', 'C2');
    await made.settle();
    expect((await made.events.readStream(`${streamOf(A1)}~3`)).length).toBe(5);
    expect(await made.differences()).toEqual([]);
    expect(await made.rowOf(A1)).toMatchObject({ chargesDeferred: 2 });
  });
});

describe('an event that was altered where it is stored', () => {
  test('goes on as it was, once it is mended; what was passed by is caught up on', async () => {
    await open(made, 'A1');
    await made.settle();
    const mend = await alter(made.events, streamOf(A1), 3);
    // Before any view had the charge, an operator rebuilds them: what is not ours is passed by.
    await made.projection.rebuild();
    expect(await made.rowOf(A1)).toMatchObject({ chargesDeferred: 0 });
    expect(await made.list()).toMatchObject([{ visitId: A1, kind: 'forged', revision: 3 }]);
    mend();
    expect(await made.resumption.resume(A1, { reason: 'restored', leavesOut: [] })).toEqual({
      stream: streamOf(A1),
      events: 4,
      personId,
    });
    expect(await made.rowOf(A1)).toMatchObject({ chargesDeferred: 1, grossFen: 10 });
    expect(await made.differences()).toEqual([]);
    expect(await made.list()).toEqual([]);
    await post(made, 'A1', 'C2');
    await made.settle();
    expect(await made.rowOf(A1)).toMatchObject({ chargesDeferred: 2 });
  });

  test('a rebuild without it is noticed by the process that keeps the rows of the views', async () => {
    const { events, store, setAside, projection } = made;
    // All views are kept by another process than the one that rebuilds them.
    await projection.stop();
    const keeper = new Projection(
      passingBy(events, setAside.note),
      store,
      candidate('twin', made.timers),
    );
    await keeper.start();
    await open(made, 'A1');
    await open(made, 'B1');
    await made.settle();
    const mend = await alter(events, streamOf(A1), 3);
    const at = (await events.readStream(streamOf(B1))).length;
    await setAside.note([
      { kind: 'forged', stream: streamOf(A1), revision: 3, position: BigInt(at), digest: '' },
    ]);
    await post(made, 'B1', 'C2');
    await made.settle();
    await projection.rebuild();
    await projection.stop();
    await post(made, 'B1', 'C3');
    await made.settle();
    expect(await made.differences()).toEqual([]);
    mend();
    await made.resumption.resume(A1, { reason: 'restored', leavesOut: [] });
    await post(made, 'B1', 'C4');
    await made.settle();
    expect(await made.differences()).toEqual([]);
    await keeper.stop();
  });

  test('another process publishes what follows, though it has not learned of that yet', async () => {
    await open(made, 'A1');
    const mend = await alter(made.events, streamOf(A1), 3);
    await made.settle();
    await made.stop();
    // A process that knows of the fault, and reads once every two seconds what others decide.
    const { store, events, bus } = made;
    const late = new SetAside({
      store,
      storeId: 'twin',
      clock,
      logger: { error: () => undefined },
    });
    await late.refresh();
    const publication = new VisitPublication(
      events,
      bus,
      store,
      candidate('twin', made.timers),
      late,
    );
    mend();
    await made.resumption.resume(A1, { reason: 'restored', leavesOut: [] });
    await post(made, 'A1', 'C2');
    await publication.start();
    await made.settle();
    await publication.stop();
    const facts = await events.readStream(streamOf(A1));
    expect(made.sentOf(A1)).toContain(facts.at(-1)!.id);
  });

  test('while a batch of views has it under way: that batch notes nothing of it afterwards', async () => {
    await made.stop();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const under = await asideWorld({
      at: (_, what) => (what === 'save set_aside' ? held : undefined),
    });
    await open(under, 'A1');
    const mend = await alter(under.events, streamOf(A1), 3);
    await under.settle();
    expect(under.setAside.isAside(A1)).toBe(true);
    mend();
    const resumed = under.resumption.resume(A1, { reason: 'restored', leavesOut: [] });
    await under.settle();
    release();
    await resumed;
    await under.settle();
    expect(await under.list()).toEqual([]);
    expect(await under.differences()).toEqual([]);
    expect(await under.rowOf(A1)).toMatchObject({ chargesDeferred: 1, grossFen: 10 });
    await under.stop();
  });

  test('and altered again, it is made known again, under an id of its own', async () => {
    await open(made, 'A1');
    await made.settle();
    const reading = (): Promise<unknown> => new Visits(made.events, made.setAside).look(A1);
    const mend = await alter(made.events, streamOf(A1), 3);
    await expect(reading()).rejects.toMatchObject({ fault: { kind: 'forged' } });
    mend();
    await made.resumption.resume(A1, { reason: 'restored', leavesOut: [] });
    clock.advance(60_000);
    await alter(made.events, streamOf(A1), 3);
    await expect(reading()).rejects.toMatchObject({ fault: { kind: 'forged' } });
    const told = await made.store.unpublished(100);
    expect(told.map(({ headers }) => headers['ce_type'])).toEqual([
      ...['VisitSetAside', 'VisitResumed', 'VisitSetAside'],
    ]);
    expect(new Set(told.map(({ headers }) => headers['ce_id'])).size).toBe(3);
  });

  test('is no cause to fold anything twice, where the views had it', async () => {
    await open(made, 'A1');
    await made.settle();
    const mend = await alter(made.events, streamOf(A1), 3);
    await expect(new Visits(made.events, made.setAside).look(A1)).rejects.toMatchObject({
      fault: { kind: 'forged' },
    });
    await open(made, 'B1');
    await made.settle();
    mend();
    await made.resumption.resume(A1, { reason: 'restored', leavesOut: [] });
    expect(await made.rowOf(A1)).toMatchObject({ chargesDeferred: 1, grossFen: 10 });
    expect(await made.differences()).toEqual([]);
  });
});

test('more faults a minute than streams go wrong are no fault of streams: all stops, until a start', async () => {
  const { events, setAside } = made;
  await made.stop();
  for (let number = 0; number <= FAULTS_A_MINUTE_MAX; number += 1) {
    await open(made, `C${number}`);
    await forge(events, streamOf(visitIdOfNumber(`C${number}`)));
  }
  const reading = passingBy(events, setAside.note);
  const unavailable = { kind: 'unavailable' };
  await expect(reading.readAll({ after: 0n, countMax: 1000 })).rejects.toMatchObject(unavailable);
  expect(await made.list()).toEqual([]);
  clock.advance(120_000);
  await expect(reading.readAll({ after: 0n, countMax: 5 })).rejects.toMatchObject(unavailable);
  expect(setAside.degradations()).toMatchObject([{ why: expect.stringContaining('keys') }]);
});
