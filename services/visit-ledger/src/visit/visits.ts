import { type EventMetadata, type EventStore, type NewEvent, WrongExpectedRevision } from '@caretab/event-store';
import { derivedId } from '@caretab/kernel';
import { visit as decider } from './visit';
import type { VisitCommand, VisitEvent } from './visit-events';
import type { Visit } from './visit-state';

/** What made a command: the message's id makes the facts' ids, so that a repeated append is recognised. */
export interface Cause {
  readonly id: string;
  /** The hospital's own message, where there is one. */
  readonly source?: string | undefined;
  readonly traceparent?: string | undefined;
}

export interface CausedCommand {
  readonly command: VisitCommand;
  readonly cause: Cause;
}

interface Loaded {
  readonly state: Visit;
  readonly revision: number | 'none';
}

const CACHED_VISITS_MAX = 20_000;
const ATTEMPTS_MAX = 10;

export const streamOf = (visitId: string): string => `visit-${visitId}`;

const metadataOf = ({ id, source, traceparent }: Cause): EventMetadata => ({ causationId: id, ...(source && { source }), ...(traceparent && { traceparent }) });

/** Runs commands against visits: one at a time per visit in this process, optimistic between processes, one append per call. */
export class Visits {
  private readonly cache = new Map<string, Loaded>();
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(private readonly events: EventStore) {}

  /** Decides the commands in order and appends what they yield; durable when it resolves. Throws the decider's DomainError and then nothing of this call is appended. */
  handle(visitId: string, commands: readonly CausedCommand[]): Promise<void> {
    const before = this.queues.get(visitId) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.decideAndAppend(visitId, commands));
    this.queues.set(visitId, turn);
    const leave = (): void => void (this.queues.get(visitId) === turn && this.queues.delete(visitId));
    turn.then(leave, leave);
    return turn;
  }

  private async decideAndAppend(visitId: string, commands: readonly CausedCommand[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const loaded = await this.load(visitId);
      const { facts, state } = this.decide(loaded.state, commands);
      if (facts.length === 0) return;
      try {
        const { revision } = await this.events.append(streamOf(visitId), facts, loaded.revision);
        this.remember(visitId, { state, revision });
        return;
      } catch (error) {
        this.cache.delete(visitId);
        if (!(error instanceof WrongExpectedRevision) || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }

  private decide(from: Visit, commands: readonly CausedCommand[]): { facts: NewEvent[]; state: Visit } {
    const facts: NewEvent[] = [];
    let state = from;
    for (const { command, cause } of commands) {
      const decided = decider.decide(command, state);
      decided.forEach(({ type, data }, index) => facts.push({ id: derivedId(cause.id, type, String(index)), type, data, metadata: metadataOf(cause) }));
      state = decided.reduce(decider.evolve, state);
    }
    return { facts, state };
  }

  private async load(visitId: string): Promise<Loaded> {
    const cached = this.cache.get(visitId);
    if (cached) return cached;
    let loaded: Loaded = { state: decider.initial, revision: 'none' };
    for (const event of await this.events.readStream(streamOf(visitId))) {
      loaded = { state: decider.evolve(loaded.state, { type: event.type, data: event.data } as VisitEvent), revision: event.revision };
    }
    this.remember(visitId, loaded);
    return loaded;
  }

  private remember(visitId: string, loaded: Loaded): void {
    this.cache.delete(visitId);
    this.cache.set(visitId, loaded);
    if (this.cache.size > CACHED_VISITS_MAX) this.cache.delete(this.cache.keys().next().value!);
  }
}
