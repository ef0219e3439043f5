import { hash, type KeyObject, sign, verify } from 'node:crypto';
import { type Digest, DIGEST_BYTES, leafDigest, merkleTree } from '@caretab/kernel';
import type { Message } from './bus';

/** Names the key, and proves that its owner wrote the message. */
export const SIGNATURE = 'ce_signature';

/** The headers that consumers believe; a missing one is signed as missing. */
const SIGNED = ['ce_id', 'ce_type', 'ce_source', 'ce_time', 'ce_causationid', 'traceparent'];

/**
 * For what a signature is made: a message of a topic, or an operator's correction of one that is
 * parked. The one never passes for the other.
 */
export type Purpose = 'message' | 'correction';

/** The private key of an author. */
export interface SigningKey {
  readonly kid: string;
  readonly author: string;
  readonly key: KeyObject;
}

/** What the header says, read. */
export interface SignatureHeader {
  readonly kid: string;
  readonly index: number;
  readonly size: number;
  readonly signature: Buffer;
  readonly proof: readonly Digest[];
}

const SIGNATURE_BYTES = 64;
const HEAD_BYTES = 8 + SIGNATURE_BYTES;
/** A batch has at most 2^31 messages. */
const PROOF_MAX = 31;
export const KID = /^[A-Za-z0-9_/-]{1,60}$/;
const HEADER = /^([A-Za-z0-9_/-]{1,60})\.([A-Za-z0-9_-]{96,1420})$/;

/** The digest that stands for a message: topic, key, what the envelope says, and its value's hash. */
export const digestOf = (purpose: Purpose, topic: string, message: Message): Digest => {
  const { key, headers, value } = message;
  const said = SIGNED.map((name) => headers[name] ?? null);
  return leafDigest(
    JSON.stringify([purpose, topic, key, ...said, hash('sha256', value, 'base64url')]),
  );
};

const signedText = (root: Digest, size: number): Buffer =>
  Buffer.concat([Buffer.from(`caretab messages 1 ${size} `), Buffer.from(root, 'latin1')]);

/**
 * The messages with their author's signature in a header each: one Ed25519 signature for all of
 * them, over the root of their Merkle tree, and a proof per message.
 */
export const signedAll = (
  topic: string,
  messages: readonly Message[],
  { kid, key }: SigningKey,
  purpose: Purpose = 'message',
): Message[] => {
  if (messages.length === 0) return [];
  const size = messages.length;
  const tree = merkleTree(messages.map((message) => digestOf(purpose, topic, message)));
  const signature = sign(null, signedText(tree.root, size), key);
  return messages.map((message, index) => {
    const header = writeSignature({ kid, index, size, signature, proof: tree.proofOf(index) });
    return { ...message, headers: { ...message.headers, [SIGNATURE]: header } };
  });
};

/** The header's text: `readSignature` gives the same parts again. */
export const writeSignature = (header: SignatureHeader): string => {
  const { kid, index, size, signature, proof } = header;
  const bytes = Buffer.alloc(HEAD_BYTES + proof.length * DIGEST_BYTES);
  bytes.writeUInt32BE(index, 0);
  bytes.writeUInt32BE(size, 4);
  signature.copy(bytes, 8);
  proof.forEach((node, at) => bytes.write(node, HEAD_BYTES + at * DIGEST_BYTES, 'latin1'));
  return `${kid}.${bytes.toString('base64url')}`;
};

/** Undefined for a text that no author writes. */
export const readSignature = (text: string): SignatureHeader | undefined => {
  const [, kid, encoded] = HEADER.exec(text) ?? [];
  if (kid === undefined || encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64url');
  const nodes = (bytes.length - HEAD_BYTES) / DIGEST_BYTES;
  if (!Number.isInteger(nodes) || nodes < 0 || nodes > PROOF_MAX) return undefined;
  return {
    kid,
    index: bytes.readUInt32BE(0),
    size: bytes.readUInt32BE(4),
    signature: bytes.subarray(8, HEAD_BYTES),
    proof: Array.from({ length: nodes }, (_, at) =>
      bytes.toString(
        'latin1',
        HEAD_BYTES + at * DIGEST_BYTES,
        HEAD_BYTES + (at + 1) * DIGEST_BYTES,
      ),
    ),
  };
};

/** Whether the key's owner signed this root. */
export const isSigned = (
  root: Digest,
  { size, signature }: SignatureHeader,
  key: KeyObject,
): boolean => verify(null, signedText(root, size), key, signature);
