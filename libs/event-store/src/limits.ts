import { assert } from '@caretab/kernel';
import type { ExpectedRevision, NewEvent } from './event-store';

/** Bytes of one event's JSON, data and metadata together. */
export const EVENT_BYTES_MAX = 4 * 1024 * 1024;
/** Events of one append. */
export const APPEND_EVENTS_MAX = 1000;
/** Characters of a stream's name, an event's id or type. */
export const NAME_LENGTH_MAX = 250;

/** Half a surrogate pair would be stored as another character, and a NUL not at all. */
const isName = (text: string): boolean =>
  text.length > 0 && text.length <= NAME_LENGTH_MAX && !/[\0\p{Surrogate}]/u.test(text);

export interface SerialisedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/**
 * Turns events into the texts that are stored. What does not fit the store is our own mistake, and
 * stops the caller before anything is written.
 */
export const serialise = (
  stream: string,
  events: readonly NewEvent[],
  expected: ExpectedRevision,
): SerialisedEvent[] => {
  assert(isName(stream), 'a stream has a name of 1 to 250 characters');
  assert(
    expected === 'none' || (Number.isInteger(expected) && expected >= 0),
    'an expected revision is none, or 0 and up',
  );
  assert(
    events.length > 0 && events.length <= APPEND_EVENTS_MAX,
    'an append holds 1 to 1000 events',
  );
  assert(
    new Set(events.map((event) => event.id)).size === events.length,
    'the events of an append have different ids',
  );
  return events.map(serialiseOne);
};

const serialiseOne = ({ id, type, data, metadata }: NewEvent): SerialisedEvent => {
  assert(isName(id) && isName(type), 'an event has an id and a type of 1 to 250 characters');
  const serialised = {
    id,
    type,
    data: JSON.stringify(data) ?? 'null',
    metadata: JSON.stringify(metadata ?? {}),
  };
  assert(
    serialised.data.length + serialised.metadata.length <= EVENT_BYTES_MAX,
    'an event is at most 4 MiB of JSON',
  );
  return serialised;
};
