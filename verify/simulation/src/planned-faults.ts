import type { TroublePlan } from './circumstances';
import { KEY_REJECTED } from './outages';
import type { Plan } from './plan';
import type { SimulatedPlatform } from './simulated-platform';

const HOUR_MS = 3_600_000;
/** Longer than the hold of an outpatient or an emergency lives without a sign of life. */
const HOURS_AWAY_MS = 3 * HOUR_MS;
const KEY_REJECTED_MS = 10 * 60_000;
/** Between leaps, the platform lives so long: it asks and waits. */
const BETWEEN_LEAPS_MS = 3_000;
const LEAPS = 3;
const DAYS_MS = 73 * HOUR_MS;

/**
 * Has the planned troubles begin, each at its time, and end: the others by themselves, a clock when
 * it is set right.
 */
export const beginPlannedFaults = (
  world: SimulatedPlatform,
  troubles: readonly TroublePlan[],
): void => {
  for (const trouble of troubles) {
    const { kind, service, atMs } = trouble;
    world.scheduler.after(atMs, `trouble: ${kind}`, () => {
      if (world.isStorming && world.faults.happens(kind, service)) begin(world, trouble);
    });
  }
};

/** Away for long: time leaps on meanwhile, so that it costs no more steps than a short while. */
const awayWithLeaps = (world: SimulatedPlatform, what: string, forMs: number): void => {
  world.outages.begin(what, forMs + (LEAPS + 1) * BETWEEN_LEAPS_MS);
  for (let leap = 1; leap <= LEAPS; leap += 1)
    world.scheduler.after(leap * BETWEEN_LEAPS_MS, `${what}: time goes by`, () => {
      if (world.outages.has(what)) world.leap(forMs / LEAPS);
    });
};

const begin = (world: SimulatedPlatform, { kind, service, forMs }: TroublePlan): void => {
  switch (kind) {
    case 'databaseDown':
      world.databaseCrashes.crash(service);
      return world.outages.begin(`database ${service}`, forMs);
    case 'diskFull':
      return world.outages.begin(`disk ${service}`, forMs);
    case 'tablesMissing':
      return world.outages.begin(`tables ${service}`, forMs);
    case 'eventsDown':
      return world.outages.begin('events', forMs);
    case 'busDown':
      world.databaseCrashes.crashBus();
      return world.outages.begin('bus', forMs);
    case 'powerLost':
      return world.databaseCrashes.failPowerSoon();
    case 'acquirerDown':
      return world.outages.begin('acquirer', forMs);
    case 'acquirerAwayForHours':
      return awayWithLeaps(world, 'acquirer', HOURS_AWAY_MS);
    case 'acquirerRejectsKey':
      return awayWithLeaps(world, KEY_REJECTED, KEY_REJECTED_MS);
    case 'leap':
      return world.leap(DAYS_MS);
    default: {
      const whose = kind === 'clockBack' ? service : undefined;
      world.setClocks(-HOUR_MS, whose);
      world.scheduler.after(forMs, 'the clock is set right', () => world.setClocks(0, whose));
    }
  }
};

/** A hospital's receiver of webhooks goes away, and stays so until it is said to be back. */
export const beginReceiverAway = (world: SimulatedPlatform, away: Plan['receiverAway']): void => {
  if (!away) return;
  const { institutionId, atMs } = away;
  world.scheduler.after(atMs, `the receiver of ${institutionId} goes away`, () => {
    world.receiverAway = institutionId;
  });
};
