/** Hours in which no debit is sent: minutes of the day, Asia/Shanghai; `from` may be after `to`. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const SHANGHAI_OFFSET_MINUTES = 8 * 60;

const minuteOf = (time: string): number => {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
};

/** Reads `21:00-08:00`; `off`, or a period without a length, is none. */
export const quietHoursOf = (setting: string): QuietHours | undefined => {
  if (setting === 'off') return undefined;
  const [from, to] = setting.split('-');
  const hours = { fromMinute: minuteOf(from!), toMinute: minuteOf(to!) };
  return hours.fromMinute === hours.toMinute ? undefined : hours;
};

/** When the quiet hours end in which `now` lies; undefined where it lies in none. */
export const quietUntil = (hours: QuietHours | undefined, now: Date): Date | undefined => {
  if (!hours) return undefined;
  const { fromMinute, toMinute } = hours;
  const nowMinutes = now.getTime() / MINUTE_MS + SHANGHAI_OFFSET_MINUTES;
  const minute = nowMinutes % DAY_MINUTES;
  const isQuiet =
    fromMinute < toMinute
      ? minute >= fromMinute && minute < toMinute
      : minute >= fromMinute || minute < toMinute;
  if (!isQuiet) return undefined;
  const leftMinutes = (toMinute - minute + DAY_MINUTES) % DAY_MINUTES;
  return new Date(Math.ceil(now.getTime() + leftMinutes * MINUTE_MS));
};
