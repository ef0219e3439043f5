import { createHash } from 'node:crypto';
import { blindIndex, CodeSigner, deriveKey } from '@caretab/security';
import type { Client } from 'pg';
import { copyIn } from './copy-in';
import { personIdOf } from './persons';

/** Each code is good once: so many are there for each second of a load, more than are verified. */
const CODES_A_SECOND = 6_000;
const BATCH = 5_000;
const HOUR_MS = 3_600_000;
/** Whose codes they are: in turn. */
const HOLDERS = 10_000;

const signer = new CodeSigner(Buffer.alloc(32, 7), 'aes');

const hexOf = (of: string, bytes: number): string =>
  createHash('sha256')
    .update(of)
    .digest('hex')
    .slice(0, 2 * bytes);
const nonceOf = (number: number): string => hexOf(`nonce ${number}`, 16);
const cardNumberOf = (holder: number): string => hexOf(`card ${holder}`, 32);

/** By which identity finds the code: the SHA-256 of its nonce. */
export const nonceHashOf = (number: number): string =>
  createHash('sha256').update(nonceOf(number)).digest('hex');

export const codesOf = (seconds: number): number => CODES_A_SECOND * seconds;
/** Whose code it is, among so many persons. */
export const holderOf = (number: number, persons: number): number =>
  number % Math.min(HOLDERS, persons);

/** A dynamic code as a citizen's application shows it. */
export const codeOf = (number: number, persons: number): string =>
  signer.dynamic({
    cardNumber: cardNumberOf(holderOf(number, persons)),
    nonce: nonceOf(number),
    application: 'caretab',
    expiresAt: new Date(Date.now() + HOUR_MS),
  });

/** Writes the cards of the application and their codes as identity keeps them, by COPY. */
export const fillCodes = async (
  client: Client,
  { count, persons, masterKey }: { count: number; persons: number; masterKey: string },
): Promise<void> => {
  const key = deriveKey(Buffer.from(masterKey, 'hex'), 'identity blind index');
  const now = new Date();
  const [at, end] = [now.toISOString(), new Date(now.getTime() + HOUR_MS).toISOString()];
  const cardIdOf = (holder: number): string => `card-bench-${holder}`;
  await client.query('set session_replication_role = replica');
  const holders = Array.from({ length: Math.min(HOLDERS, persons) }, (_, holder) => holder);
  await copyIn(
    client,
    'identity.card (card_id, person_id, medium, blind_index, status, mode, child, issued_at, changed_at)',
    holders.map((holder) => [
      ...[
        cardIdOf(holder),
        personIdOf(holder),
        'code',
        blindIndex(key, 'qr', cardNumberOf(holder)),
      ],
      ...['active', 'application', 'false', at, at],
    ]),
  );
  for (let from = 0; from < count; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => from + at);
    await copyIn(
      client,
      'identity.issued_code (nonce_hash, card_id, person_id, issued_at, expires_at)',
      numbers.map((number) => {
        const holder = holderOf(number, persons);
        return [nonceHashOf(number), cardIdOf(holder), personIdOf(holder), at, end];
      }),
    );
  }
  await client.query('set session_replication_role = origin');
  await client.query('vacuum (analyze) identity.card, identity.issued_code');
};
