/**
 * Why a stream cannot be used from an event on: `foreign` the event has no signature of ours;
 * `forged` its signature does not fit its content and place; `truncated` events are missing before
 * it, or the server was set to keep some back; `deleted` the stream was taken away on the server.
 */
export interface StreamFault {
  readonly kind: 'foreign' | 'forged' | 'truncated' | 'deleted';
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  /** Hex; of the content that was found, to recognise it again. Empty where there is none. */
  readonly digest: string;
}

/** A stream holds what we did not write, or misses what we did. Nothing of it was handed on. */
export class StreamFaulty extends Error {
  /** Of this stream alone: message handlers hold its messages, and go on with those of others. */
  readonly kind = 'key-at-fault';

  constructor(readonly fault: StreamFault) {
    super(
      `Event ${fault.revision} of stream ${fault.stream} (position ${fault.position}) is ${fault.kind}`,
    );
    this.name = 'StreamFaulty';
  }
}

export const isFault = (one: object | StreamFault): one is StreamFault => 'kind' in one;

/** What is done with events that are not ours: a reader that goes on without them keeps them. */
export type FaultHandler = (faults: readonly StreamFault[]) => Promise<void>;
