import {
  type AuditTrail,
  type EventKeys,
  type EventStore,
  type Transferable,
} from '@caretab/event-store';
import { EventStoreDb, proveRights } from '@caretab/event-store-eventstoredb';
import { PgEventStore } from '@caretab/event-store-postgres';
import type { Outages } from '@caretab/kernel';

/** Where a ledger's events are. */
export type LedgerPlace =
  | {
      readonly kind: 'postgres';
      readonly url: string;
      readonly schema: string;
      /** Of the role that owns the events and migrates them; without it, `url` is that. */
      readonly ownerUrl?: string | undefined;
      readonly poolMax?: number;
    }
  | { readonly kind: 'eventstoredb'; readonly url: string; readonly namespace: string };

export type LedgerEvents = EventStore & AuditTrail & Transferable;

export interface OpenOptions {
  /** Sign what is written and verify what is read. */
  readonly keys: EventKeys;
  readonly outages?: Outages | undefined;
  /** Makes the schema in PostgreSQL, or migrates it; on by default. */
  readonly migrate?: boolean;
}

/**
 * What a checkpoint remembers of the store whose positions it holds. Without the host: a server may
 * move, its positions stay.
 */
export const storeIdOf = (place: LedgerPlace): string =>
  place.kind === 'postgres' ? `postgres:${place.schema}` : `eventstoredb:${place.namespace}`;

/** Opens the event store at a place. Throws CannotStart where it does not let us do our work. */
export const openLedger = async (
  place: LedgerPlace,
  { keys, outages, migrate = true }: OpenOptions,
): Promise<LedgerEvents> => {
  const common = { keys, outages };
  // The client knows one name of the scheme only.
  if (place.kind === 'eventstoredb') {
    const url = place.url.replace(/^(eventstoredb|kurrentdb)/, 'esdb');
    const events = new EventStoreDb({ url, namespace: place.namespace, ...common });
    return proven(events, () => proveRights(events, url));
  }
  const { url, schema, ownerUrl, poolMax } = place;
  const wishes = { ...(poolMax && { poolMax }), ...(ownerUrl && { ownerUrl }) };
  const events = new PgEventStore({ url, schema, ...wishes, ...common });
  return proven(events, async () => (migrate ? events.migrate() : undefined));
};

const proven = async (events: LedgerEvents, proof: () => Promise<void>): Promise<LedgerEvents> => {
  try {
    await proof();
    return events;
  } catch (error) {
    await events.close();
    throw error;
  }
};
