import type { Table, Transaction } from '@caretab/store';
import type { DestroyedRows } from '../erasure/erasure.table';
import { personKeyTable, personTable } from '../person/person.table';
import { matchCaseTable } from './match-case.table';
import { matchKeyTable, recordLinkTable, sourceRecordTable } from './source-record.table';

/** Persons of the index whose records came to one person, through any number of links. */
const originsOf = async (transaction: Transaction, personId: string): Promise<string[]> => {
  const reached = [personId];
  for (let next = [personId]; next.length > 0;) {
    const links = await transaction
      .rows(recordLinkTable)
      .find({ toPersonId: { in: next }, undoneAt: null });
    next = [...new Set(links.map(({ fromPersonId }) => fromPersonId))].filter(
      (each) => !reached.includes(each),
    );
    reached.push(...next);
  }
  return reached.slice(1);
};

/** Those of them who have nothing left: no registration, and no record. */
const emptyOnes = async (transaction: Transaction, personIds: string[]): Promise<string[]> => {
  const persons = await transaction
    .rows(personTable)
    .find({ personId: { in: personIds }, sealed: null, destroyedAt: null });
  const records = await transaction.rows(sourceRecordTable).find({ personId: { in: personIds } });
  return persons
    .map(({ personId }) => personId)
    .filter((personId) => !records.some((record) => record.personId === personId));
};

/**
 * Destroys what the index has of a person: records, keyed hashes, cases and links, and the keys of
 * those whose records had come to the person: they open what a backup still has. The caller holds the
 * person's row.
 */
export const destroyIndexOf = async (
  transaction: Transaction,
  personId: string,
  now: Date,
): Promise<readonly DestroyedRows[]> => {
  const empty = await emptyOnes(transaction, await originsOf(transaction, personId));
  const whose = { in: [personId, ...empty] };
  const recordIds = (await transaction.rows(sourceRecordTable).find({ personId })).map(
    ({ recordId }) => recordId,
  );
  const destroyed: DestroyedRows[] = [];
  const destroy = async (table: Table, where: object): Promise<void> => {
    const rows = transaction.rows(table);
    destroyed.push({ service: 'identity', table: table.name, rows: await rows.count(where) });
    await rows.delete(where);
  };
  await destroy(matchKeyTable, { personId });
  await destroy(matchCaseTable, { recordId: { in: recordIds } });
  await transaction.rows(matchCaseTable).delete({ personId: whose });
  await transaction.rows(matchCaseTable).delete({ recordId: personId });
  await destroy(recordLinkTable, { toPersonId: whose });
  await transaction.rows(recordLinkTable).delete({ fromPersonId: whose });
  await destroy(sourceRecordTable, { personId });
  await transaction.rows(personKeyTable).delete({ personId: { in: empty } });
  await transaction.rows(personTable).update({ personId: { in: empty } }, { destroyedAt: now });
  return destroyed;
};
