import { businessDateOf, type LateChargePolicy, type VisitClass } from '@caretab/contracts';

/** When visits of one institution end and are settled. */
export interface EndRules {
  /** Milliseconds between the end of a visit and its closing. */
  readonly graceMs: number;
  readonly lateCharge: LateChargePolicy;
  readonly outpatientEnd: 'doctor' | 'midnight';
  readonly emergencyEnd: 'doctor' | 'observation';
}

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Emergency observation lasts 72 hours at most. */
const OBSERVATION_MS = 72 * HOUR_MS;

/** 24:00 of the day of an instant (Asia/Shanghai). */
const midnightAfter = (instant: string): number =>
  Date.parse(`${businessDateOf(instant)}T00:00:00+08:00`) + DAY_MS;

/**
 * By when a visit ends whose hospital sends no end: RFC 3339 in UTC, undefined where no rule says
 * so. A stay is never ended by a clock. Throws INSTANT_IMPOSSIBLE (invalid).
 */
export const endsByOf = (
  { outpatientEnd, emergencyEnd }: EndRules,
  { visitClass, startedAt }: { readonly visitClass: VisitClass; readonly startedAt: string },
): string | undefined => {
  if (visitClass === 'outpatient' && outpatientEnd === 'midnight')
    return new Date(midnightAfter(startedAt)).toISOString();
  if (visitClass === 'emergency' && emergencyEnd === 'observation')
    return new Date(Date.parse(startedAt) + OBSERVATION_MS).toISOString();
  return undefined;
};

/**
 * Until when the grace time of an end runs that is recorded at `now`; undefined where there is none.
 * That of an end ahead of the clock begins once its time has come. RFC 3339, UTC.
 */
export const graceUntilOf = (
  { graceMs }: EndRules,
  now: Date,
  endedAt?: string,
): string | undefined => {
  const fromMs = Math.max(now.getTime(), endedAt === undefined ? 0 : Date.parse(endedAt));
  return fromMs + graceMs > now.getTime() ? new Date(fromMs + graceMs).toISOString() : undefined;
};
