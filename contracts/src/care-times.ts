import { type Static, Type } from '@sinclair/typebox';
import type { hospitalVisitEvents } from './hospital';
import { DAY_MS, type EventType } from './topic';

/**
 * Two hours: a visit is booked ahead and cancelled before it begins; drugs to take home are charged
 * after the discharge.
 */
export const CARE_ORDER_MS = 7_200_000;

/**
 * How far a time that a hospital reports may lie from the platform's clock: settings of the gateway
 * and of the visit ledger, so that every door refuses the same.
 */
export const careTimeSettings = {
  CARE_TIME_AHEAD_MS: Type.Integer({
    minimum: 0,
    maximum: 30 * DAY_MS,
    default: 7_200_000,
    description: 'how far ahead of the clock a time may be that a hospital reports',
  }),
  CARE_TIME_BEHIND_DAYS: Type.Integer({
    minimum: 1,
    maximum: 36_500,
    default: 1096,
    description:
      'how long ago it may be; by default three years, when claims lapse (Civil Code, Art. 188)',
  }),
  CARE_TIME_ORDER_MS: Type.Integer({
    minimum: 0,
    maximum: 30 * DAY_MS,
    default: CARE_ORDER_MS,
    description:
      'how far a time may lie before one that it cannot precede: a report before the start of its ' +
      'visit, a return before its charge, the end of a visit before its charges',
  }),
};
export interface CareTimeTolerances {
  readonly aheadMs: number;
  readonly behindMs: number;
  /** Between a time and one that it cannot precede. */
  readonly orderMs: number;
}

export const careTimeTolerances = ({
  CARE_TIME_AHEAD_MS: aheadMs,
  CARE_TIME_BEHIND_DAYS: behindDays,
  CARE_TIME_ORDER_MS: orderMs,
}: {
  readonly [Name in keyof typeof careTimeSettings]: Static<(typeof careTimeSettings)[Name]>;
}): CareTimeTolerances => ({ aheadMs, behindMs: behindDays * DAY_MS, orderMs });

/** Where a report of a hospital says when it happened: a JSON pointer into the event's data. */
export const CARE_MOMENT = {
  VisitStarted: '/startedAt',
  UnidentifiedVisitStarted: '/startedAt',
  VisitUpdated: '/updatedAt',
  VisitWithdrawn: '/withdrawnAt',
  VisitEnded: '/endedAt',
  VisitReopened: '/reopenedAt',
  ChargePosted: '/charge/occurredAt',
  ChargeCredited: '/creditedAt',
  ChargeReturned: '/returnedAt',
} as const satisfies Record<EventType<typeof hospitalVisitEvents>, string>;

/** When it happened, by the hospital: RFC 3339. `data` is the report's own, or what becomes it. */
export const careMomentOf = (type: EventType<typeof hospitalVisitEvents>, data: object): string => {
  let value: unknown = data;
  for (const member of CARE_MOMENT[type].slice(1).split('/'))
    value = (value as Record<string, unknown>)[member];
  return value as string;
};

/** Why a time cannot be taken: too far ahead of the clock, or behind it; undefined for one that can. */
export const careTimeFault = (
  moment: string,
  now: Date,
  { aheadMs, behindMs }: CareTimeTolerances,
): 'ahead' | 'behind' | undefined => {
  const aheadByMs = Date.parse(moment) - now.getTime();
  if (aheadByMs > aheadMs) return 'ahead';
  return -aheadByMs > behindMs ? 'behind' : undefined;
};

/** Whether a visit would end before it began. Both are RFC 3339. */
export const endsBeforeStart = (endedAt: string, startedAt: string): boolean =>
  Date.parse(endedAt) < Date.parse(startedAt);

/** Examinations ahead of an admission belong to it: seven days. */
const BEFORE_START_MAX_MS = 7 * DAY_MS;

/** Whether care was given too long before its visit began to belong to it. Both are RFC 3339. */
export const isBeforeItsVisit = (occurredAt: string, startedAt: string): boolean =>
  Date.parse(startedAt) - Date.parse(occurredAt) > BEFORE_START_MAX_MS;

const CHINA_OFFSET_MS = 8 * 3_600_000;

/** A date alone is read as 00:00 (Asia/Shanghai): what it says lasts until the day is over. */
const latestMs = (moment: string): number => {
  const ms = Date.parse(moment);
  return (ms + CHINA_OFFSET_MS) % DAY_MS === 0 ? ms + DAY_MS - 1 : ms;
};

/**
 * Whether a moment lies before one that it cannot precede, by more than the tolerance (ms): a report
 * before the start of its visit, a return before its charge. Both are RFC 3339.
 */
export const precedes = (moment: string, earliest: string, toleranceMs: number): boolean =>
  latestMs(moment) + toleranceMs < Date.parse(earliest);

/**
 * Whether care was given after the end of its visit, by more than the tolerance (ms): a charge of it
 * is another visit's, or the end is wrong. Both are RFC 3339.
 */
export const isAfterEnd = (occurredAt: string, endedAt: string, toleranceMs: number): boolean =>
  Date.parse(occurredAt) - Date.parse(endedAt) > toleranceMs;
