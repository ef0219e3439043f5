import { MemoryEventStore } from '@caretab/event-store';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { bytesOf, type KeptVisit } from './kept-visit';
import { KeptVisits } from './kept-visits';
import { visit } from './visit';
import { evolveAll } from './visit-evolve';
import { initialVisit, type Visit } from './visit-state';
import { Visits } from './visits';

const visitOf = (stream: string, causes = 0): KeptVisit => ({
  ...{ stream, state: initialVisit, revision: 0 },
  causes: new Set(Array.from({ length: causes }, (_, at) => `${stream}-${at}`)),
});
const one = bytesOf(visitOf('any'));
const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `v${at}`);
const keepAll = (kept: KeptVisits, visits: readonly KeptVisit[]): void => {
  for (const visit of visits) kept.keep(visit.stream, visit);
};

test('visits that do not fit are packed, and come back as they were', () => {
  const kept = new KeptVisits(3 * one);
  const { start, authorize, cover, post } = commandsOf('V1');
  const state = [start, authorize(), cover, post('T1'), post('T2')].reduce(
    (before, command) => evolveAll(before, visit.decide(command, before)),
    initialVisit,
  );
  const opened = { ...visitOf('opened', 3), state, revision: 7 };
  expect(opened.state.charges.size).toBe(2);
  keepAll(kept, [opened, ...['a', 'b'].map((name) => visitOf(name))]);
  expect(kept.bytes).toBeLessThanOrEqual(3 * one);
  expect(kept.get('opened')).toEqual(opened);
  expect(kept.unpacked).toBe(1);
  expect(kept.get('opened')).toEqual(opened);
  expect(kept.unpacked).toBe(1);
});

test('of those that are packed the least recently used go, by their bytes', () => {
  const kept = new KeptVisits(20 * one);
  keepAll(
    kept,
    names(1_000).map((name) => visitOf(name)),
  );
  expect(kept.bytes).toBeLessThanOrEqual(20 * one);
  expect(kept.get('v0')).toBeUndefined();
  // Packed, five times as many are there as would fit otherwise.
  expect(kept.get('v950')).toEqual(visitOf('v950'));
  expect(kept.get('v999')).toEqual(visitOf('v999'));
});

test('a visit that is over goes without being packed', () => {
  const kept = new KeptVisits(2 * one);
  const over = { ...initialVisit, status: 'settled' } as unknown as Visit;
  keepAll(kept, [{ ...visitOf('over'), state: over }, visitOf('a'), visitOf('b')]);
  expect(kept.get('over')).toBeUndefined();
  expect(kept.get('a')).toEqual(visitOf('a'));
});

test('a visit that is too large for all of the room stays alone', () => {
  const kept = new KeptVisits(3 * one);
  keepAll(kept, [visitOf('a'), visitOf('b'), visitOf('large', 1_000)]);
  expect(['a', 'b', 'large'].filter((id) => kept.get(id))).toEqual(['large']);
  kept.drop('large');
  expect(kept.bytes).toBe(0);
  kept.keep('e', visitOf('e'));
  kept.clear();
  expect([kept.get('e'), kept.bytes]).toEqual([undefined, 0]);
});

test.each([
  ['where none of them fits into memory', 1, { isPacked: false }],
  ['where one of them fits and others are packed', 2 * one, { isPacked: true }],
])('visits go on as they were %s', async (_, bytesMax, { isPacked }) => {
  const kept = new KeptVisits(bytesMax);
  const events = new MemoryEventStore();
  const visits = new Visits(events, undefined, kept);
  const numbers = ['V1', 'V2', 'V3'];
  for (const number of numbers) {
    const { start, authorize, cover } = commandsOf(number);
    await visits.handle(
      visitIdOfNumber(number),
      [start, authorize(), cover].map((command) => caused(command)),
    );
  }
  for (const chargeId of ['T1', 'T2', 'T1'])
    await Promise.all(
      numbers.map((number) =>
        visits.handle(visitIdOfNumber(number), [
          caused(commandsOf(number).post(chargeId), `${number}-${chargeId}`),
        ]),
      ),
    );
  for (const number of numbers) {
    const { charges } = await visits.look(visitIdOfNumber(number));
    expect([...charges.values()].map(({ status }) => status)).toEqual(['deferred', 'deferred']);
  }
  expect(kept.unpacked > 0).toBe(isPacked);
  if (!isPacked) expect(kept.misses).toBeGreaterThan(6);
});
