import { fixedClock } from '@caretab/doubles';
import { Lookups } from './lookups';

test('a thousand lookups at once are cut at a tenth of the hour, with an alarm; another hospital goes on', () => {
  const clock = fixedClock('2026-03-02T09:00:00Z');
  const alarms: string[] = [];
  const exhausted = (institutionId: string): void => void alarms.push(institutionId);
  const lookups = new Lookups({ clock, perHourMax: 6_000, exhausted });
  const taken = (institutionId: string, count: number): number => {
    let done = 0;
    for (let asked = 0; asked < count; asked += 1)
      try {
        lookups.take(institutionId);
        done += 1;
      } catch (error) {
        expect(error).toMatchObject({
          code: 'LOOKUPS_TOO_MANY',
          details: { retryAfterSeconds: 1 },
        });
      }
    return done;
  };
  expect(taken('H1', 1_000)).toBe(600);
  expect(alarms).toHaveLength(400);
  expect(taken('H2', 100)).toBe(100);
  clock.advance(60_000);
  expect(taken('H1', 1_000)).toBe(100);
});
