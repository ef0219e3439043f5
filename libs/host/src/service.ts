import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Topic } from '@caretab/contracts';
import type { Clock, Ids, Timers } from '@caretab/kernel';
import type { AuditTrail, EventStore } from '@caretab/event-store';
import type { Bus } from '@caretab/bus';
import type { MigrationClass, Store, Table } from '@caretab/store';
import type { Logger } from '@caretab/telemetry';
import type { Static, TObject } from '@sinclair/typebox';
import type { DynamicModule } from '@nestjs/common';
import type { Backlog } from './backlog';

/** What every service is given; nothing in a service makes these for itself. */
export interface Platform {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timers: Timers;
}

/**
 * What a simulation puts in the place of the world outside, so that no socket is opened; what is
 * absent is the real thing.
 */
export interface Outside {
  /** Every HTTP request a service makes: to identity, the acquirer, a hospital's webhook. */
  readonly fetch?: typeof globalThis.fetch;
  /** The ledger's events. */
  readonly events?: EventStore & AuditTrail;
  /** Delivers an e-mail; rejects as an SMTP connection does. */
  readonly mail?: (mail: {
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    readonly messageId: string;
  }) => Promise<unknown>;
  /** False: a service opens no port of its own. */
  readonly listens?: boolean;
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
  /**
   * For what the service opens beside its store: closed after its doors, consumers, jobs and relay,
   * and when the start fails.
   */
  closes(close: () => Promise<void>): void;
  /**
   * For what the service decides about a request before its body is read; absent where nothing
   * listens.
   */
  beforeBody?(keeper: Doorkeeper): void;
  /** Where the service's own database is: connection string and schema. */
  readonly database: { readonly url: string; readonly schema: string };
  readonly outside?: Outside;
}

/** A service as the chassis composes it: alone in its process, or beside the others. */
export interface ServiceDefinition<Schema extends TObject = TObject> {
  /** One name everywhere: folder, routes, consumer groups, schema, containers, `service.name`. */
  readonly name: string;
  /** The environment variables it reads, all at boot. */
  readonly config: Schema;
  readonly tables: readonly Table[];
  readonly migrations: readonly MigrationClass[];
  readonly publishes: readonly Topic[];
  module(parts: ServiceParts<Static<Schema>>): DynamicModule | Promise<DynamicModule>;
}
