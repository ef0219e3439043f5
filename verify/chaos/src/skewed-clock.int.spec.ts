import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { transformSync } from '@swc/core';

/** Prints, for each input line, the time by every API. */
const PROGRAM = `
const real = process.hrtime.bigint();
require('node:readline').createInterface({ input: process.stdin }).on('line', () => {
  class Later extends Date { later() { return this.getTime() + 1; } }
  console.log(JSON.stringify({
    now: Date.now(), made: new Date().getTime(), text: Date.parse(Date()),
    monotonic: performance.now(), given: new Date(0).toISOString(), utc: Date.UTC(2026, 0, 1),
    isDate: new Date() instanceof Date && require('node:util').types.isDate(new Date()) &&
      new Date().constructor === Date,
    later: new Later(5).later(), structured: structuredClone(new Date(7)) instanceof Date,
  }));
});`;

interface ClockReading {
  readonly now: number;
  readonly made: number;
  readonly text: number;
  readonly monotonic: number;
  readonly [further: string]: unknown;
}

const HOUR_MS = 3_600_000;
let folder: string;
let file: string;
let child: ChildProcess;
let answers: AsyncIterator<string>;

const read = async (): Promise<ClockReading> => {
  child.stdin!.write('\n');
  return JSON.parse((await answers.next()).value as string) as ClockReading;
};
/**
 * Asks until the clock is off by this much, give or take what a busy machine needs for an answer.
 */
const untilOff = async (offsetMs: number): Promise<ClockReading> => {
  for (const from = Date.now(); ;) {
    const told = await read();
    if (Math.abs(told.now - Date.now() - offsetMs) < 60_000) return told;
    if (Date.now() - from > 20_000)
      throw new Error(`the clock is off by ${told.now - Date.now()} ms, not by ${offsetMs}`);
  }
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'caretab-clock-'));
  file = join(folder, 'offset');
  const preloaded = join(folder, 'skewed-clock.js');
  const { code } = transformSync(readFileSync(join(__dirname, 'skewed-clock.ts'), 'utf8'), {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  writeFileSync(preloaded, code);
  child = spawn(process.execPath, ['--require', preloaded, '-e', PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, CLOCK_OFFSET_FILE: file, TZ: 'UTC' },
  });
  answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
});
afterAll(() => {
  child.kill();
  rmSync(folder, { recursive: true });
});

test('without a word the clock is right, and a date is what a date is', async () => {
  expect(await untilOff(0)).toMatchObject({
    given: '1970-01-01T00:00:00.000Z',
    utc: 1_767_225_600_000,
    isDate: true,
    later: 6,
    structured: true,
  });
});

test.each([
  ['forward', HOUR_MS],
  ['back past the right time', -HOUR_MS],
  ['to the right time', 0],
])(
  'it jumps %s while the process runs, in every way to ask it, and what is monotonic goes on',
  async (_, offsetMs) => {
    const before = await read();
    writeFileSync(file, String(offsetMs));
    const after = await untilOff(offsetMs);
    for (const asked of [after.made, after.text])
      expect(Math.abs(asked - after.now)).toBeLessThan(2000);
    expect(after.monotonic).toBeGreaterThan(before.monotonic);
    expect(after.monotonic - before.monotonic).toBeLessThan(60_000);
    expect(after['isDate']).toBe(true);
  },
);
