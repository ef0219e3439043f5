import { fixedClock } from '@caretab/doubles';
import { DomainError } from '@caretab/kernel';
import { Misses } from './misses';

const hospital = (perHourMax: number) => {
  const clock = fixedClock('2024-01-15T01:05:00Z');
  let missed = 0;
  const exhausted: string[] = [];
  const misses = new Misses({
    clock,
    perHourMax,
    missed: () => void (missed += 1),
    exhausted: (institutionId) => void exhausted.push(institutionId),
  });
  /** How many of so many questions for persons who are not registered are asked. */
  const asks = (institutionId: string, count: number): number => {
    let asked = 0;
    for (let at = 0; at < count; at += 1)
      try {
        misses.check(institutionId);
        misses.note(institutionId);
        asked += 1;
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
      }
    return asked;
  };
  return { clock, misses, asks, exhausted, missed: () => missed };
};

test('who guesses a thousand ID numbers gets a tenth of an hour’s, and no other pays for it', () => {
  const { asks, exhausted, missed } = hospital(3000);
  expect(asks('HZ001', 1000)).toBe(300);
  expect(exhausted).toHaveLength(700);
  expect(new Set(exhausted)).toEqual(new Set(['HZ001']));
  expect(asks('HZ002', 300)).toBe(300);
  expect(missed()).toBe(600);
});

test('the budget comes back by the hour, and never to more than it was', () => {
  const { asks, clock } = hospital(3000);
  asks('HZ001', 300);
  clock.advance(60_000);
  expect(asks('HZ001', 1000)).toBe(50);
  clock.advance(24 * 60 * 60 * 1000);
  expect(asks('HZ001', 1000)).toBe(300);
});

test('who is refused learns when to come again', () => {
  const { asks, misses } = hospital(60);
  asks('HZ001', 6);
  expect(() => misses.check('HZ001')).toThrow(
    expect.objectContaining({
      code: 'PERSONS_UNKNOWN_TOO_MANY',
      kind: 'overloaded',
      details: expect.objectContaining({ retryAfterSeconds: 60 }),
    }),
  );
});

test('a clock that is set back gives nothing', () => {
  const { asks, clock } = hospital(3000);
  asks('HZ001', 300);
  clock.advance(-60_000);
  expect(asks('HZ001', 10)).toBe(0);
});
