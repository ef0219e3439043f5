import { blockingKeys, comparedOf, type Demographics } from '@caretab/identity';
import { idNumberCheck } from '@caretab/kernel';
import { blindIndex, deriveKey } from '@caretab/security';
import type { Client } from 'pg';
import { copyIn } from './copy-in';

/** Persons that one day of birth has room for; each has a sequence of three digits. */
const A_DAY = 1000;
const FIRST_DAY = Date.parse('1950-01-01');
const DAY_MS = 86_400_000;
const SEALED_BYTES = 220;
const WRAPPED_BYTES = 61;
const BATCH = 5_000;
const TODAY = '2026-03-02';

/** How identity finds persons, by its master key. */
export interface Indexes {
  readonly indexOf: (idNumber: string) => string;
  readonly keyHashesOf: (of: Demographics) => readonly string[];
}

const birthDateOf = (number: number): string =>
  new Date(FIRST_DAY + Math.floor(number / A_DAY) * DAY_MS)
    .toISOString()
    .slice(0, 10)
    .replaceAll('-', '');

/** An invented ID number; all of them differ. */
export const idNumberOf = (number: number): string => {
  const body = `330106${birthDateOf(number)}${String(number % A_DAY).padStart(3, '0')}`;
  return body + idNumberCheck(body);
};

export const mobileOf = (number: number): string =>
  `139${String(number % 100_000_000).padStart(8, '0')}`;

export const personIdOf = (number: number): string =>
  `p-${String(number).padStart(8, '0')}-2222-4222-8222-222222222222`;

/** Under which index identity finds an ID number. */
export const indexesWith = (masterKey: string): ((idNumber: string) => string) => {
  const key = deriveKey(Buffer.from(masterKey, 'hex'), 'identity blind index');
  return (idNumber) => blindIndex(key, 'id-number', idNumber);
};

/** Under which keyed hashes the master index keeps a person who registered. */
export const keyHashesWith = (masterKey: string): ((of: Demographics) => readonly string[]) => {
  const key = deriveKey(Buffer.from(masterKey, 'hex'), 'identity blind index');
  return (of) =>
    blockingKeys(comparedOf(of, TODAY)).map(({ kind, text }) =>
      blindIndex(key, `blocking ${kind}`, text),
    );
};

const SEALED = `\\\\x${'5a'.repeat(SEALED_BYTES)}`;
const WRAPPED = `\\\\x${'5a'.repeat(WRAPPED_BYTES)}`;

/**
 * Writes the persons of a range as identity keeps them, by COPY; what is sealed of them cannot be
 * opened, so the index skips them.
 */
export const fillPersons = async (
  client: Client,
  range: { readonly from: number; readonly to: number },
  { indexOf, keyHashesOf }: Indexes,
): Promise<void> => {
  await client.query('set session_replication_role = replica');
  const now = new Date().toISOString();
  for (let from = range.from; from < range.to; from += BATCH) {
    const count = Math.min(BATCH, range.to - from);
    const numbers = Array.from({ length: count }, (_, at) => from + at);
    await copyIn(
      client,
      'identity.person (person_id, sealed, registered_at, indexed_at)',
      numbers.map((number) => [personIdOf(number), SEALED, now, now]),
    );
    await copyIn(
      client,
      'identity.person_key (person_id, wrapped)',
      numbers.map((number) => [personIdOf(number), WRAPPED]),
    );
    await copyIn(
      client,
      'identity.identifier (blind_index, type, person_id)',
      numbers.map((number) => [indexOf(idNumberOf(number)), 'id-number', personIdOf(number)]),
    );
    const keys = numbers.flatMap((number) => {
      const person = { idNumber: idNumberOf(number), mobile: mobileOf(number) };
      const id = personIdOf(number);
      return keyHashesOf(person).map((hash) => [hash, id, id]);
    });
    await copyIn(client, 'identity.match_key (key_hash, holder_id, person_id)', keys);
  }
  await client.query('set session_replication_role = origin');
  await client.query(
    'vacuum (analyze) identity.person, identity.person_key, identity.identifier, identity.match_key',
  );
  await client.query('checkpoint');
};
