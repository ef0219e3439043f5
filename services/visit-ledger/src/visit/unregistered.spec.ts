import { type EventType, hospitalVisitEvents, message } from '@caretab/contracts';
import {
  type Binding,
  busOfAll,
  type EventOf,
  MemoryBus,
  Parked,
  PartitionWork,
  TWIN_PARTS,
} from '@caretab/bus';
import { eventually } from '@caretab/hospital';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { MemoryEventStore } from '@caretab/event-store';
import { MemoryStore } from '@caretab/store';
import {
  at,
  chargeOf,
  noGuardians,
  noLaterClaims,
  personId,
  rulesByDefault,
} from '../../test/facts';
import { InstitutionRules } from '../ending/institution-rules';
import { institutionRulesTable } from '../ending/institution-rules.table';
import { VisitConsumer } from './visit.consumer';
import { streamOf } from './visit-streams';
import { Visits } from './visits';

const clock = { moment: new Date('2026-03-02T09:00:00Z'), now: () => clock.moment };
const topic = hospitalVisitEvents;

let bus: MemoryBus;
let store: MemoryStore;
let events: MemoryEventStore;
let parked: Parked;
beforeEach(async () => {
  bus = new MemoryBus();
  store = new MemoryStore();
  const timers = new TestTimers();
  events = new MemoryEventStore({ clock: fixedClock('2026-03-02T09:00:00Z'), timers });
  const consumer = new VisitConsumer(
    new Visits(events),
    {
      clock,
      tolerances: { aheadMs: 7_200_000, behindMs: 1096 * 86_400_000, orderMs: 7_200_000 },
      rules: new InstitutionRules(store, rulesByDefault),
      claims: noLaterClaims,
      waitMs: 72 * 3_600_000,
    },
    noGuardians,
  );
  const group = 'visit-ledger.hospital';
  const binding: Binding = {
    ...{ group, topic, batch: true, store },
    call: (payload) => consumer.hospitals(payload as EventOf<typeof topic>[]),
  };
  parked = new Parked({
    ...TWIN_PARTS,
    ...{ service: 'visit-ledger', store, clock },
    strategy: { binding: () => binding },
  });
  const work = new PartitionWork({
    ...TWIN_PARTS,
    ...{ clock, timers, random: () => 0 },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    retry: { attemptsMax: 5, firstDelayMs: 1, delayMaxMs: 1 },
  });
  await bus.declare([{ name: topic.name, partitions: 1, retentionMs: 1000 }]);
  await bus.consume({ group, topics: [topic.name] }, (batch) => work.handle(binding, batch));
});
afterEach(() => bus.close());

const register = (institutionId: string): Promise<void> =>
  store.transact((transaction) =>
    transaction.rows(institutionRulesTable).save({
      ...{ institutionId, graceMs: null, lateCharge: null },
      ...{ outpatientEnd: null, emergencyEnd: null },
    }),
  );

const reportOf = (institutionId: string, type: EventType<typeof topic>, data: object) => {
  const place = { visitId: `${institutionId}-V1`, institutionId, visitNumber: 'V1' };
  const { key, headers, value } = message(topic, type, { ...place, ...data } as never, {
    id: `${institutionId}-${type}`,
    time: clock.now(),
    source: `hospital/${institutionId}`,
  });
  return { key, headers, value: JSON.stringify(value) };
};
const opening = { personId, visitClass: 'outpatient', startedAt: at };
const visitOf = (institutionId: string) => [
  reportOf(institutionId, 'VisitStarted', opening),
  reportOf(institutionId, 'ChargePosted', { charge: chargeOf('C1', 2000) }),
];
const send = async (messages: ReturnType<typeof reportOf>[]): Promise<void> => {
  await busOfAll(bus).send(topic.name, messages);
  await eventually(async () =>
    expect(await bus.lag('visit-ledger.hospital', [topic.name])).toBe(0),
  );
};
const factsOf = async (institutionId: string): Promise<string[]> =>
  (await events.readStream(streamOf(`${institutionId}-V1`))).map(({ type }) => type);

test('reports of an institution that is not registered open nothing, and are parked by name', async () => {
  await register('HZ001');
  await send([...visitOf('NX001'), ...visitOf('HZ001'), ...visitOf('NX002')]);
  await send([reportOf('NX001', 'VisitEnded', { endedAt: at })]);
  expect(await factsOf('NX001')).toEqual([]);
  expect(await factsOf('NX002')).toEqual([]);
  expect(await factsOf('HZ001')).toEqual(['VisitOpened', 'ChargeWaiting']);
  const { messages } = await parked.list();
  expect(messages.map(({ key, code, holds }) => [key, code, holds]).sort()).toEqual([
    ['NX001-V1', 'INSTITUTION_UNKNOWN', true],
    ['NX001-V1', 'KEY_HELD', true],
    ['NX001-V1', 'KEY_HELD', true],
    ['NX002-V1', 'INSTITUTION_UNKNOWN', true],
    ['NX002-V1', 'KEY_HELD', true],
  ]);
});

test('a registration that comes after the visit opens it by itself, its reports in order', async () => {
  await send([...visitOf('NX001'), reportOf('NX001', 'VisitEnded', { endedAt: at })]);
  expect(await factsOf('NX001')).toEqual([]);
  await register('NX001');
  await send([reportOf('NX001', 'VisitUpdated', { department: 'ENT', updatedAt: at })]);
  clock.moment = new Date(clock.moment.getTime() + 60_000);
  expect(await parked.retryHeld()).toBe(4);
  expect((await factsOf('NX001')).slice(0, 3)).toEqual([
    'VisitOpened',
    'ChargeWaiting',
    'VisitEndReported',
  ]);
  expect(await parked.count()).toBe(0);
});
