import type { TroublePlan } from './circumstances';
import type { SimulatedPlatform } from './simulated-platform';

const HOUR_MS = 3_600_000;
/** Longer than the hold of an outpatient or an emergency lives without a sign of life. */
const DAYS_MS = 73 * HOUR_MS;

/**
 * Has the planned troubles begin, each at its time, and end: the others by themselves, a clock when
 * it is set right.
 */
export const beginTroubles = (world: SimulatedPlatform, troubles: readonly TroublePlan[]): void => {
  for (const trouble of troubles) {
    const { kind, service, atMs } = trouble;
    world.scheduler.after(atMs, `trouble: ${kind}`, () => {
      if (world.isStorming && world.faults.happens(kind, service)) begin(world, trouble);
    });
  }
};

const begin = (world: SimulatedPlatform, { kind, service, forMs }: TroublePlan): void => {
  switch (kind) {
    case 'databaseDown':
      return world.outages.begin(`database ${service}`, forMs);
    case 'diskFull':
      return world.outages.begin(`disk ${service}`, forMs);
    case 'tablesMissing':
      return world.outages.begin(`tables ${service}`, forMs);
    case 'eventsDown':
      return world.outages.begin('events', forMs);
    case 'busDown':
      return world.outages.begin('bus', forMs);
    case 'acquirerDown':
      return world.outages.begin('acquirer', forMs);
    case 'leap':
      return world.leap(DAYS_MS);
    default: {
      const whose = kind === 'clockBack' ? service : undefined;
      world.setClocks(-HOUR_MS, whose);
      world.scheduler.after(forMs, 'the clock is set right', () => world.setClocks(0, whose));
    }
  }
};
