import { visitLedgerVisits } from '@caretab/contracts';
import { chainHash, contentDigest, GENESIS, MemoryEventStore } from '@caretab/event-store';
import { MemoryBus } from '@caretab/bus';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { MemoryStore } from '@caretab/store';
import { caused, commandsOf, noLaterClaims, visitIdOfNumber } from '../test/facts';
import { FAULTS_A_MINUTE_MAX, LogFaults, passingBy } from './log-faults';
import { Projection } from './views/projection';
import { VisitController } from './visit/visit.controller';
import { VisitPublication } from './visit/visit-publication';
import { streamOf, Visits } from './visit/visits';

const clock = fixedClock('2026-03-02T09:00:00Z');

/** A settlement that never took place, written beside the service at a stream's end. */
const forge = async (events: MemoryEventStore, stream: string): Promise<void> => {
  let tail = { revision: -1, hash: GENESIS as Uint8Array };
  for await (const page of events.export())
    for (const event of page) if (event.stream === stream) tail = event;
  const revision = tail.revision + 1;
  const content = { stream, id: 'forged', type: 'VisitSettled', data: '{}', metadata: '{}' };
  const recordedAtMs = clock.now().getTime();
  const hash = chainHash(tail.hash, contentDigest(content), revision, recordedAtMs);
  await events.import([{ ...content, revision, recordedAtMs, hash }]);
};

const world = async () => {
  const timers = new TestTimers();
  const events = new MemoryEventStore({ clock, timers });
  const lines: string[] = [];
  const logger = {
    error: (facts: object, text: string) => void lines.push(`${text} ${JSON.stringify(facts)}`),
  };
  const faults = new LogFaults({ clock, logger });
  const bus = new MemoryBus(timers);
  const { name, partitions, retentionMs } = visitLedgerVisits;
  await bus.declare([{ name, partitions, retentionMs }]);
  const sent: string[] = [];
  const publish = bus.send.bind(bus);
  bus.send = async (topic, messages) => {
    sent.push(...messages.map(({ key }) => key));
    await publish(topic, messages);
  };
  const store = new MemoryStore();
  const followed = passingBy(events, faults.note);
  const publication = new VisitPublication(followed, bus, store, 'twin');
  const projection = new Projection(followed, store, 'twin');
  return {
    timers,
    events,
    faults,
    lines,
    sent,
    publication,
    projection,
    visits: new Visits(events),
  };
};

const open = (visits: Visits, number: string): Promise<void> =>
  visits.handle(visitIdOfNumber(number), [caused(commandsOf(number).start, `m-${number}`)]);

test('a forged settlement reaches no topic and no view; its visit stands still, and others go on', async () => {
  const { timers, events, faults, lines, sent, publication, projection, visits } = await world();
  await open(visits, 'A1');
  await forge(events, streamOf(visitIdOfNumber('A1')));
  await open(visits, 'B1');
  await publication.start();
  await projection.start();
  for (let turn = 0; turn < 50; turn += 1) await timers.advance(100);
  expect(sent).toEqual([visitIdOfNumber('A1'), visitIdOfNumber('B1')]);
  expect([await publication.pending(), await projection.pending()]).toEqual([0, 0]);
  expect((await projection.check()).flatMap(({ differences }) => differences)).toEqual([]);
  const controller = new VisitController(events, new Visits(events), noLaterClaims);
  await expect(
    controller.history({ params: { visitId: visitIdOfNumber('A1') } }),
  ).rejects.toMatchObject({ code: 'VISIT_SET_ASIDE' });
  expect(await controller.proof({ params: { visitId: visitIdOfNumber('A1') } })).toMatchObject({
    intact: false,
    faults: [{ kind: 'foreign', revision: 1 }],
  });
  await expect(new Visits(events).look(visitIdOfNumber('A1'))).rejects.toMatchObject({
    fault: { kind: 'foreign', revision: 1 },
  });
  expect(await new Visits(events).look(visitIdOfNumber('B1'))).toMatchObject({ status: 'open' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('event of the log is not ours');
  expect(faults.degradations()).toMatchObject([{ what: 'the log of visits' }]);
  await publication.stop();
  await projection.stop();
});

test('more faults a minute than streams go wrong are no fault of streams: nothing is passed by', async () => {
  const { events, faults, visits } = await world();
  for (let number = 0; number <= FAULTS_A_MINUTE_MAX; number += 1) {
    await open(visits, `C${number}`);
    await forge(events, streamOf(visitIdOfNumber(`C${number}`)));
  }
  const followed = passingBy(events, faults.note);
  await expect(followed.readAll({ after: 0n, countMax: 1000 })).rejects.toMatchObject({
    kind: 'unavailable',
  });
});
