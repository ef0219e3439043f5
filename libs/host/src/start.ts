import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Topic } from '@caretab/contracts';
import type { Authors, Bus, BusKeys, OutboxRelay } from '@caretab/bus';
import type { Clock } from '@caretab/kernel';
import type { TypeOrmStore } from '@caretab/store';
import type { Logger } from '@caretab/telemetry';
import type { DynamicModule } from '@nestjs/common';
import type { AccessRecordsByService } from './access-records';
import type { Agreements } from './agreement';
import type { ApprovalsByService } from './approval';
import type { Backlog } from './backlog';
import type { Degradations } from './degradations';
import type { BooksByService } from './book';
import type { Callers } from './callers';
import type { ChassisConfig } from './chassis-config';
import type { Closing } from './closing';
import type { Doorkeepers } from './doorkeepers';
import type { Health } from './health';
import type { Jobs } from './jobs';
import type { ParkedByService } from './operator.controller';
import type { ProblemFilter } from './problem.filter';
import type { ServiceDefinition } from './service';

export interface StartOptions {
  /** One service in its own process, or several side by side. */
  readonly services: readonly ServiceDefinition<any>[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly bus: Bus;
  readonly topics: readonly Topic[];
  databaseUrl(service: string): string;
  /** Of the role that owns the tables and migrates them; without it, the service does. */
  ownerUrl?(service: string): string | undefined;
  readonly metrics?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly progress?: (line: string) => void;
}

/** What a start gathers on its way. */
export interface Start {
  readonly options: StartOptions;
  readonly config: ChassisConfig;
  readonly log: Logger;
  /**
   * What decisions go by: the time of the process, unless a rehearsal moves it. Marks, parking,
   * approvals and tokens go by the time of the process in any case.
   */
  readonly clock: Clock;
  readonly closing: Closing;
  readonly jobs: Jobs;
  readonly busKeys: BusKeys;
  readonly authors: Authors;
  readonly backlog: Backlog;
  readonly degradations: Degradations;
  readonly agreements: Agreements;
  readonly stores: Map<string, TypeOrmStore>;
  readonly relays: OutboxRelay[];
  readonly modules: DynamicModule[];
  readonly problems: ProblemFilter;
  readonly doorkeepers: Doorkeepers;
  readonly callers: Callers;
  readonly parked: ParkedByService;
  readonly approvals: ApprovalsByService;
  readonly accessRecords: AccessRecordsByService;
  readonly books: BooksByService;
  readonly health: Health;
}

/** The interval between two deletions of what the bus and the stores no longer need. */
export const PRUNE_INTERVAL_MS = 60 * 60 * 1000;
