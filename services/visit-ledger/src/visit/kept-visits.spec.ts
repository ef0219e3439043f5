import { MemoryEventStore } from '@caretab/event-store';
import { caused, commandsOf, visitIdOfNumber } from '../../test/facts';
import { bytesOf, KeptVisits, type KeptVisit } from './kept-visits';
import { initialVisit } from './visit-state';
import { Visits } from './visits';

const visitOf = (stream: string, causes = 0): KeptVisit => ({
  ...{ stream, state: initialVisit, revision: 0 },
  causes: new Set(Array.from({ length: causes }, (_, at) => `${stream}-${at}`)),
});
const one = bytesOf(visitOf('any'));

test('the least recently used visits go first, by their bytes', () => {
  const kept = new KeptVisits(3 * one);
  for (const id of ['a', 'b', 'c', 'a', 'd']) kept.keep(id, visitOf(id));
  expect(['a', 'b', 'c', 'd'].filter((id) => kept.get(id))).toEqual(['a', 'c', 'd']);
  expect(kept.bytes).toBe(3 * one);
});

test('a visit that has grown takes the room of others, and one that is too large for all of it stays', () => {
  const kept = new KeptVisits(3 * one);
  for (const id of ['a', 'b', 'c']) kept.keep(id, visitOf(id));
  kept.keep('c', visitOf('c', 1));
  expect(['a', 'b', 'c'].filter((id) => kept.get(id))).toEqual(['b', 'c']);
  kept.keep('d', visitOf('d', 1_000));
  expect(['b', 'c', 'd'].filter((id) => kept.get(id))).toEqual(['d']);
  kept.drop('d');
  expect(kept.bytes).toBe(0);
  kept.keep('e', visitOf('e'));
  kept.clear();
  expect([kept.get('e'), kept.bytes]).toEqual([undefined, 0]);
});

test('visits go on as they were where none of them fits into memory', async () => {
  const kept = new KeptVisits(1);
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
  expect(kept.misses).toBeGreaterThan(6);
});
