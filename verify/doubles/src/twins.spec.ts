import * as fc from 'fast-check';
import { fixedClock, seededRandom, sequentialIds, TestTimers } from './twins';

test('a fixed clock moves when it is told to, and hands out dates that nobody can bend', () => {
  const clock = fixedClock('2026-03-02T08:00:00Z');
  clock.now().setFullYear(1999);
  clock.advance(1_500);
  expect(clock.now().toISOString()).toBe('2026-03-02T08:00:01.500Z');
  clock.set('2026-03-03T00:00:00+08:00');
  expect(clock.now().toISOString()).toBe('2026-03-02T16:00:00.000Z');
  expect(() => fixedClock('yesterday')).toThrow('Not an instant');
});

test('sequential ids count', () => {
  const ids = sequentialIds('visit');
  expect([ids.next(), ids.next()]).toEqual(['visit-1', 'visit-2']);
});

test('the same seed gives the same numbers, and another seed gives others', () => {
  const ten = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 10 }, () => random.next());
  };
  expect(ten(7)).toEqual(ten(7));
  expect(ten(7)).not.toEqual(ten(8));
});

test('seeded numbers stay in their range, and a shuffle keeps every item', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.integer()),
      fc.integer({ min: -50, max: 50 }),
      fc.nat(100),
      (seed, items, from, span) => {
        const random = seededRandom(seed);
        const number = random.integer(from, from + span);
        expect(number >= from && number <= from + span).toBe(true);
        expect([...random.shuffle(items)].sort()).toEqual([...items].sort());
        if (items.length > 0) expect(items).toContain(random.pick(items));
      },
    ),
  );
});

test('test timers wake the sleepers in order, each at its moment, those they start included', async () => {
  const clock = fixedClock('2026-03-02T08:00:00Z');
  const timers = new TestTimers(clock);
  const woken: string[] = [];
  const sleep = async (name: string, durationMs: number) => {
    await timers.sleep(durationMs);
    woken.push(`${name} ${clock.now().toISOString().slice(17, 19)}`);
  };
  void sleep('late', 3_000);
  void sleep('early', 1_000).then(() => sleep('next', 1_000));
  await timers.advance(2_500);
  expect(woken).toEqual(['early 01', 'next 02']);
  expect(timers.sleeping).toBe(1);
  await timers.advance(500);
  expect(woken).toEqual(['early 01', 'next 02', 'late 03']);
});

test('a sleep whose signal aborts ends early', async () => {
  const timers = new TestTimers();
  const abort = new AbortController();
  const slept = timers.sleep(1_000, abort.signal);
  abort.abort();
  await slept;
  await timers.sleep(1_000, abort.signal);
  expect(timers.sleeping).toBe(0);
});
