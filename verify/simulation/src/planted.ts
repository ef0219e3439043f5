import type { Authors, Bus } from '@caretab/bus';
import type { AuditTrail, EventStore } from '@caretab/event-store';
import type { Store } from '@caretab/store';
import type { Random } from '@caretab/doubles';
import type { RestoredService } from './plan';

/**
 * What the simulation puts between a machine and its twins to plant a bug; identity where there is
 * none.
 */
export interface Planted {
  readonly name: string;
  /** It shows once the database of this service was restored from a copy. */
  readonly restores?: RestoredService;
  /** Who writes into the log has the ledger's key. */
  readonly hasKey?: boolean;
  /** Settings that it has wrong. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is believed of who wrote a message. */
  readonly authors?: Pick<Authors, 'verify'>;
  store?(store: Store, service: string, random: Random): Store;
  bus?(bus: Bus, service: string, random: Random): Bus;
  events?(events: EventStore & AuditTrail, random: Random): EventStore & AuditTrail;
  fetch?(real: typeof fetch, service: string): typeof fetch;
}
