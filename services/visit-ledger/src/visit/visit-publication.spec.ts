import { hospitalVisitEvents, message, read, visitLedgerVisits } from '@caretab/contracts';
import { MemoryEventStore } from '@caretab/event-store';
import { type Bus, busOfAll, BusStrategy, MemoryBus, parkedTable, TWIN_PARTS } from '@caretab/bus';
import { MemoryStore, type Store } from '@caretab/store';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { candidate } from '../../test/candidate';
import { checkpointTable } from '../views/checkpoint.table';
import {
  at,
  caused,
  chargeOf,
  commandsOf,
  noGuardians,
  noLaterClaims,
  personId,
  rulesByDefault,
  rulesOfAll,
  visitIdOfNumber,
} from '../../test/facts';
import { ledgerDatabase } from '../../test/ledger-database';
import { VisitConsumer } from './visit.consumer';
import { VisitPublication } from './visit-publication';
import { publicMessage } from './visit.publisher';
import { streamOf } from './visit-streams';
import { Visits } from './visits';

const clock = fixedClock('2026-03-02T09:00:00Z');
const HOUR_MS = 3_600_000;
const timely = {
  clock,
  tolerances: { aheadMs: 7_200_000, behindMs: 1096 * 86_400_000, orderMs: 7_200_000 },
  rules: rulesOfAll(rulesByDefault),
  claims: noLaterClaims,
  waitMs: 72 * HOUR_MS,
};
const timers = new TestTimers();
/** Lets time pass until it has come to pass. */
const until = async (check: () => Promise<boolean> | boolean): Promise<void> => {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (await check()) return;
    await timers.advance(100);
  }
  throw new Error('did not come to pass');
};

const setUp = async () => {
  const bus = new MemoryBus(timers);
  await bus.declare(
    [visitLedgerVisits, hospitalVisitEvents].map(({ name, partitions, retentionMs }) => ({
      name,
      partitions,
      retentionMs,
    })),
  );
  const events = new MemoryEventStore({ clock, timers });
  return {
    bus,
    events,
    store: new MemoryStore({ database: ledgerDatabase(clock) }),
    visits: new Visits(events),
  };
};
const publishedBy = (bus: MemoryBus): { id: string; type: string }[] =>
  bus
    .messages(visitLedgerVisits.name)
    .map((sent) => read(visitLedgerVisits, sent))
    .map(({ id, type }) => ({ id, type }));
const wholeVisit = async (visits: Visits, number: string): Promise<void> => {
  const { start, authorize, cover, post, end } = commandsOf(number);
  await visits.handle(
    visitIdOfNumber(number),
    [start, authorize(), cover, post('T1'), end].map((command) => caused(command)),
  );
};
const PUBLIC = ['VisitOpened', 'ChargeDeferred', 'VisitClosed'];

