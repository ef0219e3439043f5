import type { Scope } from '@caretab/access';
import { type RouteAnswer, type RouteInput, visitLedgerRoutes as routes } from '@caretab/contracts';
import type { EventStore } from '@caretab/event-store';
import { Handles, STORE } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { EVENT_STORE, TIMELY, VISIT_STREAMS_OF } from '../parts';
import { PlanDocuments } from '../plan/plan-documents';
import { asSetAside } from './as-set-aside';
import { preSettled } from './pre-settlement';
import { factOf } from './stored-facts';
import { visit } from './visit';
import type { Timely } from './visit.consumer';
import { readVisit, type VisitStreams } from './visit-streams';
import { assertWithin } from './within-scopes';

type Input = RouteInput<typeof routes.preSettlement> & { readonly scopes?: readonly Scope[] };

/** What a visit would come to if it ended now, from its stream. */
@Controller()
export class PreSettlementController {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(VISIT_STREAMS_OF) private readonly streams: VisitStreams,
    @Inject(STORE) private readonly store: Store,
    @Inject(PlanDocuments) private readonly documents: Pick<PlanDocuments, 'know'>,
    @Inject(TIMELY) private readonly timely: Pick<Timely, 'clock'>,
  ) {}

  @Handles(routes.preSettlement)
  async show({
    params: { visitId },
    scopes,
  }: Input): Promise<RouteAnswer<typeof routes.preSettlement>> {
    await assertWithin(this.store, visitId, scopes);
    const stream = this.streams.of(visitId);
    const events = await readVisit(this.events, this.streams, { stream }).catch(
      asSetAside(visitId),
    );
    if (events.length === 0) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
    const state = events.map(factOf).reduce(visit.evolve, visit.initial);
    if ('coverage' in state) await this.documents.know(state.coverage);
    return preSettled(state, this.timely.clock.now());
  }
}
