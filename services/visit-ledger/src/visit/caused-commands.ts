import type { EventMetadata, NewEvent } from '@caretab/event-store';
import { derivedId } from '@caretab/kernel';
import { visit as decider, type VisitCommand } from './visit';
import type { KeptVisit } from './kept-visit';
import { assertPublishable } from './visit.publisher';
import type { Visit } from './visit-state';
import { afterLast } from './visit-streams';

/**
 * What made a command: the message's id makes the facts' ids, so that a repeated append is
 * recognised.
 */
export interface Cause {
  readonly id: string;
  /** The hospital's own message, where there is one. */
  readonly source?: string | undefined;
  readonly traceparent?: string | undefined;
  /** By what the hospital named the person. */
  readonly identifier?: string | undefined;
}

export interface CausedCommand {
  readonly command: VisitCommand;
  readonly cause: Cause;
}

export interface Decided {
  readonly facts: readonly NewEvent[];
  readonly state: Visit;
}

const metadataOf = ({ id, source, traceparent, identifier }: Cause): EventMetadata => ({
  causationId: id,
  ...(source && { source }),
  ...(traceparent && { traceparent }),
  ...(identifier && { identifier }),
});

export const remembering = (causes: Set<string>, metadata: EventMetadata | undefined): unknown =>
  metadata?.causationId && causes.add(metadata.causationId);

/**
 * Decides commands in order. A fact's id comes from its cause and its place: the same append again
 * is recognised.
 */
export const decideAll = (from: KeptVisit, commands: readonly CausedCommand[]): Decided => {
  const facts: NewEvent[] = [];
  let { state } = from;
  const next = (): number => afterLast(from.revision) + facts.length;
  const seen = new Set<string>();
  for (const { command, cause } of commands) {
    const isRepeated = from.causes.has(cause.id) || seen.has(cause.id);
    const decided = decider.decide(
      'by' in command && command.by && isRepeated
        ? { ...command, by: { ...command.by, isRepeated } }
        : command,
      state,
    );
    if (decided.length > 0) seen.add(cause.id);
    for (const fact of decided) assertPublishable(fact);
    for (const { type, data } of decided)
      facts.push({
        id: derivedId(cause.id, type, String(next())),
        type,
        data,
        metadata: metadataOf(cause),
      });
    state = decided.reduce(decider.evolve, state);
  }
  return { facts, state };
};
