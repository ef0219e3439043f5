import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import {
  AppendReq,
  BatchAppendReq,
  ReadReq,
  type ReadResp,
} from '@eventstore/db-client/generated/streams_pb';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';
import type { ChainedEvent, TransferredEvent } from '@caretab/event-store';
import { isTruncating, METADATA } from './eventstore-metadata';

/** Events looked at by the server in one step of a filtered read. */
const SEARCH_WINDOW = 2_000;
/** Windows between two checkpoints of a filtered subscription. */
const CHECKPOINT_WINDOWS = 1;

/** Where a read begins: `start` and `end` of what is read, a stream's revision, or a position. */
export type From = 'start' | 'end' | number | bigint;

export interface ReadWanted {
  /** A stream's full name, or all streams. */
  readonly stream?: string;
  /** Of all streams, those whose full name starts with one of these. */
  readonly prefixes?: readonly string[];
  readonly from: From;
  /** Without it the read is a subscription, which goes on. */
  readonly countMax?: number;
  readonly backwards?: boolean;
}

const identified = (stream: string): StreamIdentifier => {
  const identifier = new StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  return identifier;
};

const uuid = (id: string): UUID => {
  const message = new UUID();
  message.setString(id);
  return message;
};

export const readRequest = ({
  stream,
  prefixes,
  from,
  countMax,
  backwards = false,
}: ReadWanted): ReadReq => {
  const options = new ReadReq.Options();
  if (stream === undefined) options.setAll(allFrom(from));
  else options.setStream(streamFrom(stream, from));
  if (prefixes === undefined) options.setNoFilter(new Empty());
  else options.setFilter(prefixFilter(prefixes));
  if (countMax === undefined) options.setSubscription(new ReadReq.Options.SubscriptionOptions());
  else options.setCount(String(countMax));
  options.setReadDirection(
    backwards ? ReadReq.Options.ReadDirection.BACKWARDS : ReadReq.Options.ReadDirection.FORWARDS,
  );
  const ids = new ReadReq.Options.UUIDOption();
  ids.setString(new Empty());
  options.setUuidOption(ids);
  const request = new ReadReq();
  request.setOptions(options);
  return request;
};

const streamFrom = (stream: string, from: From): ReadReq.Options.StreamOptions => {
  const options = new ReadReq.Options.StreamOptions();
  options.setStreamIdentifier(identified(stream));
  if (from === 'start') options.setStart(new Empty());
  else if (from === 'end') options.setEnd(new Empty());
  else options.setRevision(String(from));
  return options;
};

const allFrom = (from: From): ReadReq.Options.AllOptions => {
  const options = new ReadReq.Options.AllOptions();
  if (from === 'start') options.setStart(new Empty());
  else if (from === 'end') options.setEnd(new Empty());
  else {
    const position = new ReadReq.Options.Position();
    position.setCommitPosition(String(from));
    position.setPreparePosition(String(from));
    options.setPosition(position);
  }
  return options;
};

const prefixFilter = (prefixes: readonly string[]): ReadReq.Options.FilterOptions => {
  const names = new ReadReq.Options.FilterOptions.Expression();
  names.setPrefixList([...prefixes]);
  const filter = new ReadReq.Options.FilterOptions();
  filter.setStreamIdentifier(names);
  filter.setMax(SEARCH_WINDOW);
  filter.setCheckpointintervalmultiplier(CHECKPOINT_WINDOWS);
  return filter;
};

/**
 * What surrounds an event's own metadata on the server: its id, when we recorded it, its hash in the
 * chain, and its signature.
 */
interface Envelope {
  readonly id: string;
  readonly recordedAtMs: number;
  readonly hash: string;
  /** Absent in events from before signing. */
  readonly keyId?: string;
  readonly mac?: string;
}

/**
 * Comes last in the envelope, and no JSON text holds it within a string: the own metadata is cut
 * out as the bytes that were hashed.
 */
const OWN_METADATA = ',"metadata":';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const enveloped = ({ id, recordedAtMs, hash, signature, metadata }: TransferredEvent): string => {
  const envelope: Envelope = {
    id,
    recordedAtMs,
    hash: hex(hash),
    ...(signature && { keyId: signature.keyId, mac: hex(signature.mac) }),
  };
  return `${JSON.stringify(envelope).slice(0, -1)}${OWN_METADATA}${metadata}}`;
};

/**
 * The id on the wire: the event's chain hash cut to a UUID (version 8, RFC 9562 §5.8). The server
 * therefore takes as a repetition only what is the very same event, down to its time of recording,
 * and its answer proves the hash. Our own id, which need not be a UUID, is in the envelope.
 */
