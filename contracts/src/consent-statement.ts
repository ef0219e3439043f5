import type { ConsentPurpose } from './identity';

/** By what a citizen signs: Ed25519 (RFC 8032), or SM2 with SM3 (GB/T 32918.2, the default id). */
export type ConsentKeyAlgorithm = 'Ed25519' | 'SM2';

export interface ConsentStatement {
  readonly keyId: string;
  readonly personId: string;
  /** The guardian who agrees for a ward; else the person. */
  readonly byPersonId: string;
  readonly purpose: ConsentPurpose;
  /** false: taken back. */
  readonly given: boolean;
  readonly version: string;
  readonly language: 'zh' | 'en';
  /** SHA-256 of the text, in hex. */
  readonly hash: string;
  readonly channel: string;
  readonly signedAt: string;
}

/** What a citizen signs of one consent: UTF-8, lines parted by one line feed, none at the end. */
export const consentStatement = (said: ConsentStatement): string =>
  [
    'caretab consent 1',
    `key: ${said.keyId}`,
    `person: ${said.personId}`,
    `by: ${said.byPersonId}`,
    `purpose: ${said.purpose}`,
    `given: ${said.given}`,
    `version: ${said.version}`,
    `language: ${said.language}`,
    `hash: ${said.hash}`,
    `channel: ${said.channel}`,
    `signedAt: ${said.signedAt}`,
  ].join('\n');

/** What is signed to register a key: who registers it has its private half. */
export const consentKeyStatement = (said: {
  readonly personId: string;
  readonly algorithm: ConsentKeyAlgorithm;
  readonly publicKey: string;
  readonly signedAt: string;
}): string =>
  [
    'caretab consent key 1',
    `person: ${said.personId}`,
    `algorithm: ${said.algorithm}`,
    `publicKey: ${said.publicKey}`,
    `signedAt: ${said.signedAt}`,
  ].join('\n');
