import type { NoticeRow } from './notice.table';

/** The ways to a person, in the order in which they are tried. */
export const WAYS = ['app', 'sms', 'email'] as const;
export type Way = (typeof WAYS)[number];

export const isWay = (channel: NoticeRow['channel']): channel is Way => channel !== 'webhook';

/** The ways of `allowed` from this one on, in their order. */
export const waysFrom = (first: Way, allowed: readonly Way[]): Way[] =>
  WAYS.slice(WAYS.indexOf(first)).filter((way) => allowed.includes(way));
