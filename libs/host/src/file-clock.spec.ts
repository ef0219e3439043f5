import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLOCK_FILE_READ_INTERVAL_MS, fileClock } from './file-clock.adapter';

const MACHINE = new Date('2026-11-28T09:00:00Z');
const HOUR_MS = 3_600_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'caretab-clock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const clockOf = (content?: string) => {
  const path = join(folder, 'clock');
  if (content !== undefined) writeFileSync(path, content);
  return { path, clock: fileClock(path, { now: () => MACHINE }) };
};

test.each([
  ['ahead', String(HOUR_MS), '2026-11-28T10:00:00.000Z'],
  ['behind', String(-HOUR_MS), '2026-11-28T08:00:00.000Z'],
  ['that cannot be read', 'soon', MACHINE.toISOString()],
  ['that is missing', undefined, MACHINE.toISOString()],
])('a file %s', (_what, content, expected) => {
  expect(clockOf(content).clock.now().toISOString()).toBe(expected);
});

test('a clock that is set is seen by those who go by it', () => {
  let machine = MACHINE;
  const path = join(folder, 'clock');
  writeFileSync(path, '0');
  const clock = fileClock(path, { now: () => machine });
  expect(clock.now()).toEqual(MACHINE);
  writeFileSync(path, String(HOUR_MS));
  expect(clock.now()).toEqual(MACHINE);
  machine = new Date(MACHINE.getTime() + CLOCK_FILE_READ_INTERVAL_MS);
  expect(clock.now()).toEqual(new Date(machine.getTime() + HOUR_MS));
});
