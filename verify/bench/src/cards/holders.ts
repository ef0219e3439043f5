import { Vault } from '@caretab/identity';
import { KeyFile } from '@caretab/security';
import type { Client } from 'pg';
import { copyIn } from '../identity/copy-in';
import { idNumberOf, mobileOf, personIdOf } from '../identity/persons';
import { HOLDER_NAME } from './rows';

const BATCH = 5_000;
const bytes = (value: Buffer): string => `\\\\x${value.toString('hex')}`;

/** Writes persons as identity keeps them, by COPY, each sealed by a key of their own. */
export const fillHolders = async (
  client: Client,
  count: number,
  masterKey: string,
): Promise<void> => {
  const vault = new Vault(new KeyFile('IDENTITY_MASTER_KEY', masterKey));
  await client.query('set session_replication_role = replica');
  const now = new Date().toISOString();
  for (let from = 0; from < count; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => from + at);
    const persons = numbers.map((number) => {
      const [personId, idNumber] = [personIdOf(number), idNumberOf(number)];
      const wrapped = vault.newKey(personId);
      const sealed = vault.seal(personId, wrapped, {
        ...{ name: HOLDER_NAME, idNumber, mobile: mobileOf(number), sex: 'female' },
        birthDate: `${idNumber.slice(6, 10)}-${idNumber.slice(10, 12)}-${idNumber.slice(12, 14)}`,
      });
      return { personId, wrapped, sealed, index: vault.indexOf('id-number', idNumber) };
    });
    await copyIn(
      client,
      'identity.person (person_id, sealed, registered_at, indexed_at)',
      persons.map(({ personId, sealed }) => [personId, bytes(sealed), now, now]),
    );
    await copyIn(
      client,
      'identity.person_key (person_id, wrapped)',
      persons.map(({ personId, wrapped }) => [personId, bytes(wrapped)]),
    );
    await copyIn(
      client,
      'identity.identifier (blind_index, type, person_id)',
      persons.map(({ personId, index }) => [index, 'id-number', personId]),
    );
  }
  await client.query('set session_replication_role = origin');
  await client.query('vacuum (analyze) identity.person, identity.person_key, identity.identifier');
  await client.query('checkpoint');
};
