import { visitLedgerVisits } from '@caretab/contracts';
import { type Bus, publish } from '@caretab/bus';
import type { EventStore, RecordedEvent } from '@caretab/event-store';
import { DomainError } from '@caretab/kernel';
import { VISIT_STREAMS } from '../views/checkpoints';
import { positionBefore } from './position-before';
import { publicMessage } from './visit.publisher';
import { isFact } from './stored-facts';
import { firstStreams, type VisitStreams } from './visit-streams';

export interface Republished {
  /** Messages that were published again. */
  readonly published: number;
  /** Where the next page begins; undefined where there is none. */
  readonly next: bigint | undefined;
}

/** Facts of one page. */
const PAGE_EVENTS = 1000;

/**
 * Publishes recorded facts once more, each under the id that it had: for a service whose database
 * was restored from a copy. Who has handled them does nothing: by its marks, and later by visit,
 * revision and charge.
 */
export class Republication {
  constructor(
    private readonly events: Pick<EventStore, 'head' | 'readAll' | 'readStream'>,
    private readonly bus: Bus,
    private readonly streams: Pick<VisitStreams, 'of'> = firstStreams,
  ) {}

  /** All facts of these visits. Throws VISIT_UNKNOWN (not-found), StreamFaulty. */
  async ofVisits(visitIds: readonly string[]): Promise<Republished> {
    let published = 0;
    for (const visitId of visitIds) {
      const events = await this.events.readStream(this.streams.of(visitId));
      if (events.length === 0) throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
      published += await this.send(events);
    }
    return { published, next: undefined };
  }

  /** A page of the facts recorded from one moment to another; `after` is `next` of the page before. */
  async ofRange(from: Date, until: Date, after?: bigint): Promise<Republished> {
    const start = after ?? (await positionBefore(this.events, from));
    const page = await this.events.readAll({
      after: start,
      countMax: PAGE_EVENTS,
      ...VISIT_STREAMS,
    });
    const wanted = page.filter(({ recordedAt }) => recordedAt >= from && recordedAt <= until);
    const published = await this.send(wanted.filter(isFact));
    const last = page.at(-1);
    const isOver = page.length < PAGE_EVENTS || last!.recordedAt > until;
    return { published, next: isOver ? undefined : last!.position };
  }

  /** These facts, in their order; returns how many messages they are. */
  async send(events: readonly RecordedEvent[]): Promise<number> {
    const messages = events.flatMap((event) => {
      const message = publicMessage(event);
      return message ? [message] : [];
    });
    if (messages.length > 0)
      await publish({ bus: this.bus, service: 'visit-ledger' }, visitLedgerVisits.name, messages);
    return messages.length;
  }
}
