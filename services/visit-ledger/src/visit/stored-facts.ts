import { EventStoreUnavailable, type RecordedEvent } from '@caretab/event-store';
import { isKnownType } from './public-events';
import type { VisitEvent } from './visit-events';
import { STREAM_RETIRED } from './visit-streams';

type Data<Type extends VisitEvent['type']> = Extract<VisitEvent, { type: Type }>['data'];

/** A return was a credit once, and its id the credit's. */
type InOldWords<Now extends { readonly returnId: string }> = Omit<Now, 'returnId'> & {
  readonly creditId: string;
};

const withReturnId = <Now extends { readonly returnId: string }>({
  creditId,
  ...rest
}: InOldWords<Now>): Now => ({ ...rest, returnId: creditId }) as unknown as Now;

/** One pure upcaster for each type that an earlier release stored under another name or shape. */
const UPCASTERS: { readonly [type: string]: ((data: never) => VisitEvent) | undefined } = {
  CreditWaiting: (data: InOldWords<Data<'ReturnWaiting'>>): VisitEvent => ({
    type: 'ReturnWaiting',
    data: withReturnId(data),
  }),
  ChargeReversed: (data: InOldWords<Data<'ChargeReturned'>>): VisitEvent => ({
    type: 'ChargeReturned',
    data: withReturnId(data),
  }),
};

/** Metadata of a copy: the revision of the event in the stream that was retired, and its time. */
export const COPIED_FROM = 'copiedFrom';
export const COPIED_AT = 'copiedAt';

/**
 * Whether an event takes effect at its place in the log. A copy does not: its fact did, or does,
 * where it was first recorded; nor does the end of a retired stream.
 */
export const isFact = ({ type, metadata }: RecordedEvent): boolean =>
  type !== STREAM_RETIRED && metadata[COPIED_FROM] === undefined;

/** When the fact was first recorded. */
export const recordedAtOf = ({ metadata, recordedAt }: RecordedEvent): Date =>
  metadata[COPIED_AT] === undefined ? recordedAt : new Date(metadata[COPIED_AT]);

/**
 * An event of ours has a type that this release does not know: a later release wrote it. Nothing is
 * taken for its history without it.
 */
export class EventTypeUnknown extends EventStoreUnavailable {
  constructor({ type, stream = 'unknown', revision = -1 }: Stored) {
    super(
      `event ${revision} of stream ${stream} has the type "${type}", which this release does not ` +
        'know. Roll out the release that wrote it',
    );
    this.name = 'EventTypeUnknown';
  }
}

type Stored = { readonly type: string; readonly data: unknown } & Partial<
  Pick<RecordedEvent, 'stream' | 'revision'>
>;

/**
 * A stored event as the fact of today. Stored events are never rewritten, and the hash chain is over
 * the stored bytes: every reader that acts on content goes through here. Throws EventTypeUnknown.
 */
export const factOf = (event: Stored): VisitEvent => {
  const fact = inWordsOfToday(event);
  if (!isKnownType(fact.type)) throw new EventTypeUnknown(event);
  return fact;
};

/** The same to be shown, whatever its type. */
export const inWordsOfToday = (event: Stored): VisitEvent => {
  const upcast = UPCASTERS[event.type];
  return upcast
    ? upcast(event.data as never)
    : ({ type: event.type, data: event.data } as VisitEvent);
};
