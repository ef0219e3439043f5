import { contentDigest, type StoredContent } from './chain';
import type { ReadAllOptions, RecordedEvent, StreamEvent } from './event-store';
import { type EventSigner, EventKeyWrong, type Signature } from './signature';
import { type FaultHandler, isFault, type StreamFault, StreamFaulty } from './stream-fault';

/** An event as a store's reader finds it: texts, not yet verified. */
export interface StoredEvent extends StoredContent {
  readonly revision: number;
  readonly position: bigint;
  readonly recordedAtMs: number;
  readonly signature?: Signature | undefined;
}

/** A row of the log: a stored event with its hash in the chain. */
export interface ChainedEvent extends StoredEvent {
  readonly hash: Uint8Array;
}

const parsed = (stored: StoredEvent): RecordedEvent => ({
  stream: stored.stream,
  revision: stored.revision,
  position: stored.position,
  id: stored.id,
  type: stored.type,
  data: JSON.parse(stored.data),
  metadata: JSON.parse(stored.metadata),
  recordedAt: new Date(stored.recordedAtMs),
});

/**
 * The one place where a stored event becomes a recorded one: who reads an event has it verified.
 * Throws EventKeyUnknown and EventKeyWrong.
 */
export const verified = (
  stored: StoredEvent | StreamFault,
  signer: EventSigner,
): RecordedEvent | StreamFault => {
  if (isFault(stored)) return stored;
  const digest = contentDigest(stored);
  const kind = signer.faultOf(stored, digest);
  if (!kind) return parsed(stored);
  const { stream, revision, position } = stored;
  return { kind, stream, revision, position, digest: digest.toString('hex') };
};

type Stored = readonly (StoredEvent | StreamFault)[];

/** An event further on in a page may show that the key is right which does not verify this one. */
const allVerified = (stored: Stored, signer: EventSigner): (RecordedEvent | StreamFault)[] => {
  try {
    return stored.map((event) => verified(event, signer));
  } catch (error) {
    if (!(error instanceof EventKeyWrong) || !stored.some((event) => isProof(event, signer)))
      throw error;
    return stored.map((event) => verified(event, signer));
  }
};

/** Whether an event is verified by a key. */
const isProof = (event: StoredEvent | StreamFault, signer: EventSigner): boolean => {
  try {
    return !isFault(event) && event.signature !== undefined && !isFault(verified(event, signer));
  } catch {
    return false;
  }
};

/**
 * Events of one stream that follow `fromRevision` without a gap. Throws StreamFaulty. Up to a gap
 * events are verified, and none behind it: nothing there is taken.
 */
export const wholeStream = (
  stored: readonly (ChainedEvent | StreamFault)[],
  fromRevision: number,
  signer: EventSigner,
): StreamEvent[] => {
  const found = stored.findIndex(({ revision }, index) => revision !== fromRevision + index);
  const gap = found < 0 ? stored.length : found;
  const events = allVerified(stored.slice(0, gap), signer).map((one, index) => {
    if (isFault(one)) throw new StreamFaulty(one);
    return { ...one, hash: (stored[index] as ChainedEvent).hash };
  });
  if (gap === stored.length) return events;
  const { stream, position } = stored[gap]!;
  // The fault is where the first is missing: readers take nothing from there on.
  const revision = fromRevision + gap;
  throw new StreamFaulty({ kind: 'truncated', stream, revision, position, digest: '' });
};

/**
 * The events of a page that are ours; the others go to `onFaults` first. Throws StreamFaulty
 * without `onFaults`.
 */
export const oursOf = async (
  stored: Stored,
  signer: EventSigner,
  onFaults: FaultHandler | undefined,
): Promise<RecordedEvent[]> => {
  const ours: RecordedEvent[] = [];
  const faults: StreamFault[] = [];
  for (const one of allVerified(stored, signer)) {
    if (isFault(one)) faults.push(one);
    else ours.push(one);
  }
  if (faults.length > 0 && !onFaults) throw new StreamFaulty(faults[0]!);
  if (faults.length > 0) await onFaults!(faults);
  return ours;
};

/**
 * At most so many events that are ours, after a position: what is passed over does not shorten a
 * page. `read` gives the stored events after a position, fewer than wanted only at the end.
 */
export const readOurs = async (
  {
    after,
    countMax,
    onFaults,
    signer,
  }: Pick<ReadAllOptions, 'after' | 'countMax' | 'onFaults'> & { readonly signer: EventSigner },
  read: (after: bigint, wanted: number) => Promise<Stored>,
): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for (let from = after; events.length < countMax;) {
    const wanted = countMax - events.length;
    const stored = await read(from, wanted);
    events.push(...(await oursOf(stored, signer, onFaults)));
    if (stored.length < wanted) break;
    from = stored.at(-1)!.position;
  }
  return events;
};
