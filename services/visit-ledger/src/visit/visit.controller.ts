import type { Scope } from '@caretab/access';
import { type RouteAnswer, type RouteInput, visitLedgerRoutes as routes } from '@caretab/contracts';
import { concerning, Handles, STORE } from '@caretab/host';
import type { EventStore, RecordedEvent } from '@caretab/event-store';
import { derivedId, DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { EVENT_STORE, VISIT_STREAMS_OF } from '../parts';
import { LaterClaims } from '../views/later-claims';
import { asSetAside } from './as-set-aside';
import { inWordsOfToday, recordedAtOf } from './stored-facts';
import { Visits } from './visits';
import { assertWithin } from './within-scopes';
import { firstStreams, readVisit, type VisitStreams } from './visit-streams';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/**
 * The audit of one visit, straight from its stream: each fact with time, cause and the hospital's
 * own message; and the citizen's answer to a late charge.
 */
@Controller()
export class VisitController {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(Visits) private readonly visits: Pick<Visits, 'handle'>,
    @Inject(LaterClaims) private readonly claims: Pick<LaterClaims, 'of'>,
    @Inject(VISIT_STREAMS_OF) private readonly streams: VisitStreams = firstStreams,
    @Inject(STORE) private readonly store?: Store,
  ) {}

  @Handles(routes.answerLateCharge)
  async answer({ params, body }: Input<'answerLateCharge'>): Answer<'answerLateCharge'> {
    const { visitId, chargeId } = params;
    const { hasLater: hasLaterClaim, personId } = await this.claims.of(visitId);
    const cause = { id: derivedId('late charge', visitId, chargeId), source: body.by };
    const data = { chargeId, isAgreed: body.agreed, hasLaterClaim };
    await this.visits
      .handle(visitId, [{ command: { type: 'AnswerLateCharge', data }, cause }])
      .catch(asSetAside(visitId));
    const persons = personId === null ? [] : [personId];
    return concerning(persons, { visitId, chargeId, agreed: body.agreed });
  }

  @Handles(routes.history)
  async history({
    params: { visitId },
    scopes,
  }: Input<'history'> & { readonly scopes?: readonly Scope[] }): Answer<'history'> {
    await assertWithin(this.store, visitId, scopes);
    const events = await this.read(visitId).catch(asSetAside(visitId));
    if (events.length === 0) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
    return {
      visitId,
      events: events.map((event) => {
        const { type, data } = inWordsOfToday(event);
        return {
          revision: event.revision,
          type,
          recordedAt: recordedAtOf(event),
          causationId: event.metadata.causationId,
          source: event.metadata.source,
          identifier: event.metadata['identifier'],
          traceparent: event.metadata.traceparent,
          eventId: event.id,
          position: event.position.toString(),
          data,
        };
      }),
    };
  }

  private async read(visitId: string): Promise<RecordedEvent[]> {
    return readVisit(this.events, this.streams, { stream: this.streams.of(visitId) });
  }
}
