import { MemoryBus } from '@caretab/bus';
import { visitLedgerVisits } from '@caretab/contracts';
import { fixedClock, TestTimers } from '@caretab/doubles';
import { type EventKeys, MemoryEventStore, TWIN_KEYS } from '@caretab/event-store';
import { MemoryStore } from '@caretab/store';
import { candidate } from '../../test/candidate';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { ledgerDatabase } from '../../test/ledger-database';
import { passingBy, SetAside } from '../set-aside/set-aside';
import { VisitPublication } from '../visit/visit-publication';
import { streamOf } from '../visit/visit-streams';
import { Visits } from '../visit/visits';
import { Projection } from './projection';
import { STILL_MS_MAX, StandingStill } from './standing-still';

const MINUTE_MS = 60_000;
const LATER_KEYS: EventKeys = {
  ...TWIN_KEYS,
  current: 'later',
  keys: new Map([...TWIN_KEYS.keys, ['later', Buffer.alloc(32, 'later')]]),
};

/** A ledger whose log other processes write to, with what follows it. */
const started = async () => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const timers = new TestTimers(clock);
  const bus = new MemoryBus(timers);
  const { name, partitions, retentionMs } = visitLedgerVisits;
  await bus.declare([{ name, partitions, retentionMs }]);
  const events = new MemoryEventStore({ clock, timers });
  const store = new MemoryStore({ database: ledgerDatabase(clock) });
  const setAside = new SetAside({
    ...{ store, storeId: 'memory', clock },
    logger: { error: () => undefined },
  });
  const watches = ['publication', 'views'].map((each) => new StandingStill(each, clock));
  const followed = passingBy(events, setAside.note);
  const [first, second] = watches.map(({ onTurn }) => ({
    ...candidate('memory', timers),
    onTurn,
  }));
  const publication = new VisitPublication(followed, bus, store, first!, setAside);
  const projection = new Projection(followed, store, second!, { streams: setAside });
  await publication.start();
  await projection.start();
  const writer = (keys: EventKeys) => new MemoryEventStore({ keys, logOf: events, clock, timers });
  return {
    ...{ events, writer },
    async pass(durationMs: number): Promise<void> {
      for (let at = 0; at < durationMs; at += 500) await timers.advance(500);
    },
    degraded: () => watches.flatMap((watch) => watch.degradations()),
    published: () => bus.messages(name).length,
    stop: () => Promise.all([publication.stop(), projection.stop()]),
  };
};

const openOn = (events: MemoryEventStore, number: string): Promise<void> =>
  new Visits(events).handle(visitIdOfNumber(number), [
    caused(commandsOf(number).start, `m-${number}`),
  ]);

const STRANGERS: readonly [string, EventKeys, string][] = [
  ['of a type that is not known', TWIN_KEYS, 'EventTypeUnknown'],
  ['by a key that is not known', LATER_KEYS, 'EventKeyUnknown'],
];

test.each(STRANGERS)('an event %s stops both followers, and health says so', async (...given) => {
  const [, keys, name] = given;
  const ledger = await started();
  await openOn(ledger.events, 'V1');
  await ledger.pass(MINUTE_MS);
  expect(ledger.degraded()).toEqual([]);
  const before = ledger.published();
  expect(before).toBeGreaterThan(0);
  const strange = { id: 'x', type: 'NightlyCorrection', data: {} };
  await ledger.writer(keys).append(streamOf(visitIdOfNumber('V2')), [strange], 'none');
  await ledger.pass(STILL_MS_MAX / 2);
  expect(ledger.degraded()).toEqual([]);
  await ledger.pass(MINUTE_MS);
  const why = expect.stringContaining(`stands still: ${name}`);
  expect(ledger.degraded()).toEqual([
    expect.objectContaining({ what: 'publication', why }),
    expect.objectContaining({ what: 'views', why }),
  ]);
  await expect(openOn(ledger.events, 'V2')).rejects.toMatchObject({ name, kind: 'unavailable' });
  expect(ledger.published()).toBe(before);
  await ledger.stop();
});

test('a follower that goes on is degraded no more, and an error says nothing of its data', () => {
  let nowMs = 0;
  const watch = new StandingStill('views', { now: () => new Date(nowMs) });
  watch.onTurn(Object.assign(new Error('key (name)=(张三)'), { code: '23505' }));
  nowMs = STILL_MS_MAX;
  expect(watch.degradations()).toEqual([
    { what: 'views', why: 'stands still: Error (23505)', since: new Date(0) },
  ]);
  watch.onTurn();
  expect(watch.degradations()).toEqual([]);
});
