import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { read, visitLedgerVisits } from '@caretab/contracts';
import { MemoryEventStore } from '@caretab/event-store';
import { MemoryBus } from '@caretab/bus';
import { MemoryStore } from '@caretab/store';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { candidate } from '../../test/candidate';
import { caused, commandsOf, noLaterClaims, visitIdOfNumber } from '../../test/facts';
import { ledgerDatabase } from '../../test/ledger-database';
import { Projection } from '../views/projection';
import { visitView } from '../views/visit.view';
import { factOf } from './stored-facts';
import { visit } from './visit';
import { ProofController } from './proof.controller';
import { VisitController } from './visit.controller';
import { VisitPublication } from './visit-publication';
import { streamOf } from './visit-streams';
import { Visits } from './visits';

/** A visit as 0.1 stored it: a return that waited, and one after settlement, in the words of then. */
const stored = JSON.parse(
  readFileSync(join(__dirname, '../../test/facts-of-0.1.json'), 'utf8'),
) as { type: string; data: object }[];
const clock = fixedClock('2026-03-02T09:00:00Z');
const visitId = visitIdOfNumber('V1');

const ledgerOfThen = async () => {
  const timers = new TestTimers();
  const bus = new MemoryBus(timers);
  const { name, partitions, retentionMs } = visitLedgerVisits;
  await bus.declare([{ name, partitions, retentionMs }]);
  const events = new MemoryEventStore({ clock, timers });
  await events.append(
    streamOf(visitId),
    stored.map((fact, index) => ({
      ...fact,
      id: `00000000-0000-4000-8000-${`${index}`.padStart(12, '0')}`,
    })),
    'none',
  );
  const until = async (check: () => Promise<boolean>): Promise<void> => {
    for (let turn = 0; turn < 500 && !(await check()); turn += 1) await timers.advance(100);
  };
  const store = new MemoryStore({ database: ledgerDatabase(clock) });
  return { bus, events, store, timers, until };
};

test('the old words are in the log that is kept', () =>
  expect(stored.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['CreditWaiting', 'ChargeReversed']),
  ));

test('an earlier release’s facts are read as today’s, with every other field as it was', () => {
  for (const event of stored) {
    const { type, data } = factOf(event);
    const { creditId, ...rest } = event.data as { creditId?: string };
    expect(type).toBe(
      { CreditWaiting: 'ReturnWaiting', ChargeReversed: 'ChargeReturned' }[event.type] ??
        event.type,
    );
    expect(data).toEqual(creditId === undefined ? rest : { ...rest, returnId: creditId });
  }
});

test('today’s facts are read as they are', () => {
  for (const event of stored.map(factOf)) expect(factOf(event)).toEqual(event);
});

test('a visit of then goes on: its returns are known, and what it owes after them is adjudicated', async () => {
  const { events } = await ledgerOfThen();
  const visits = new Visits(events);
  const { takeBack, verdict } = commandsOf('V1');
  await visits.handle(visitId, [caused(takeBack('T1', 100))]);
  expect(await events.readStream(streamOf(visitId))).toHaveLength(stored.length);
  await expect(
    visits.handle(visitId, [
      caused({
        ...takeBack('T1', 100),
        data: { ...takeBack('T1', 100).data, returnId: 'C-other' },
      }),
    ]),
  ).rejects.toMatchObject({ code: 'CHARGE_ALREADY_RETURNED' });
  await visits.handle(visitId, [caused(verdict(300, 2))]);
  expect((await events.readStream(streamOf(visitId))).at(-1)).toMatchObject({
    type: 'VisitAdjudicated',
    data: { patientDueFen: 300, previous: { patientDueFen: 500 } },
  });
  const folded = stored.map(factOf).reduce(visit.evolve, visit.initial);
  expect(folded.waiting).toEqual([]);
});

test('its views, its publication, its history and its proof are those of today', async () => {
  const { bus, events, store, timers, until } = await ledgerOfThen();
  const readers = [
    new Projection(events, store, candidate('memory', timers)),
    new VisitPublication(events, bus, store, candidate('memory', timers)),
  ];
  for (const reader of readers) {
    await reader.start();
    await until(async () => (await reader.pending()) === 0);
    await reader.stop();
  }
  const row = await store.transact((transaction) =>
    transaction.rows(visitView.table).get({ visitId }),
  );
  expect(row).toMatchObject({ chargesReturned: 2, chargesDeferred: 1, grossFen: 300 });
  expect(
    bus
      .messages(visitLedgerVisits.name)
      .map((sent) => read(visitLedgerVisits, sent))
      .flatMap(({ type, data }) => ('creditId' in data ? [[type, data.creditId]] : [])),
  ).toEqual([
    ['ChargeReversed', 'C-T1'],
    ['ChargeReversed', 'C-late'],
  ]);
  const controller = new VisitController(events, new Visits(events), noLaterClaims);
  expect(JSON.stringify(await controller.history({ params: { visitId: visitId } }))).not.toMatch(
    /credit(Id|Waiting)|Reversed/i,
  );
  expect(await new ProofController(events).proof({ params: { visitId: visitId } })).toEqual({
    visitId,
    events: stored.length,
    intact: true,
    faults: [],
    anchors: null,
  });
});
