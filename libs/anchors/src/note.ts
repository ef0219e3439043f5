import {
  createPrivateKey,
  createPublicKey,
  hash,
  type KeyObject,
  sign as signed,
  verify as isSigned,
} from 'node:crypto';

/** The signature type of Ed25519 in C2SP signed-note. */
const ED25519 = 1;
const KEY_BYTES = 32;
const ID_BYTES = 4;
const PRIVATE_PREFIX = 'PRIVATE+KEY+';
/** What stands before the 32 bytes of a key of Ed25519 in its DER form (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const NAME = /^[^\s+]{1,100}$/u;

/** A key or a note is not what it should be; the message holds no key. */
export class NoteRefused extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'NoteRefused';
  }
}

/** Verifies notes that were signed with one key. */
export interface NoteVerifier {
  readonly name: string;
  /** As C2SP writes it: `<name>+<id>+<base64>`. It is no secret. */
  readonly text: string;
  readonly id: Buffer;
  readonly publicKey: KeyObject;
}

/** Signs notes in its name. */
export interface NoteSigner {
  readonly verifier: NoteVerifier;
  readonly privateKey: KeyObject;
}

const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });

const verifierOf = (name: string, key: Uint8Array): NoteVerifier => {
  const typed = Buffer.from([ED25519, ...key]);
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer').subarray(
    0,
    ID_BYTES,
  );
  return {
    name,
    id,
    text: `${name}+${id.toString('hex')}+${typed.toString('base64')}`,
    publicKey: createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' }),
  };
};

/** Name, id and key of `<name>+<id>+<base64>`. The base64 may hold a plus itself. */
const partsOf = (text: string): { name: string; id: string; key: Buffer } => {
  const [, name = '', id = '', encoded = ''] = /^([^+]*)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const typed = Buffer.from(encoded, 'base64');
  if (!NAME.test(name) || typed[0] !== ED25519 || typed.length !== 1 + KEY_BYTES)
    throw new NoteRefused('this is no key of Ed25519 as C2SP signed-note writes it');
  return { name, id, key: typed.subarray(1) };
};

/** Throws NoteRefused. */
export const readVerifier = (text: string): NoteVerifier => {
  const { name, id, key } = partsOf(text.trim());
  const verifier = verifierOf(name, key);
  if (verifier.id.toString('hex') !== id)
    throw new NoteRefused(`the id of the key "${name}" does not fit the key`);
  return verifier;
};

/** Throws NoteRefused. */
export const readSigner = (text: string): NoteSigner => {
  const trimmed = text.trim();
  if (!trimmed.startsWith(PRIVATE_PREFIX)) throw new NoteRefused('this is no private key of notes');
  const { name, id, key } = partsOf(trimmed.slice(PRIVATE_PREFIX.length));
  const { signer } = signerOf(name, key);
  if (signer.verifier.id.toString('hex') !== id)
    throw new NoteRefused(`the id of the key "${name}" does not fit the key`);
  return signer;
};

/** A signer from a secret of 32 random bytes, and its text, which is the secret. */
export const signerOf = (
  name: string,
  seed: Uint8Array,
): { readonly signer: NoteSigner; readonly text: string } => {
  const privateKey = privateKeyOf(seed);
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const verifier = verifierOf(name, spki.subarray(SPKI.length));
  const typed = Buffer.from([ED25519, ...seed]).toString('base64');
  const text = `${PRIVATE_PREFIX}${name}+${verifier.id.toString('hex')}+${typed}`;
  return { signer: { verifier, privateKey }, text };
};

/** A text of whole lines, signed (C2SP signed-note). */
export const signNote = (text: string, { verifier, privateKey }: NoteSigner): string => {
  const signature = Buffer.concat([verifier.id, signed(null, Buffer.from(text), privateKey)]);
  return `${text}\n— ${verifier.name} ${signature.toString('base64')}\n`;
};

/** The text of a note that one of these keys signed. Throws NoteRefused. */
export const openNote = (note: string, verifiers: readonly NoteVerifier[]): string => {
  const end = note.lastIndexOf('\n\n');
  if (end < 0) throw new NoteRefused('this is no signed note');
  const text = note.slice(0, end + 1);
  for (const line of note.slice(end + 2).split('\n')) {
    const [, name, encoded = ''] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    const verifier = verifiers.find(
      (one) => one.name === name && one.id.equals(bytes.subarray(0, ID_BYTES)),
    );
    if (verifier && isSigned(null, Buffer.from(text), verifier.publicKey, bytes.subarray(ID_BYTES)))
      return text;
  }
  throw new NoteRefused('no signature of a known key is on the note, or it does not verify');
};
