/** What a column holds, by the type of its value in a row. */
export type ColumnType =
  'text' | 'integer' | 'bigint' | 'boolean' | 'instant' | 'date' | 'json' | 'bytes';

/** One column of a table. */
export interface Column {
  readonly type: ColumnType;
  /** The column's snake_case name where it differs from the field's. */
  readonly name?: string;
  /** Part of the primary key. */
  readonly primary?: boolean;
  readonly nullable?: boolean;
}

const column =
  (type: ColumnType) =>
  (name?: string, extras: Pick<Column, 'primary' | 'nullable'> = {}): Column => ({
    type,
    ...(name === undefined ? {} : { name }),
    ...extras,
  });

/** A `bigint` of whole fen, a number in the row. Every value is below 2^53. */
export const fenColumn = column('bigint');
/** A `bigint` that is no money (a counter, a revision, a duration in ms), a number in the row. */
export const bigintColumn = column('bigint');
export const integerColumn = column('integer');
export const booleanColumn = column('boolean');
export const textColumn = column('text');
/** A `timestamptz(3)`, a Date in the row: milliseconds, as a Date holds them. */
export const instantColumn = column('instant');
/** A `date`, 'YYYY-MM-DD' in the row: a business day has no zone. */
export const dateColumn = column('date');
/** A `jsonb`; the order of keys is not kept. */
export const jsonColumn = column('json');
/** A `bytea`, a Buffer in the row. */
export const bytesColumn = column('bytes');

/** By what a row can be someone's. */
/** `plan`: a payer's, where rows name plans alone. */
export type Owner = 'institution' | 'person' | 'payer' | 'plan';

/** Where a row says whose it is. */
export type OwnedBy<Field extends string = string> =
  | Field
  /** In a field that names such an owner where another one says so. */
  | { readonly field: Field; readonly where: Field; readonly is: string }
  /** In each entry of a list within a JSON field. */
  | { readonly field: Field; readonly list: string; readonly entry: string };

/** A row is seen where a row of that table is, with the same values in these fields. */
export interface HangsOn<Field extends string = string> {
  readonly table: Table;
  readonly by: readonly Field[];
}

type Owners<Row> = { readonly [Name in Owner]?: OwnedBy<keyof Row & string> };

export interface TableOptions<Row> {
  /** The table's name in the database. */
  readonly name: string;
  readonly columns: { readonly [Field in keyof Row]-?: Column };
  /**
   * Unique indices over fields of the row; NULLs are distinct. The migration creates them, the twin
   * enforces them.
   */
  readonly uniques?: readonly (readonly (keyof Row & string)[])[];
  /** What says whose a row is: who reads within someone's rows reads no other table. */
  readonly owners?: Owners<Row>;
  /** In place of owners: whose row it hangs on. */
  readonly hangsOn?: HangsOn<keyof Row & string>;
  /** Rows that are inserted one after the other with one value in this field go in one statement. */
  readonly together?: keyof Row & string;
}

/** A table of a service: its columns, its primary key and its unique indices. */
export interface Table<Row extends object = any> {
  readonly name: string;
  readonly columns: ReadonlyMap<keyof Row & string, Required<Column>>;
  /** Fields of the primary key, in the order of their declaration. */
  readonly key: readonly (keyof Row & string)[];
  readonly uniques: readonly (readonly (keyof Row & string)[])[];
  readonly owners: Owners<Row>;
  readonly hangsOn?: HangsOn | undefined;
  readonly together?: (keyof Row & string) | undefined;
  /** For the compiler alone: which rows the table holds. */
  readonly row?: Row;
}

/**
 * Declares a table. Throws when it has no primary key: rows are replaced and paged by their key.
 */
export const table = <Row extends object>({
  name,
  columns,
  uniques = [],
  owners = {},
  hangsOn,
  together,
}: TableOptions<Row>): Table<Row> => {
  const declared = new Map(
    Object.entries<Column>(columns).map(([field, one]) => [
      field as keyof Row & string,
      { name: field, primary: false, nullable: false, ...one },
    ]),
  );
  const key = [...declared].filter(([, { primary }]) => primary).map(([field]) => field);
  if (key.length === 0) throw new Error(`The table ${name} has no primary key`);
  return { name, columns: declared, key, uniques, owners, hangsOn, together };
};