describe('publication', () => {
  test('tells public facts in order, and keeps private ones', async () => {
    const { bus, events, store, visits } = await setUp();
    const publication = new VisitPublication(events, bus, store, candidate('memory', timers));
    await publication.start();
    await wholeVisit(visits, 'V1');
    await until(async () => (await publication.pending()) === 0);
    await publication.stop();
    expect(publishedBy(bus).map(({ type }) => type)).toEqual(PUBLIC);
    const [first] = bus
      .messages(visitLedgerVisits.name)
      .map((sent) => read(visitLedgerVisits, sent));
    expect(first).toMatchObject({
      id: (await events.readStream(streamOf(visitIdOfNumber('V1'))))[0]!.id,
      source: 'visit-ledger',
      causationId: expect.stringMatching(/^m-/),
    });
  });

  test('that crashed between sending and its checkpoint sends the same ids again and skips nothing', async () => {
    const { bus, events, store, visits } = await setUp();
    let isDying = true;
    const dying: Store = Object.assign(Object.create(store) as Store, {
      transact: (work: Parameters<Store['transact']>[0]) =>
        store.transact(async (transaction) => {
          const result = await work(transaction);
          if (isDying && bus.messages(visitLedgerVisits.name).length > 0)
            throw new Error('killed before the commit');
          return result;
        }),
    });
    const killed = new VisitPublication(events, bus, dying, candidate('memory', timers));
    await killed.start();
    await wholeVisit(visits, 'V1');
    await until(() => publishedBy(bus).length > 0);
    await killed.stop();
    isDying = false;
    await wholeVisit(visits, 'V2');
    const next = new VisitPublication(events, bus, store, candidate('memory', timers));
    await next.start();
    await until(async () => (await next.pending()) === 0);
    await next.stop();
    const ids = publishedBy(bus).map(({ id }) => id);
    const unique = [...new Set(ids)];
    expect(ids.length).toBeGreaterThan(unique.length);
    const recorded = (await events.readAll({ after: 0n, countMax: 100 }))
      .filter(({ type }) => PUBLIC.includes(type))
      .map(({ id }) => id);
    expect([...unique].sort()).toEqual([...recorded].sort());
  });

  test('whose checkpoint cannot be written for a while sends each fact once', async () => {
    const { bus, events, store, visits } = await setUp();
    let refused = 0;
    const refusing: Store = Object.assign(Object.create(store) as Store, {
      transact: (work: Parameters<Store['transact']>[0]) =>
        store.transact(async (transaction) => {
          const result = await work(transaction);
          if (refused < 5 && bus.messages(visitLedgerVisits.name).length > 0)
            throw new Error(`refused ${(refused += 1)}`);
          return result;
        }),
    });
    const publication = new VisitPublication(events, bus, refusing, candidate('memory', timers));
    await publication.start();
    await wholeVisit(visits, 'V1');
    await until(() => refused === 5);
    await until(async () => (await publication.pending()) === 0);
    await publication.stop();
    expect(publishedBy(bus).map(({ type }) => type)).toEqual(PUBLIC);
  });

  test('of two processes sends each fact once', async () => {
    const { bus, events, store, visits } = await setUp();
    const both = [
      new VisitPublication(events, bus, store, candidate('memory', timers)),
      new VisitPublication(events, bus, store, candidate('memory', timers)),
    ];
    await Promise.all(both.map((each) => each.start()));
    for (let number = 0; number < 20; number += 1) await wholeVisit(visits, `V${number}`);
    await until(async () =>
      (await Promise.all(both.map((each) => each.pending()))).every((left) => left === 0),
    );
    await Promise.all(both.map((each) => each.stop()));
    expect(publishedBy(bus)).toHaveLength(60);
    expect(new Set(publishedBy(bus).map(({ id }) => id)).size).toBe(60);
  });

  test('goes on when the bus was away', async () => {
    const { bus, events, store, visits } = await setUp();
    let failures = 2;
    const flaky: Bus = Object.assign(Object.create(bus) as Bus, {
      send: (...args: Parameters<Bus['send']>) =>
        (failures -= 1) >= 0 ? Promise.reject(new Error('away')) : bus.send(...args),
    });
    const publication = new VisitPublication(events, flaky, store, candidate('memory', timers));
    await publication.start();
    await wholeVisit(visits, 'V1');
    await until(async () => (await publication.pending()) === 0);
    await publication.stop();
    expect(publishedBy(bus).map(({ type }) => type)).toEqual(PUBLIC);
    expect(
      await store.transact((transaction) =>
        transaction.rows(checkpointTable).get({ name: 'publication' }),
      ),
    ).toMatchObject({ position: '6' });
  });
});

