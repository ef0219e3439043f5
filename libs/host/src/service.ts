import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServiceTokens } from '@caretab/access';
import type { Topic } from '@caretab/contracts';
import type { Clock, Ids, Timers } from '@caretab/kernel';
import type { Authors, Bus } from '@caretab/bus';
import type { MigrationClass, Store, Table } from '@caretab/store';
import type { Logger } from '@caretab/telemetry';
import type { Static, TObject } from '@sinclair/typebox';
import type { DynamicModule } from '@nestjs/common';
import type { Agreements } from './agreement';
import type { Backlog } from './backlog';
import type { Callers } from './callers';
import type { Degradations } from './degradations';
import type { KnownKeys } from './fingerprints';

/** What every service is given; nothing in a service makes these for itself. */
export interface Platform {
  readonly bus: Bus;
  /** Every HTTP request that a service makes. */
  readonly fetch: typeof globalThis.fetch;
  /** By which it says to another service who it is. */
  readonly tokens: ServiceTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timers: Timers;
}

/**
 * Undefined: the request is not its own, and may go on. Else it goes on when that resolves; what it
 * rejects with is the answer. It is asked about every request of the process.
 */
export type Doorkeeper = (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void> | undefined;

export interface ServiceParts<Config> extends Platform {
  readonly config: Config;
  readonly store: Store;
  readonly logger: Logger;
  /** Where the service says how much it still has to do. */
  readonly backlog: Backlog;
  /** Where the service says that it works, and what does not. */
  readonly degradations: Degradations;
  /** Where the service adds its comparisons with neighbours. */
  readonly agreements: Agreements;
  /** Who verifies the messages of its consumers; for a service that reads a topic beside them. */
  readonly authors: Pick<Authors, 'verify'>;
  /**
   * For what the service opens beside its store: closed after its doors, consumers, jobs and relay,
   * and when the start fails.
   */
  closes(close: () => Promise<void>): void;
  /** Who sends a request; a service adds whom it alone can recognize. */
  readonly callers: Callers;
  /**
   * For what the service decides about a request before its body is read; absent where nothing
   * listens.
   */
  beforeBody?(keeper: Doorkeeper): void;
  /** Keeps fingerprints of keys that came while the service runs; throws where it knows others. */
  keepKeys?(known: KnownKeys): Promise<void>;
  /** Where the service's own database is: connection string and schema, and how its owner gets there. */
  readonly database: {
    readonly url: string;
    readonly ownerUrl?: string | undefined;
    readonly schema: string;
  };
}

/** A service as the chassis composes it: alone in its process, or beside the others. */
export interface ServiceDefinition<Schema extends TObject = TObject, Ports = any> {
  /** One name everywhere: folder, routes, consumer groups, schema, containers, `service.name`. */
  readonly name: string;
  /** The environment variables it reads, all at boot. */
  readonly config: Schema;
  /**
   * The keys among them by which its rows were written: its database keeps their fingerprints, and a
   * start with others is refused.
   */
  knownKeys?(config: Static<Schema>): readonly KnownKeys[];
  readonly tables: readonly Table[];
  readonly migrations: readonly MigrationClass[];
  /** The table whose entries are money: booked, anchored and proven. Its migration has `createBook`. */
  readonly book?: Table;
  readonly publishes: readonly Topic[];
  /**
   * Opens the real things that this service alone uses: its event store, a mail transport, a
   * listener. The composer of the service may hand in others; absent where there are none.
   */
  ports?(parts: ServiceParts<Static<Schema>>): Ports | Promise<Ports>;
  module(parts: ServiceParts<Static<Schema>>, ports: Ports): DynamicModule | Promise<DynamicModule>;
}
