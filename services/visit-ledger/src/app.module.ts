import { type AuditTrail, type EventStore, PgEventStore } from '@caretab/event-store';
import type { ServiceParts } from '@caretab/service';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { VisitLedgerConfig } from './config';
import { EVENT_STORE, STORE } from './parts';
import { Projection } from './views/projection';
import { ViewsController } from './views/views.controller';
import { VisitConsumer } from './visit/visit.consumer';
import { VisitController } from './visit/visit.controller';
import { VisitPublication } from './visit/visit-publication';
import { Visits } from './visit/visits';
import { Workers } from './workers';

@Module({})
export class VisitLedgerModule {}

const openEvents = async (parts: ServiceParts<Static<typeof VisitLedgerConfig>>): Promise<EventStore & AuditTrail> => {
  const events = new PgEventStore({
    url: parts.database.url, schema: `${parts.database.schema}_events`,
    poolMax: parts.config.VISIT_LEDGER_EVENT_POOL_MAX,
    onError: (error, doing) => parts.logger.error({ err: error, doing }, 'the event store\'s follower failed, will try again'),
  });
  parts.closes(() => events.close());
  await events.migrate();
  return events;
};

/** Wires doors, the event store and the views. */
export const visitLedgerModule = async (parts: ServiceParts<Static<typeof VisitLedgerConfig>>): Promise<DynamicModule> => {
  const events = parts.outside?.events ?? (await openEvents(parts));
  const publication = new VisitPublication(events, parts.bus, parts.store);
  const projection = new Projection(events, parts.store);
  parts.backlog.measure('visit-ledger.publication', () => publication.pending());
  parts.backlog.measure('visit-ledger.views', () => projection.pending());
  return {
    module: VisitLedgerModule,
    controllers: [VisitConsumer, VisitController, ViewsController],
    providers: [
      { provide: EVENT_STORE, useValue: events },
      { provide: STORE, useValue: parts.store },
      { provide: Visits, useValue: new Visits(events) },
      { provide: Projection, useValue: projection },
      { provide: Workers, useValue: new Workers(publication, projection) },
    ],
  };
};
