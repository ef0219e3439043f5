import { businessDateOf } from '@caretab/contracts';
import type { Calendars } from '../collection/policy';

/** What is recorded, when: the moment by our clock, and what makes days of moments. */
export interface Recorded {
  readonly now: Date;
  readonly policy: Calendars;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** Reads `23:00`, or `24:00`: minutes of the day, Asia/Shanghai. */
export const closeMinuteOf = (setting: string): number => {
  const [hours, minutes] = setting.split(':').map(Number);
  return hours! * 60 + minutes!;
};

/** The day, YYYY-MM-DD, of a calendar that closes at a minute: from then on it is the next one. */
export const dayThatCloses = (closeMinute: number, at: Date): string =>
  businessDateOf(new Date(at.getTime() + (DAY_MINUTES - closeMinute) * MINUTE_MS));

/**
 * The day of our books. It is asked for once, when a movement is recorded, and kept with it.
 */
export const bookDayOf = ({ now, policy: { booksCloseMinute } }: Recorded): string =>
  dayThatCloses(booksCloseMinute, now);

/** The channel's day of a movement: its own clearing date, or what its moment lets expect. */
export const channelDayOf = (
  { at, clearingDate }: { readonly at: Date; readonly clearingDate?: string | undefined },
  { channelCloseMinute }: Calendars,
): { readonly channelDate: string; readonly isChannelDateGiven: boolean } => ({
  channelDate: clearingDate ?? dayThatCloses(channelCloseMinute, at),
  isChannelDateGiven: clearingDate !== undefined,
});
