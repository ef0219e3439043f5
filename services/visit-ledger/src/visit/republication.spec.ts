import type { MemoryBus } from '@caretab/bus';
import { visitLedgerVisits } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import { MemoryEventStore } from '@caretab/event-store';
import { derivedId, systemTimers } from '@caretab/kernel';
import { at as facts, personId } from '../../test/facts';
import { Republication } from './republication';
import { streamOf } from './visit-streams';

const START = Date.parse('2026-03-02T00:00:00Z');
const HOUR_MS = 3_600_000;
const HOURS = 40;

/** A visit is opened each hour; the bus remembers what it was sent. */
const world = async () => {
  const clock = fixedClock(new Date(START).toISOString());
  const events = new MemoryEventStore({ clock, timers: systemTimers });
  for (let hour = 0; hour < HOURS; hour += 1) {
    const visitId = `H1-${hour}`;
    const visit = { visitId, institutionId: 'H1', personId, businessDate: '2026-03-02' };
    const data = {
      ...visit,
      visitNumber: String(hour),
      visitClass: 'outpatient',
      startedAt: facts,
    };
    await events.append(
      streamOf(visitId),
      [{ id: derivedId('fact', visitId), type: 'VisitOpened', data }],
      'none',
    );
    clock.advance(HOUR_MS);
  }
  const sent: { readonly key: string; readonly id: string | undefined }[] = [];
  const bus = {
    send: async (
      topic: string,
      messages: readonly { key: string; headers: Record<string, string> }[],
    ) => {
      expect(topic).toBe(visitLedgerVisits.name);
      sent.push(...messages.map(({ key, headers }) => ({ key, id: headers['ce_id'] })));
    },
  } as unknown as MemoryBus;
  return { republication: new Republication(events, bus), sent, events };
};

const at = (hour: number): Date => new Date(START + hour * HOUR_MS);

test('the facts of a time range are published once more, each under the id that it had', async () => {
  const { republication, sent, events } = await world();
  expect(await republication.ofRange(at(10), at(12))).toEqual({ published: 3, next: undefined });
  const [first] = await events.readStream(streamOf('H1-10'));
  expect(sent.map(({ key }) => key)).toEqual(['H1-10', 'H1-11', 'H1-12']);
  expect(sent[0]!.id).toBe(first!.id);
});

test.each([
  [-5, -1, 0],
  [-5, 0, 1],
  [0, 0, 1],
  [39, 100, 1],
  [40, 100, 0],
  [-1, 100, 40],
])('from hour %i to hour %i there are %i facts', async (from, until, count) => {
  const { republication } = await world();
  expect((await republication.ofRange(at(from), at(until))).published).toBe(count);
});

test('the facts of named visits are published once more; an unknown visit is refused', async () => {
  const { republication, sent } = await world();
  expect(await republication.ofVisits(['H1-3', 'H1-1'])).toMatchObject({ published: 2 });
  expect(sent.map(({ key }) => key)).toEqual(['H1-3', 'H1-1']);
  await expect(republication.ofVisits(['H1-99'])).rejects.toMatchObject({ code: 'VISIT_UNKNOWN' });
});
