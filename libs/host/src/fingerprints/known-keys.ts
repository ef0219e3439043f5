import { scryptSync } from 'node:crypto';
import { type NoteVerifier } from '@caretab/anchors';
import { publicKeyOf, type SigningKey } from '@caretab/bus';
import { readEventKeys } from '@caretab/event-store';
import { blindIndex, deriveKey, KeyFile, type MasterKeys } from '@caretab/security';

/** What a process is given under one name, as fingerprints. */
export interface KnownKeys {
  /** The variable. */
  readonly name: string;
  readonly fingerprints: ReadonlyMap<string, string>;
  /** Which of them writes; undefined: any may leave. */
  readonly currentId?: string | undefined;
}

/** A variable that holds one value has no ids. */
const NO_ID = '';

/** Of 32 random bytes: nothing can be guessed from it. */
const fingerprintOf = (key: Buffer, name: string): string =>
  blindIndex(deriveKey(key, 'fingerprint'), 'fingerprint', name);

/** The keys that seal rows. */
export const sealingKeysOf = (
  name: string,
  keys: MasterKeys & { readonly ids: readonly string[] },
): KnownKeys => ({
  name,
  fingerprints: new Map(keys.ids.map((id) => [id, fingerprintOf(keys.key(id)!, name)])),
  currentId: keys.currentId,
});

/** As a variable gives them. Throws KeysRefused. */
export const givenSealingKeys = (name: string, given: string): KnownKeys =>
  sealingKeysOf(name, new KeyFile(name, given));

/** The keys that sign events. Throws EventKeysRefused. */
export const givenEventKeys = (name: string, given: string): KnownKeys => {
  const { keys, current } = readEventKeys(given);
  const fingerprints = [...keys].map(([id, key]) => [id, fingerprintOf(key, name)] as const);
  return { name, fingerprints: new Map(fingerprints), currentId: current };
};

/** 2^15 · 8 · 128 bytes: a word that someone chose takes a tenth of a second for each guess. */
const SLOW = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 };
const FINGERPRINT_BYTES = 32;

/** A secret of any length, from which others are derived. */
export const givenSecret = (name: string, given: string): KnownKeys => ({
  name,
  fingerprints: new Map([
    [NO_ID, scryptSync(given, `caretab ${name}`, FINGERPRINT_BYTES, SLOW).toString('base64url')],
  ]),
  currentId: NO_ID,
});

/** Who signs anchors, and who did; a public key is its own fingerprint. */
export const anchorKeysOf = (
  name: string,
  [signer, ...former]: readonly NoteVerifier[],
): KnownKeys => ({
  name,
  fingerprints: new Map([signer!, ...former].map(({ text }) => [text, text])),
  currentId: signer!.text,
});

/** By which messages and questions are signed: an id never changes its key, and may leave. */
export const signingKeysOf = (keys: readonly SigningKey[]): KnownKeys => ({
  name: 'BUS_SIGNING_KEYS',
  fingerprints: new Map(keys.map((key) => [key.kid, publicKeyOf(key).key])),
});

/** What the variable of the environment's name says. */
export const environmentOf = (environment: string): KnownKeys => ({
  name: ENVIRONMENT,
  fingerprints: new Map([[NO_ID, environment]]),
  currentId: NO_ID,
});

export const ENVIRONMENT = 'ENVIRONMENT';
