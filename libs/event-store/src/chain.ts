import { hash } from 'node:crypto';

/**
 * An event's content exactly as it is stored: texts, never re-serialised, because the bytes that
 * were hashed are the bytes that are kept.
 */
export interface StoredContent {
  readonly stream: string;
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** What a stream's first event is chained to. */
export const GENESIS: Buffer = Buffer.alloc(32);

/**
 * A text with its length in bytes before it, so that no two lists of texts run together into the
 * same bytes.
 */
const framed = (text: string): string => `${Buffer.byteLength(text)}:${text},`;

/**
 * sha256 into a pooled buffer: half the time of one of its own. For what is not kept, since it keeps
 * the pool's block.
 */
export const briefSha256 = (content: string | Uint8Array): Buffer =>
  Buffer.from(hash('sha256', content, 'binary'), 'binary');

/** sha256 over stream, id, type, data and metadata, each framed as `<bytes>:<text>,`. */
export const contentDigest = ({ stream, id, type, data, metadata }: StoredContent): Buffer =>
  briefSha256(framed(stream) + framed(id) + framed(type) + framed(data) + framed(metadata));

/**
 * The hash an event carries: sha256 over the previous event's hash (GENESIS before the first), the
 * content digest, the revision as a 4-byte and the time of recording in milliseconds as an 8-byte
 * big-endian integer. The SQL function of the schema computes the same.
 */
export const chainHash = (
  previous: Uint8Array,
  digest: Uint8Array,
  revision: number,
  recordedAtMs: number,
): Buffer => {
  const tail = Buffer.allocUnsafe(12);
  tail.writeInt32BE(revision, 0);
  tail.writeBigInt64BE(BigInt(recordedAtMs), 4);
  return hash('sha256', Buffer.concat([previous, digest, tail]), 'buffer');
};

/**
 * The seal of a log: each event's hash folded in the order of positions. One earlier seal kept
 * elsewhere proves that no tail was cut off.
 */
export const sealHash = (previous: Uint8Array, position: bigint, eventHash: Uint8Array): Buffer => {
  const place = Buffer.allocUnsafe(8);
  place.writeBigInt64BE(position);
  return hash('sha256', Buffer.concat([previous, place, eventHash]), 'buffer');
};
