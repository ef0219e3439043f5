import type { Scope } from '@caretab/access';
import { type RouteAnswer, type RouteInput, visitLedgerRoutes as routes } from '@caretab/contracts';
import {
  type AuditTrail,
  type ChainedEvent,
  type EventStore,
  GENESIS,
  type StreamFault,
  StreamFaulty,
} from '@caretab/event-store';
import { concerning, Handles, STORE } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import type { LogAnchors } from '../anchors/log-anchors';
import { EVENT_STORE, LOG_ANCHORS, VISIT_STREAMS_OF } from '../parts';
import { addPerson, agree, shown, shownAnchors } from './proof-answer';
import { assertWithin } from './within-scopes';
import { firstStreams, readVisit, type VisitStreams } from './visit-streams';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** Proves the log: by its own chain, and by the anchors that are kept outside of its database. */
@Controller()
export class ProofController {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore & AuditTrail,
    @Inject(VISIT_STREAMS_OF) private readonly streams: VisitStreams = firstStreams,
    @Inject(LOG_ANCHORS)
    private readonly anchors: Pick<LogAnchors, 'compare' | 'prove'> = noAnchors,
    @Inject(STORE) private readonly store?: Store,
  ) {}

  @Handles(routes.proof)
  async proof({ params: { visitId } }: Input<'proof'>): Answer<'proof'> {
    const stream = this.streams.last(visitId);
    const positions: bigint[] = [];
    const persons = new Set<string>();
    const { events, faults } = await this.events.verifyStream(stream, (event) => {
      positions.push(event.position);
      addPerson(persons, event);
    });
    const anchors = shownAnchors(await this.anchors.compare(positions));
    if (events === 0 && faults.length === 0) {
      const lost = await this.lossOf(stream);
      if (!lost) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
      return { visitId, events, intact: false, faults: [shown(lost)], anchors };
    }
    const intact = faults.length === 0 && agree(anchors);
    const proof = { visitId, events, intact, faults: faults.map(shown), anchors };
    return concerning([...persons], proof);
  }

  /** A stream that lost every event shows none that is at fault. */
  private async lossOf(stream: string): Promise<StreamFault | undefined> {
    try {
      await readVisit(this.events, this.streams, { stream });
      return undefined;
    } catch (error) {
      if (error instanceof StreamFaulty) return error.fault;
      throw error;
    }
  }

  @Handles(routes.eventProof)
  async eventProof({
    params,
    scopes,
  }: Input<'eventProof'> & { readonly scopes?: readonly Scope[] }): Answer<'eventProof'> {
    const { visitId } = params;
    await assertWithin(this.store, visitId, scopes);
    const revision = Number(params.revision);
    const found: ChainedEvent[] = [];
    const persons = new Set<string>();
    await this.events.verifyStream(this.streams.last(visitId), (event) => {
      addPerson(persons, event);
      if (event.revision === revision || event.revision === revision - 1) found.push(event);
    });
    const event = found.find((one) => one.revision === revision);
    if (!event) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
    const before = found.find((one) => one.revision === revision - 1)?.hash ?? GENESIS;
    const inclusion = await this.anchors.prove(event.position);
    const { stream, id, type, data, metadata, recordedAtMs, position } = event;
    return concerning([...persons], {
      ...{
        stream,
        revision,
        position: position.toString(),
        id,
        type,
        data,
        metadata,
        recordedAtMs,
      },
      previousHash: Buffer.from(before).toString('base64'),
      inclusion: inclusion
        ? { ...inclusion, way: inclusion.way.map((node) => node.toString('base64')) }
        : null,
    });
  }

  @Handles(routes.proofOfAll)
  async proofOfAll({ query: { until } }: Input<'proofOfAll'>): Answer<'proofOfAll'> {
    const { events, streams, faults, knownFaults, head, seal } = await this.events.verifyAll({
      known: this.streams.decided(),
      ...(until !== undefined && { until: BigInt(until) }),
    });
    const anchors = shownAnchors(await this.anchors.compare());
    return {
      events,
      streams,
      anchors,
      intact: faults.length === 0 && agree(anchors),
      faults: faults.map(shown),
      knownFaults,
      head: head.toString(),
      seal,
    };
  }
}

const noAnchors: Pick<LogAnchors, 'compare' | 'prove'> = {
  compare: async () => null,
  prove: async () => undefined,
};
