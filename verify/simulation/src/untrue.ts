import { beginForgeries, judgeForgeries } from './forgeries';
import type { Untrue } from './forgery-plan';
import { beginLies, judgeLies } from './lies';
import type { SimulatedPlatform } from './simulated-platform';

/** What is forged, and what the right author says though it cannot be. */
export const beginUntrue = (world: SimulatedPlatform, { forgeries, lies }: Untrue): void => {
  beginForgeries(world, forgeries);
  beginLies(world, lies);
};

/** Before a database is restored: it has lost what it parked. */
export const judgeUntrue = (world: SimulatedPlatform): void => {
  judgeForgeries(world);
  judgeLies(world);
};
