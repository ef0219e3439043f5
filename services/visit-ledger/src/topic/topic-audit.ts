import type { Authors, Bus, ReceivedMessage } from '@caretab/bus';
import { DAY_MS, visitLedgerVisits as topic } from '@caretab/contracts';
import type { EventStore } from '@caretab/event-store';
import { assert, type Clock, DomainError, type Timers } from '@caretab/kernel';
import { VISIT_STREAMS } from '../views/checkpoints';
import { positionBefore } from '../visit/position-before';
import { isFact } from '../visit/stored-facts';
import { publicMessage } from '../visit/visit.publisher';
import type { VisitStreams } from '../visit/visit-streams';
import { StreamFacts } from './stream-facts';
import { differing, type TopicFault, TopicFaults, type TopicReport } from './topic-faults';

export interface TopicAuditParts {
  readonly bus: Pick<Bus, 'read'>;
  readonly events: Pick<EventStore, 'head' | 'readAll' | 'readStream'>;
  readonly streams: Pick<VisitStreams, 'last'> & {
    isBehindFault(event: { readonly stream: string; readonly revision: number }): boolean;
  };
  readonly authors: Pick<Authors, 'verify'>;
  /** The machine's: by it messages are kept. */
  readonly clock: Clock;
  readonly timers: Timers;
  /** Up to where the publication has come. */
  readonly publishedTo: () => Promise<bigint>;
}

/** Facts that are looked for at once: some 30 MB. */
const FACTS_MAX = 100_000;
const PAGE_EVENTS = 1_000;
const PROGRESS_MS = 1_000;
/** Groups in which Kafka lets it read begin so; ACLs say that too (`tools/src/kafka-users.ts`). */
export const READER = 'visit-ledger.topic-audit';
/** What is said of a visit's log is no fact in it. */
const ASIDE: ReadonlySet<string> = new Set(['VisitSetAside', 'VisitResumed']);

type Place = Pick<TopicFault, 'visitId' | 'stream' | 'revision'>;
const NO_FACT = { stream: null, revision: null } as const;

/**
 * Compares the ledger's topic with the log, message by message, in both directions: who has the
 * ledger's key on the bus, and not the log, shows here.
 */
export class TopicAudit {
  constructor(private readonly parts: TopicAuditParts) {}

  /**
   * Gives how many messages were compared meanwhile. `since`: facts recorded before need not be there;
   * those that are kept for a day more, where nothing is said.
   */
  async *compare(since?: Date): AsyncGenerator<number, TopicReport> {
    const { clock, timers } = this.parts;
    const kept = new Date(clock.now().getTime() - topic.retentionMs + DAY_MS);
    const run = new Comparison(this.parts, since && since > kept ? since : kept);
    let isOver = false;
    const report = run.report().finally(() => (isOver = true));
    report.catch(() => undefined);
    while (!isOver) {
      const over = new AbortController();
      await Promise.race([report.catch(() => undefined), timers.sleep(PROGRESS_MS, over.signal)]);
      over.abort();
      if (!isOver) yield run.messages;
    }
    return report;
  }
}

class Comparison {
  messages = 0;
  private facts = 0;
  private aside = 0;
  private readonly faults = new TopicFaults();
  private readonly ofVisits: StreamFacts;

  constructor(
    private readonly parts: TopicAuditParts,
    private readonly since: Date,
  ) {
    this.ofVisits = new StreamFacts(parts.events, parts.streams);
  }

  async report(): Promise<TopicReport> {
    // What is published later may not be on the topic when its end is looked at.
    const publishedTo = await this.parts.publishedTo();
    let after = await positionBefore(this.parts.events, this.since);
    for (let isFirst = true; isFirst || after < publishedTo; isFirst = false) {
      const sought = new Map<string, Place>();
      after = await this.seek(sought, after, publishedTo);
      await this.read(async (messages) => {
        if (isFirst) await this.check(messages);
        for (const { headers } of messages) sought.delete(headers['ce_id'] ?? '');
      });
      for (const [messageId, place] of sought) this.add('missing', { ...place, messageId });
    }
    const { messages, facts, aside, since, faults } = this;
    return {
      ...{ topic: topic.name, messages, facts, since, aside },
      ...{ faultsFound: faults.found, faults: faults.first },
    };
  }

  /** The next facts that have to be on the topic; returns the position up to which they are. */
  private async seek(sought: Map<string, Place>, from: bigint, to: bigint): Promise<bigint> {
    const { events, streams } = this.parts;
    let after = from;
    while (after < to && sought.size < FACTS_MAX) {
      const page = await events.readAll({
        ...{ after, countMax: PAGE_EVENTS, onFaults: async () => undefined },
        ...VISIT_STREAMS,
      });
      for (const event of page) {
        const { id, stream, revision, position, recordedAt } = event;
        const isWanted = position <= to && recordedAt >= this.since && isFact(event);
        const message = isWanted && !streams.isBehindFault(event) && publicMessage(event);
        if (!message) continue;
        this.facts += 1;
        sought.set(id, { visitId: message.key, stream, revision });
      }
      after = page.at(-1)?.position ?? to;
    }
    return after;
  }

  private read(handle: (messages: readonly ReceivedMessage[]) => Promise<void>): Promise<void> {
    const { bus } = this.parts;
    assert(bus.read, 'the bus reads a topic for who is in no group');
    return bus.read({ topic: topic.name, name: READER }, handle);
  }

  private async check(messages: readonly ReceivedMessage[]): Promise<void> {
    const visits = [...new Set(messages.map(({ key }) => key))];
    const facts = new Map(
      await Promise.all(
        visits.map(async (visitId) => [visitId, await this.ofVisits.of(visitId)] as const),
      ),
    );
    for (const message of messages) this.compare(message, facts.get(message.key));
    this.messages += messages.length;
  }

  private compare(message: ReceivedMessage, facts: Awaited<ReturnType<StreamFacts['of']>>): void {
    const { key: visitId, headers, partition } = message;
    const messageId = headers['ce_id'] ?? '';
    const place = { visitId, messageId, partition, offset: message.offset.toString() };
    if (!this.isSigned(message)) return this.add('unsigned', { ...NO_FACT, ...place });
    if (!facts || ASIDE.has(headers['ce_type'] ?? '')) return void (this.aside += 1);
    const fact = facts.get(messageId);
    if (!fact) return this.add('forged', { ...NO_FACT, ...place });
    const fields = differing(fact.message, { ...message, value: parsed(message.value) });
    const { stream, revision } = fact;
    if (fields.length > 0) this.add('changed', { ...place, stream, revision, fields });
  }

  private isSigned(message: ReceivedMessage): boolean {
    try {
      this.parts.authors.verify(topic, message);
      return true;
    } catch (error) {
      if (error instanceof DomainError) return false;
      throw error;
    }
  }

  private add(
    kind: TopicFault['kind'],
    fault: Place & Pick<TopicFault, 'messageId'> & Partial<TopicFault>,
  ): void {
    this.faults.add({ partition: null, offset: null, fields: [], ...fault, kind });
  }
}

/** What is no JSON says nothing that a fact says. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