export const wireId = (hash: Uint8Array): string => {
  const bytes = Buffer.from(hash.subarray(0, 16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** Bytes an event takes in a request, roughly: what the server's limit for one append counts. */
export const wireBytes = (event: TransferredEvent): number =>
  Buffer.byteLength(event.data) +
  Buffer.byteLength(event.metadata) +
  event.id.length +
  event.type.length +
  300;

const fill = <Message extends AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage>(
  message: Message,
  event: TransferredEvent,
): Message => {
  message.setId(uuid(wireId(event.hash)));
  message.getMetadataMap().set('type', event.type).set('content-type', 'application/json');
  message.setData(Buffer.from(event.data));
  message.setCustomMetadata(Buffer.from(enveloped(event)));
  return message;
};

/**
 * The messages of one append: which stream at which revision, then each event. `expected` -1: the
 * stream must not exist.
 */
export const appendRequests = (
  stream: string,
  events: readonly TransferredEvent[],
  expected: number,
): AppendReq[] => {
  const options = new AppendReq.Options();
  options.setStreamIdentifier(identified(stream));
  if (expected < 0) options.setNoStream(new Empty());
  else options.setRevision(String(expected));
  const head = new AppendReq();
  head.setOptions(options);
  return [
    head,
    ...events.map((event) => {
      const request = new AppendReq();
      request.setProposedMessage(fill(new AppendReq.ProposedMessage(), event));
      return request;
    }),
  ];
};

/**
 * One append among many on one stream of requests; the server works them off, and writes them, in
 * the order they were sent. It carries no deadline: it would be a time of day, from which the server
 * subtracts its own clock. The server's own limit for a write holds.
 */
export const batchRequest = (
  correlationId: string,
  stream: string,
  events: readonly TransferredEvent[],
): BatchAppendReq => {
  const expected = events[0]!.revision - 1;
  const options = new BatchAppendReq.Options();
  options.setStreamIdentifier(identified(stream));
  if (expected < 0) options.setNoStream(new GoogleEmpty());
  else options.setStreamPosition(String(expected));
  const request = new BatchAppendReq();
  request.setCorrelationId(uuid(correlationId));
  request.setOptions(options);
  request.setProposedMessagesList(
    events.map((event) => fill(new BatchAppendReq.ProposedMessage(), event)),
  );
  request.setIsFinal(true);
  return request;
};

/** What the server writes to a stream that was deleted for good, at a revision beyond all others. */
export const TOMBSTONE = '$streamDeleted';

/** An event as it was read. `event` is missing when the server or another client wrote it. */
export interface ReadEvent {
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly type: string;
  readonly event?: ChainedEvent;
  /** Only of a stream's metadata: whether it takes events of the stream away. */
  readonly truncates?: boolean;
}

/** Undefined for an answer that is not an event. `namespace` is what full names start with. */
export const readEvent = (response: ReadResp, namespace: string): ReadEvent | undefined => {
  const recorded = response.getEvent()?.getEvent();
  if (!recorded) return undefined;
  const fullName = Buffer.from(recorded.getStreamIdentifier()!.getStreamName_asU8()).toString();
  const type = recorded.getMetadataMap().get('type') ?? '';
  const position = BigInt(recorded.getCommitPosition());
  const data = Buffer.from(recorded.getData_asU8()).toString();
  if (fullName.startsWith(METADATA + namespace)) {
    const stream = fullName.slice(METADATA.length + namespace.length);
    return { stream, revision: 0, position, type, truncates: isTruncating(data) };
  }
  const place = {
    stream: fullName.startsWith(namespace) ? fullName.slice(namespace.length) : fullName,
    // A tombstone takes the whole stream away, from its first event on.
    revision: type === TOMBSTONE ? 0 : Number(recorded.getStreamRevision()),
    position,
    type,
  };
  const envelope = Buffer.from(recorded.getCustomMetadata_asU8()).toString();
  const cut = envelope.indexOf(OWN_METADATA);
  const head =
    fullName.startsWith(namespace) && cut > 0
      ? envelopeOf(`${envelope.slice(0, cut)}}`)
      : undefined;
  if (!head) return place;
  const { id, recordedAtMs, hash, keyId, mac } = head;
  const signature =
    keyId === undefined || mac === undefined ? undefined : { keyId, mac: Buffer.from(mac, 'hex') };
  const metadata = envelope.slice(cut + OWN_METADATA.length, -1);
  return {
    ...place,
    event: {
      ...place,
      id,
      recordedAtMs,
      hash: Buffer.from(hash, 'hex'),
      signature,
      data,
      metadata,
    },
  };
};

const isDigest = (text: unknown): text is string =>
  typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);

const envelopeOf = (text: string): Envelope | undefined => {
  try {
    const { id, recordedAtMs, hash, keyId, mac } = JSON.parse(text) as Partial<Envelope>;
    if (typeof id !== 'string' || !Number.isSafeInteger(recordedAtMs) || !isDigest(hash))
      return undefined;
    const isSigned = typeof keyId === 'string' && isDigest(mac);
    return { id, recordedAtMs: recordedAtMs!, hash, ...(isSigned && { keyId, mac }) };
  } catch {
    return undefined; // Metadata that somebody else wrote, in whatever form.
  }
};
