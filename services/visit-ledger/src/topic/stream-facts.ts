import type { ContractMessage } from '@caretab/contracts';
import { type EventStore, StreamFaulty } from '@caretab/event-store';
import { isFact } from '../visit/stored-facts';
import { publicMessage } from '../visit/visit.publisher';
import { streamOf, type VisitStreams } from '../visit/visit-streams';

export interface StreamFact {
  readonly stream: string;
  readonly revision: number;
  readonly message: ContractMessage;
}
/** By the ids of their events; undefined: the visit is or was set aside. */
type FactsOfVisit = ReadonlyMap<string, StreamFact> | undefined;

/** Facts that are remembered, of all visits together. */
const FACTS_MAX = 20_000;

/** What the log has to publish of a visit, as it would be published now; visits of late are remembered. */
export class StreamFacts {
  private readonly known = new Map<string, FactsOfVisit>();
  private count = 0;

  constructor(
    private readonly events: Pick<EventStore, 'readStream'>,
    private readonly streams: Pick<VisitStreams, 'last'>,
  ) {}

  /** Reads that are asked for together share a query. Throws what `readStream` throws, but StreamFaulty. */
  async of(visitId: string): Promise<FactsOfVisit> {
    if (this.known.has(visitId)) return this.known.get(visitId);
    const facts = await this.read(visitId);
    this.known.set(visitId, facts);
    this.count += facts?.size ?? 0;
    for (const [oldest, { size = 0 } = {}] of this.known) {
      if (this.count <= FACTS_MAX || oldest === visitId) break;
      this.known.delete(oldest);
      this.count -= size;
    }
    return facts;
  }

  private async read(visitId: string): Promise<FactsOfVisit> {
    const stream = streamOf(visitId);
    if (this.streams.last(visitId) !== stream) return undefined;
    try {
      const events = await this.events.readStream(stream);
      return new Map(
        events.filter(isFact).flatMap((event) => {
          const message = publicMessage(event);
          return message ? [[event.id, { stream, revision: event.revision, message }]] : [];
        }),
      );
    } catch (error) {
      if (error instanceof StreamFaulty) return undefined;
      throw error;
    }
  }
}
