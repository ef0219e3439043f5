import { VisitId } from '@caretab/contracts';
import type { EventStore } from '@caretab/event-store';
import { DomainError } from '@caretab/kernel';
import { valid } from '@caretab/service';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { EVENT_STORE } from '../parts';
import { streamOf } from './visits';

/** The audit of one visit, straight from its stream: each fact with time, cause and the hospital's own message. */
@ApiTags('visit-ledger')
@Controller('visit-ledger/visits')
export class VisitController {
  constructor(@Inject(EVENT_STORE) private readonly events: EventStore) {}

  @Get(':visitId/history')
  @ApiOperation({ summary: 'Every fact of a visit in order, with its time, its cause and its source message' })
  async history(@Param('visitId', valid(VisitId)) visitId: string): Promise<unknown> {
    const events = await this.events.readStream(streamOf(visitId));
    if (events.length === 0) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
    return {
      visitId,
      events: events.map(({ id, revision, position, type, recordedAt, metadata, data }) => ({ revision, type, recordedAt, causationId: metadata.causationId, source: metadata.source, traceparent: metadata.traceparent, eventId: id, position: position.toString(), data })),
    };
  }
}