describe('a batch of a hospital’s reports', () => {
  const source = 'hospital/HZ001';
  const place = (visitNumber: string) => ({
    visitId: visitIdOfNumber(visitNumber),
    institutionId: 'HZ001',
    visitNumber,
  });
  const started = (number: string) =>
    message(
      hospitalVisitEvents,
      'VisitStarted',
      { ...place(number), personId, visitClass: 'outpatient', startedAt: at },
      { id: `start-${number}`, time: clock.now(), source },
    );
  const posted = (
    number: string,
    chargeId: string,
    amountFen = 100,
    id = `charge-${number}-${chargeId}`,
  ) =>
    message(
      hospitalVisitEvents,
      'ChargePosted',
      { ...place(number), charge: chargeOf(chargeId, amountFen) },
      { id, time: clock.now(), source },
    );
  const takenBack = (number: string, chargeId: string) =>
    message(
      hospitalVisitEvents,
      'ChargeCredited',
      { ...place(number), creditId: 'C1', chargeId, amountFen: 100, creditedAt: at },
      { id: `return-${number}`, time: clock.now(), source },
    );
  const updated = (number: string, department: string, minute: number) =>
    message(
      hospitalVisitEvents,
      'VisitUpdated',
      { ...place(number), department, updatedAt: `2026-03-02T09:${minute}:00+08:00` },
      { id: `update-${number}-${minute}`, time: clock.now(), source },
    );
  const raw = (one: ReturnType<typeof started>) => ({
    key: one.key,
    headers: one.headers,
    value: JSON.stringify(one.value),
  });
  const eventOf = (one: ReturnType<typeof started>) => read(hospitalVisitEvents, raw(one));

  test('yields nothing new when it comes again, whatever came after its parts', async () => {
    const { events, visits } = await setUp();
    const consumer = new VisitConsumer(visits, timely, noGuardians);
    const batch = [
      started('V1'),
      updated('V1', 'surgery', 10),
      posted('V1', 'T1'),
      updated('V1', 'ward 3', 20),
      posted('V2', 'T1'),
      started('V2'),
      posted('V1', 'T1', 200, 'other-content'),
    ].map(eventOf);
    await consumer.hospitals(batch);
    const first = await events.readAll({ after: 0n, countMax: 100 });
    await consumer.hospitals(batch);
    for (const event of batch) await consumer.hospitals([event]);
    await new VisitConsumer(new Visits(events), timely, noGuardians).hospitals(batch);
    expect(await events.readAll({ after: 0n, countMax: 100 })).toEqual(first);
    expect(first.filter(({ type }) => type === 'ChargeConflictFound')).toHaveLength(1);
    expect(first.find(({ type }) => type === 'VisitOpened')?.metadata).toEqual({
      causationId: 'start-V1',
      source,
    });
  });

  test('that says who else is there is noted once in the visit, and said to its hospital', async () => {
    const { events, visits } = await setUp();
    const consumer = new VisitConsumer(visits, timely, noGuardians);
    const saying = (one: ReturnType<typeof started>, said: object) =>
      eventOf({ ...one, value: { ...(one.value as object), ...said } });
    const card = `health-card:${'c'.repeat(43)}`;
    const number = `id-number:${'n'.repeat(43)}`;
    const batch = [
      saying(posted('V1', 'T1'), { identifier: card, holderDiffers: ['name'] }),
      saying(started('V1'), { identifier: number, holderDiffers: ['birthDate', 'newborn'] }),
      eventOf(posted('V1', 'T2')),
    ];
    await consumer.hospitals(batch);
    await consumer.hospitals(batch);
    for (const event of batch) await consumer.hospitals([event]);
    const facts = await events.readStream(streamOf(visitIdOfNumber('V1')));
    expect(facts.map(({ type, metadata }) => [type, metadata['identifier']])).toEqual([
      ['ChargeWaiting', card],
      ['HolderContradicted', card],
      ['VisitOpened', number],
      ['HolderContradicted', number],
      ['ChargeWaiting', undefined],
    ]);
    const [first, second] = facts
      .filter(({ type }) => type === 'HolderContradicted')
      .map((event) => publicMessage(event)!.value as Record<string, unknown>);
    expect(first).toMatchObject({ fields: ['name'], messageId: 'charge-V1-T1' });
    expect(second!['remedy']).toMatch(/guardian/);
    expect(JSON.stringify([first, second])).not.toContain(personId);
  });

  test('with one that breaks its contract parks that one alone, and a return waits for its charge', async () => {
    const { bus, events, store, visits } = await setUp();
    const consumer = new VisitConsumer(visits, timely, noGuardians);
    const strategy = new BusStrategy({
      ...TWIN_PARTS,
      bus,
      stores: new Map([['visit-ledger', store]]),
      clock,
      timers,
    });
    const options = { from: hospitalVisitEvents, group: 'visit-ledger.hospital', batch: true };
    strategy.addHandler(
      'hospitals',
      (async (batch: never) => consumer.hospitals(batch)) as never,
      true,
      { consumes: options },
    );
    const ofAnother = posted('V1', 'T3');
    await busOfAll(bus).send(
      hospitalVisitEvents.name,
      [
        started('V1'),
        posted('V1', 'T1'),
        { ...ofAnother, value: { ...(ofAnother.value as object), visitNumber: 'V9' } },
        takenBack('V1', 'T9'),
        posted('V1', 'T2'),
        posted('V2', 'T1'),
      ].map(raw),
    );
    await new Promise<void>((resolve, reject) =>
      strategy.listen((error) => (error ? reject(error) : resolve())),
    );
    await until(async () => (await bus.lag(options.group, [hospitalVisitEvents.name])) === 0);
    const parked = await store.transact((transaction) => transaction.rows(parkedTable).find({}));
    expect(parked.map(({ messageId, code }) => [messageId, code])).toEqual([
      ['charge-V1-T3', 'VISIT_ID_MISMATCH'],
    ]);
    const typesOf = async (number: string): Promise<string[]> =>
      (await events.readStream(streamOf(visitIdOfNumber(number)))).map(({ type }) => type);
    const before = ['VisitOpened', 'ChargeWaiting', 'SubmissionWaiting', 'ChargeWaiting'];
    expect(await typesOf('V1')).toEqual(before);
    expect(await typesOf('V2')).toEqual(['ChargeWaiting']);

    await consumer.hospitals([eventOf(posted('V1', 'T9'))]);
    expect(await typesOf('V1')).toEqual([
      ...before,
      'ChargeWaiting',
      'ReturnWaiting',
      'SubmissionApplied',
    ]);
    await strategy.close();
  });
});
