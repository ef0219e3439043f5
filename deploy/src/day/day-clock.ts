import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CLOCK_FILE_READ_INTERVAL_MS, fileClock } from '@caretab/host';
import { type Clock, systemClock } from '@caretab/kernel';
import { pause } from '@caretab/hospital';
import { DayProgress } from './progress';
import { Samples } from './samples';

const HOUR_MS = 3_600_000;
/** The hospitals send their day after it: at 18:00 all of it has happened. */
const BEGINS_HOUR = 18;
/** A day that goes on after a break is set back to this hour at the latest. */
const LATEST_HOUR = 23;
/** After midnight, likewise. */
const LATEST_AFTER_HOUR = 30;
/** Every process goes by a new time then. */
const SEEN_AFTER_MS = 4 * CLOCK_FILE_READ_INTERVAL_MS;

/** Where a day's player keeps how far the platform's clock is off. */
export const clockFileOf = (dataDir: string): string => join(dataDir, 'day', 'clock');

/**
 * The platform's clock while it plays the sample day: the evening of that day, then past midnight,
 * then the machine's time. Kept in the file that `CLOCK_FILE` names.
 */
export class DayClock implements Clock {
  private readonly clock: Clock;

  constructor(
    readonly file: string,
    private readonly machine: Clock = systemClock,
  ) {
    this.clock = fileClock(file, machine);
  }

  now(): Date {
    return this.clock.now();
  }

  /** Begins the day (YYYY-MM-DD, Asia/Shanghai), or goes on in it. */
  begin(date: string): void {
    this.within(date, BEGINS_HOUR, LATEST_HOUR);
  }

  /** Leaps past the day's midnight, or goes on after it; resolves when every process goes by it. */
  async leapPastMidnight(date: string): Promise<void> {
    this.within(date, 24, LATEST_AFTER_HOUR);
    await pause(SEEN_AFTER_MS);
  }

  /** From here on the machine's time; resolves when every process goes by it. */
  async catchUp(): Promise<void> {
    this.setAhead(0);
    await pause(SEEN_AFTER_MS);
  }

  /** Goes on where it is between two hours of the day; else it is set to the nearer of them. */
  private within(date: string, fromHour: number, untilHour: number): void {
    const midnightMs = Date.parse(`${date}T00:00:00+08:00`);
    const [fromMs, untilMs] = [fromHour, untilHour].map((hour) => midnightMs + hour * HOUR_MS);
    const machineMs = this.machine.now().getTime();
    const known = existsSync(this.file) ? Number(readFileSync(this.file, 'utf8')) : 0;
    const isOurs = known !== 0;
    const nowMs = isOurs ? machineMs + known : fromMs!;
    this.setAhead(Math.min(Math.max(nowMs, fromMs!), untilMs!) - machineMs);
  }

  private setAhead(aheadMs: number): void {
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(`${this.file}.new`, String(Math.round(aheadMs)));
    renameSync(`${this.file}.new`, this.file);
  }
}

/** How far the day of a data folder has come. */
export const progressOf = (dataDir: string): DayProgress =>
  new DayProgress(join(dataDir, 'day', 'progress.json'));

/**
 * The clock to start a platform with: set to the day that is to be played, else the machine's time.
 * A platform that plays none goes by the file that is given: a rehearsal's.
 */
export const dayClockOf = async (
  {
    dataDir,
    samplesDir,
    idle,
  }: { readonly dataDir: string; readonly samplesDir: string; readonly idle: boolean },
  given: string | undefined,
): Promise<DayClock> => {
  if (idle && given) return new DayClock(given);
  const clock = new DayClock(clockFileOf(dataDir));
  const progress = progressOf(dataDir);
  if (idle || progress.isDone('over')) await clock.catchUp();
  else {
    const { businessDate } = new Samples(samplesDir).expectations();
    if (progress.isDone('cleared')) await clock.leapPastMidnight(businessDate);
    else clock.begin(businessDate);
  }
  return clock;
};
