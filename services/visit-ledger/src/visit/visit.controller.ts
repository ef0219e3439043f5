import { VisitId } from '@caretab/contracts';
import type { AuditTrail, ChainFault, EventStore } from '@caretab/event-store';
import { DomainError } from '@caretab/kernel';
import { valid } from '@caretab/host';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Type } from '@sinclair/typebox';
import { EVENT_STORE } from '../parts';
import { factOf } from './stored-facts';
import { streamOf } from './visits';

const Until = Type.Union([Type.String({ pattern: '^\\d{1,18}$' }), Type.Undefined()]);

/**
 * The audit of one visit, straight from its stream: each fact with time, cause and the hospital's
 * own message.
 */
@ApiTags('visit-ledger')
@Controller('visit-ledger')
export class VisitController {
  constructor(@Inject(EVENT_STORE) private readonly events: EventStore & AuditTrail) {}

  @Get('visits/:visitId/history')
  @ApiOperation({
    summary: 'Every fact of a visit in order, with its time, its cause and its source message',
  })
  async history(@Param('visitId', valid(VisitId)) visitId: string): Promise<unknown> {
    const events = await this.events.readStream(streamOf(visitId));
    if (events.length === 0) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
    return {
      visitId,
      events: events.map((event) => {
        const { type, data } = factOf(event);
        return {
          revision: event.revision,
          type,
          recordedAt: event.recordedAt,
          causationId: event.metadata.causationId,
          source: event.metadata.source,
          traceparent: event.metadata.traceparent,
          eventId: event.id,
          position: event.position.toString(),
          data,
        };
      }),
    };
  }
  @Get('visits/:visitId/proof')
  @ApiOperation({
    summary:
      'Verifies the chain of one visit from its first fact: whether any was changed, dropped or moved',
  })
  async proof(@Param('visitId', valid(VisitId)) visitId: string): Promise<unknown> {
    const { events, faults } = await this.events.verifyStream(streamOf(visitId));
    if (events === 0) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
    return { visitId, events, intact: faults.length === 0, faults: faults.map(told) };
  }

  @Get('proof')
  @ApiQuery({
    name: 'until',
    required: false,
    description: 'Position up to which the seal is made',
  })
  @ApiOperation({
    summary:
      'Verifies every chain and the order of all facts; keep the seal elsewhere, and ask again up to its head',
  })
  async proofOfAll(@Query('until', valid(Until)) until?: string): Promise<unknown> {
    const { events, streams, faults, head, seal } = await this.events.verifyAll(
      until === undefined ? {} : { until: BigInt(until) },
    );
    return {
      events,
      streams,
      intact: faults.length === 0,
      faults: faults.map(told),
      head: head.toString(),
      seal,
    };
  }
}

const told = ({ kind, stream, revision, position }: ChainFault): unknown => ({
  kind,
  stream,
  revision,
  position: position.toString(),
});
