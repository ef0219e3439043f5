import { integerColumn, booleanColumn, table, textColumn, type Transaction } from '@caretab/store';

/** Whether a person is merged into another one: both ids are one human being then. */
export interface AliasRow {
  readonly personId: string;
  readonly survivorId: string;
  /** Of the last message. */
  readonly revision: number;
  readonly merged: boolean;
}

export const aliasTable = table<AliasRow>({
  name: 'person_alias',
  columns: {
    personId: textColumn('person_id', { primary: true }),
    survivorId: textColumn('survivor_id'),
    revision: integerColumn(),
    merged: booleanColumn(),
  },
});

/** Who is merged into one person is read to so many. */
const MERGED_MAX = 20;

/** PersonsMerged, PersonsUnmerged; an older message changes nothing. */
export const recordAlias = async (
  transaction: Transaction,
  { personId, survivorId, revision, merged }: AliasRow,
): Promise<void> => {
  const rows = transaction.rows(aliasTable);
  const row = { personId, survivorId, revision, merged };
  if (await rows.insertIfAbsent(row)) return;
  const known = await rows.get({ personId }, { lock: 'wait' });
  if (!known || known.revision < revision) await rows.save(row);
};

/** All ids of the human being whose id this is, the survivor's first. */
export const idsOf = async (
  transaction: Transaction,
  personId: string,
): Promise<readonly string[]> => {
  const rows = transaction.rows(aliasTable);
  const own = await rows.get({ personId, merged: true });
  const survivorId = own?.survivorId ?? personId;
  const merged = await rows.find(
    { survivorId, merged: true },
    { orderBy: 'personId', countMax: MERGED_MAX },
  );
  return [survivorId, ...merged.map((each) => each.personId)];
};
