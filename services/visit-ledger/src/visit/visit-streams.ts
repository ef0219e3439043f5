import type { KnownFaults, StreamFault } from '@caretab/event-store';

/** Type of our event at the end of a stream that is continued in another one. */
export const STREAM_RETIRED = 'StreamRetired';

const PREFIX = 'visit-';
/** No visit number holds this character. */
const CONTINUED = '~';

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
}

/** Each visit in its first stream. */
export const firstStreams: VisitStreams = {
  of: streamOf,
  last: streamOf,
  decided: () => new Map(),
  found: async () => undefined,
};
