import type { NewEvent } from '@caretab/event-store';
import { altered, type PlantedBug } from './planting';

/** As if nothing were verified: what was written beside the ledger has a signature that fits. */
const unverifiedEvents: PlantedBug = {
  name: 'unverified-events',
  what: 'what a second writer writes into the log is taken for a fact',
  hasKey: true,
  breaks: ['balance', 'written'],
};

const withoutOrigin = ({ metadata = {}, ...event }: NewEvent): NewEvent => {
  const { copiedFrom: _, ...rest } = metadata;
  return { ...event, metadata: rest };
};

/** In the stream that continues another one, copies are facts once more. */
const copiesAreFacts: PlantedBug = {
  name: 'copies-are-facts',
  what: 'facts that are copied into a new stream take effect once more',
  breaks: ['view', 'written', 'once', 'decided', 'balance'],
  events: (events) =>
    altered(events, {
      append: (stream, facts, expected) =>
        events.append(stream, facts.map(withoutOrigin), expected),
    }),
};

/** Known bugs of a log that others write into. */
export const plantedLogBugs: readonly PlantedBug[] = [unverifiedEvents, copiesAreFacts];
