import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock } from '@caretab/doubles';
import { systemClock } from '@caretab/kernel';
import { DayClock, dayClockOf } from './day-clock';

const DAY = '2026-03-02';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'caretab-day-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const machine = () => fixedClock('2026-11-28T09:00:00Z');
const dayClock = (clock = machine()) => new DayClock(join(folder, 'clock'), clock);
const shanghai = (time: string): Date => new Date(`${time}+08:00`);

test('the day is played in its evening, cleared after its midnight, and then it is today', async () => {
  dayClock().begin(DAY);
  expect(dayClock().now()).toEqual(shanghai('2026-03-02T18:00:00'));
  await dayClock().leapPastMidnight(DAY);
  expect(dayClock().now()).toEqual(shanghai('2026-03-03T00:00:00'));
  await dayClock().catchUp();
  expect(dayClock().now()).toEqual(machine().now());
});

test('a day that was killed goes on at the hour it had come to', () => {
  const clock = machine();
  dayClock(clock).begin(DAY);
  clock.advance(60_000);
  const again = dayClock(clock);
  again.begin(DAY);
  expect(again.now()).toEqual(shanghai('2026-03-02T18:01:00'));
});

test('a day that goes on next week is still the same day', async () => {
  const clock = machine();
  dayClock(clock).begin(DAY);
  clock.advance(7 * 86_400_000);
  const again = dayClock(clock);
  again.begin(DAY);
  expect(again.now()).toEqual(shanghai('2026-03-02T23:00:00'));
  await again.leapPastMidnight(DAY);
  expect(dayClock(clock).now()).toEqual(shanghai('2026-03-03T00:00:00'));
});

test('a platform that plays no day goes by the clock of a rehearsal', async () => {
  const [file, start] = [
    join(folder, 'rehearsal'),
    { dataDir: folder, samplesDir: '', idle: true },
  ];
  writeFileSync(file, '3600000');
  const aheadMs = async (given?: string) =>
    (await dayClockOf(start, given)).now().getTime() - systemClock.now().getTime();
  expect(await aheadMs(file)).toBeGreaterThan(3_590_000);
  expect(Math.abs(await aheadMs())).toBeLessThan(10_000);
});
