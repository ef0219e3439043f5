import {
  type EventStore,
  type KnownFaults,
  type StreamEvent,
  type StreamFault,
  StreamFaulty,
  WrongExpectedRevision,
} from '@caretab/event-store';

/** Type of our event at the end of a stream that is continued in another one. */
export const STREAM_RETIRED = 'StreamRetired';

const PREFIX = 'visit-';
/** No visit number holds this character. */
const CONTINUED = '~';

/** Whether a stream is a visit's; the ledger has others, and another writer may have any. */
export const isVisitStream = (stream: string): boolean => stream.startsWith(PREFIX);

export const streamOf = (visitId: string): string => PREFIX + visitId;

/** The visit of a stream, whichever of its streams it is. */
export const visitIdOf = (stream: string): string =>
  stream.slice(PREFIX.length).split(CONTINUED)[0]!;

/** Where a visit goes on whose stream cannot be used any more: `visit-<id>~2`, then `~3`. */
export const nextStreamOf = (stream: string): string => {
  const [first, number = '1'] = stream.split(CONTINUED);
  return `${first!}${CONTINUED}${Number(number) + 1}`;
};

/** Which stream a visit's facts are in. */
export interface VisitStreams {
  /** Throws StreamFaulty for a visit that is set aside. */
  of(visitId: string): string;
  /** Also of a visit that is set aside: the stream that it was in. */
  last(visitId: string): string;
  /** The faults of streams whose visits go on in others. */
  decided(): KnownFaults;
  /** What a reader met: a fault sets the visit aside; none: the stream is retired. Durable. */
  found(stream: string, fault?: StreamFault): Promise<void>;
  /** Whether the views have the visit, or it is set aside: then its stream had events. */
  has(visitId: string): Promise<boolean>;
  /**
   * Before a stream is blamed for events that it misses. Throws EventStoreUnavailable where the log
   * is an older copy.
   */
  proven(): Promise<void>;
}

/** Each visit in its first stream. */
export const firstStreams: VisitStreams = {
  of: streamOf,
  last: streamOf,
  decided: () => new Map(),
  found: async () => undefined,
  has: async () => false,
  proven: async () => undefined,
};

/** Events of the stream are gone, from a revision on. */
export const lostFrom = (stream: string, revision: number): StreamFault => ({
  ...{ kind: 'truncated', stream, revision, position: 0n, digest: '' },
});

export const afterLast = (revision: number | 'none'): number =>
  revision === 'none' ? 0 : revision + 1;

/** The stream ends before what was read of it, or appended to it. */
export const isShortened = (error: unknown): error is WrongExpectedRevision =>
  error instanceof WrongExpectedRevision && afterLast(error.actual) < afterLast(error.expected);

/**
 * Events of a visit's stream after the last one that is known, which is read again: a stream that
 * lost it ends there. One that lost every event reads as a new one: the views say that it is none.
 * Throws StreamFaulty.
 */
export const readVisit = async (
  events: Pick<EventStore, 'readStream'>,
  streams: Pick<VisitStreams, 'has' | 'proven'>,
  { stream, known = 'none' }: { readonly stream: string; readonly known?: number | 'none' },
): Promise<StreamEvent[]> => {
  const fromRevision = known === 'none' ? 0 : known;
  const read = (): Promise<StreamEvent[]> => events.readStream(stream, { fromRevision });
  let found = await read();
  if (found.length === 0) {
    if (known === 'none' && !(await streams.has(visitIdOf(stream)))) return found;
    // It may have been opened meanwhile.
    found = await read();
  }
  if (found.length > 0) return known === 'none' ? found : found.slice(1);
  await streams.proven();
  throw new StreamFaulty(lostFrom(stream, fromRevision));
};
