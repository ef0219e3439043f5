import type { SealedTable } from '@caretab/host';
import type { CardRows } from '../card/card-rows';
import { type CardRow, cardTable } from '../card/card.table';
import { type SourceRecordRow, sourceRecordTable } from '../master-index/source-record.table';
import { personKeyTable, type PersonRow, personTable } from './person.table';
import type { Vault } from './vault';

/**
 * Every data key that identity keeps, and what each of them sealed. Persons are locked before their
 * keys, as by an erasure: a key that was destroyed meanwhile is not written again.
 */
export const sealedTables = (vault: Vault, cardRows: CardRows): readonly SealedTable[] => [
  {
    table: personTable,
    renew: async (transaction, persons: readonly PersonRow[]) => {
      const keys = await transaction
        .rows(personKeyTable)
        .lockAll(persons.map(({ personId }) => ({ personId })));
      const wrappedOf = new Map(keys.map(({ personId, wrapped }) => [personId, wrapped]));
      const renewedKeys = keys.flatMap(({ personId, wrapped }) => {
        const renewed = vault.renewedKey(personId, wrapped);
        return renewed ? [{ personId, wrapped: renewed }] : [];
      });
      const renewedData = persons.flatMap((person) => {
        const { personId, sealed } = person;
        const wrapped = wrappedOf.get(personId);
        const renewed = sealed && wrapped && vault.renewed(personId, wrapped, sealed);
        return renewed ? [{ ...person, sealed: renewed }] : [];
      });
      if (renewedKeys.length > 0) await transaction.rows(personKeyTable).save(...renewedKeys);
      if (renewedData.length > 0) await transaction.rows(personTable).save(...renewedData);
      return renewedKeys.length + renewedData.length;
    },
  },
  {
    table: sourceRecordTable,
    renew: async (transaction, records: readonly SourceRecordRow[]) => {
      const keys = await transaction
        .rows(personKeyTable)
        .find({ personId: { in: records.map(({ personId }) => personId) } });
      const wrappedOf = new Map(keys.map(({ personId, wrapped }) => [personId, wrapped]));
      const renewed = records.flatMap((record) => {
        const wrapped = wrappedOf.get(record.personId);
        const sealed = wrapped && vault.renewedRecord(record, wrapped, record.sealed);
        return sealed ? [{ ...record, sealed }] : [];
      });
      if (renewed.length > 0) await transaction.rows(sourceRecordTable).save(...renewed);
      return renewed.length;
    },
  },
  {
    table: cardTable,
    renew: async (transaction, cards: readonly CardRow[]) => {
      const keys = await transaction
        .rows(personKeyTable)
        .find({ personId: { in: cards.map(({ personId }) => personId) } });
      const wrappedOf = new Map(keys.map(({ personId, wrapped }) => [personId, wrapped]));
      const renewed = cards.flatMap((card) => {
        const wrapped = wrappedOf.get(card.personId);
        const sealed = wrapped && cardRows.renewed(card, wrapped);
        return sealed ? [{ ...card, sealed }] : [];
      });
      if (renewed.length > 0) await transaction.rows(cardTable).save(...renewed);
      return renewed.length;
    },
  },
];
