import { type Digest, nodeDigest } from '@caretab/kernel';
import type { Message } from './bus';
import {
  digestOf,
  readSignature,
  SIGNATURE,
  signedAll,
  type SignatureHeader,
  type SigningKey,
  writeSignature,
} from './message-signature';

const UINT32_MAX = 2 ** 32 - 1;
const flipped = (node: Digest): Digest =>
  String.fromCharCode(node.charCodeAt(0) ^ 1) + node.slice(1);

/** A message that says as its content what is hashed for an inner node of its batch. */
const innerNode = (message: Message, node: readonly [Digest, Digest]): Message => ({
  ...message,
  value: JSON.stringify({ node: node.join('') }),
});

interface Forging {
  /** Two or more messages of one topic. */
  readonly batch: readonly Message[];
  readonly by: SigningKey;
  /** Any other author. */
  readonly another: SigningKey;
}

/**
 * For tests: what an intruder makes of a message whose batch an author signed, without that
 * author's key. By what is wrong with it.
 */
export const proofForgeries = (
  topic: string,
  { batch, by, another }: Forging,
  index: number,
): ReadonlyMap<string, Message> => {
  const signed = signedAll(topic, batch, by);
  const headerOf = (at: number): SignatureHeader =>
    readSignature(signed[at % batch.length]!.headers[SIGNATURE]!)!;
  const sound = signed[index]!;
  const own = headerOf(index);
  const { size, proof } = own;
  const [bottom] = proof as [Digest];
  const leaf = digestOf('message', topic, sound);
  const with_ = (text: string, message = sound): Message => ({
    ...message,
    headers: { ...message.headers, [SIGNATURE]: text },
  });
  const as = (change: Partial<SignatureHeader>, message?: Message): Message =>
    with_(writeSignature({ ...own, ...change }), message);
  const text = sound.headers[SIGNATURE]!;
  const node: [Digest, Digest] = index % 2 === 0 ? [leaf, bottom] : [bottom, leaf];
  return new Map([
    ['a neighbour’s proof', as(headerOf(index + 1))],
    ['a neighbour’s place', as({ index: headerOf(index + 1).index })],
    ['a place outside', as({ index: size })],
    ['a place far outside', as({ index: UINT32_MAX })],
    ['a smaller batch', as({ size: size - 1 })],
    ['a larger batch', as({ size: size + 1 })],
    ['a batch of none', as({ index: 0, size: 0 })],
    ['the largest batch', as({ size: UINT32_MAX })],
    ['a proof cut off at its end', as({ proof: proof.slice(0, -1) })],
    ['a proof cut off at its start', as({ proof: proof.slice(1) })],
    ['no proof', as({ proof: [] })],
    ['a batch of itself alone', as({ index: 0, size: 1, proof: [] })],
    ['a longer proof', as({ proof: [...proof, bottom] })],
    ['a proof of itself', as({ proof: [leaf, ...proof.slice(1)] })],
    ['a proof with a bit changed', as({ proof: [flipped(bottom), ...proof.slice(1)] })],
    ['a proof in another order', as({ proof: [...proof.slice(1), flipped(bottom)] })],
    [
      'a node as its leaf',
      as({ index: index >> 1, proof: proof.slice(1) }, innerNode(sound, node)),
    ],
    [
      'a node as its leaf, of half the batch',
      as(
        { index: index >> 1, size: Math.ceil(size / 2), proof: proof.slice(1) },
        innerNode(sound, node),
      ),
    ],
    ['a node beside its leaf', as({ proof: [nodeDigest(...node), ...proof.slice(1)] })],
    [
      'another author’s signature',
      as({
        signature: readSignature(signedAll(topic, batch, another)[0]!.headers[SIGNATURE]!)!
          .signature,
      }),
    ],
    ['another author’s key id', as({ kid: another.kid })],
    ['a key id of no one', as({ kid: 'nobody' })],
    ['a signature of zeros', as({ signature: Buffer.alloc(64) })],
    ['no key id', with_(text.slice(text.indexOf('.')))],
    ['no bytes', with_(`${own.kid}.`)],
    ['bytes that are cut', with_(text.slice(0, -1))],
    ['bytes that are no base64url', with_(`${text.slice(0, -1)}+`)],
    ['an end of line behind it', with_(`${text}\n`)],
    ['two signatures', with_(`${text},${text}`)],
    ['an empty text', with_('')],
  ]);
};
