import { hash } from 'node:crypto';
import { type Scheme, type SchemeName, SCHEMES } from './schemes';

const ID_BYTES = 4;
const PRIVATE_PREFIX = 'PRIVATE+KEY+';
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
  isSigned(text: Buffer, signature: Buffer): boolean;
}

/** Signs notes in its name. */
export interface NoteSigner {
  readonly verifier: NoteVerifier;
  sign(text: Buffer): Buffer;
}

const verifierOf = (name: string, scheme: Scheme, key: Buffer): NoteVerifier => {
  const typed = Buffer.concat([scheme.type, key]);
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer').subarray(
    0,
    ID_BYTES,
  );
  return {
    name,
    id,
    text: `${name}+${id.toString('hex')}+${typed.toString('base64')}`,
    isSigned: (text, signature) => scheme.isSigned(key, text, signature),
  };
};

interface KeyParts {
  readonly name: string;
  readonly id: string;
  readonly scheme: Scheme;
  readonly key: Buffer;
}

/** Of `<name>+<id>+<base64>`. The base64 may hold a plus itself. */
const partsOf = (text: string, bytesOf: 'seedBytes' | 'keyBytes'): KeyParts => {
  const [, name = '', id = '', encoded = ''] = /^([^+]*)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const typed = Buffer.from(encoded, 'base64');
  const scheme = Object.values(SCHEMES).find(
    ({ type, [bytesOf]: bytes }) =>
      typed.length === type.length + bytes && typed.subarray(0, type.length).equals(type),
  );
  if (!NAME.test(name) || !scheme)
    throw new NoteRefused('this is no key of Ed25519 or SM2 as C2SP signed-note writes it');
  return { name, id, scheme, key: typed.subarray(scheme.type.length) };
};

/** Throws NoteRefused. */
export const readVerifier = (text: string): NoteVerifier => {
  const { name, id, scheme, key } = partsOf(text.trim(), 'keyBytes');
  const verifier = verifierOf(name, scheme, key);
  if (verifier.id.toString('hex') !== id)
    throw new NoteRefused(`the id of the key "${name}" does not fit the key`);
  return verifier;
};

/** Throws NoteRefused. */
export const readSigner = (text: string): NoteSigner => {
  const trimmed = text.trim();
  if (!trimmed.startsWith(PRIVATE_PREFIX)) throw new NoteRefused('this is no private key of notes');
  const { name, id, scheme, key } = partsOf(trimmed.slice(PRIVATE_PREFIX.length), 'seedBytes');
  const signer = signerBy(name, scheme, key);
  if (signer.verifier.id.toString('hex') !== id)
    throw new NoteRefused(`the id of the key "${name}" does not fit the key`);
  return signer;
};

const signerBy = (name: string, scheme: Scheme, seed: Buffer): NoteSigner => ({
  verifier: verifierOf(name, scheme, scheme.publicKeyOf(seed)),
  sign: scheme.signerOf(seed),
});

/** A signer from a secret of 32 random bytes, and its text, which is the secret. */
export const signerOf = (
  name: string,
  seed: Buffer,
  by: SchemeName = 'ed25519',
): { readonly signer: NoteSigner; readonly text: string } => {
  const scheme = SCHEMES[by];
  const signer = signerBy(name, scheme, seed);
  const typed = Buffer.concat([scheme.type, seed]).toString('base64');
  const text = `${PRIVATE_PREFIX}${name}+${signer.verifier.id.toString('hex')}+${typed}`;
  return { signer, text };
};

/** A text of whole lines, signed (C2SP signed-note). */
export const signNote = (text: string, { verifier, sign }: NoteSigner): string => {
  const signature = Buffer.concat([verifier.id, sign(Buffer.from(text))]);
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
    if (verifier?.isSigned(Buffer.from(text), bytes.subarray(ID_BYTES))) return text;
  }
  throw new NoteRefused('no signature of a known key is on the note, or it does not verify');
};
