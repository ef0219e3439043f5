const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/**
 * Years that care can be given in, with room on both sides; outside of them dates change their
 * length as text.
 */
const YEAR_MIN = 1900;
const YEAR_MAX = 2999;
/** No place on earth is further from Greenwich. */
const OFFSET_MINUTES_MAX = 14 * 60;

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const MOMENT =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-](\d{2}):(\d{2}))$/;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const isOnCalendar = (year: number, month: number, day: number): boolean =>
  year >= YEAR_MIN &&
  year <= YEAR_MAX &&
  month >= 1 &&
  month <= 12 &&
  day >= 1 &&
  day <= (month === 2 && isLeap(year) ? 29 : DAYS[month - 1]!);

/** Whether a text is a day, YYYY-MM-DD, that the calendar has. */
export const isDay = (text: string): boolean => {
  const [, year, month, day] = DAY.exec(text) ?? [];
  return year !== undefined && isOnCalendar(Number(year), Number(month), Number(day));
};

/**
 * Whether a text is an RFC 3339 instant that has been or will be. JavaScript's own parser turns 30
 * February into March and accepts hour 24. Leap seconds are refused, because no clock here
 * represents them.
 */
export const isMoment = (text: string): boolean => {
  const [, year, month, day, hour, minute, second, offsetHour = '0', offsetMinute = '0'] =
    MOMENT.exec(text) ?? [];
  if (year === undefined || !isOnCalendar(Number(year), Number(month), Number(day))) return false;
  return (
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    Number(second) <= 59 &&
    Number(offsetMinute) <= 59 &&
    Number(offsetHour) * 60 + Number(offsetMinute) <= OFFSET_MINUTES_MAX
  );
};
