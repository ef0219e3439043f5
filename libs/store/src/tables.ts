import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';

/** What a column may say beside its type. */
export type ColumnExtras = Pick<
  EntitySchemaColumnOptions,
  'primary' | 'nullable' | 'unique' | 'default'
>;

type Column = (name?: string, extras?: ColumnExtras) => EntitySchemaColumnOptions;

/** pg hands a bigint over as text, because it may exceed 2^53; ours never do. */
const asNumber = {
  to: (value: unknown) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

const column =
  (type: Pick<EntitySchemaColumnOptions, 'type' | 'precision' | 'transformer'>): Column =>
  (name, extras = {}) => ({ ...type, ...(name === undefined ? {} : { name }), ...extras });

/**
 * A `bigint` of whole fen, a number in the row. `name` is the column's snake_case name where it
 * differs from the field's.
 */
export const fenColumn = column({ type: 'bigint', transformer: asNumber });
/** A `bigint` that is no money (a counter, a revision, a duration in ms), a number in the row. */
export const bigintColumn = column({ type: 'bigint', transformer: asNumber });
export const integerColumn = column({ type: 'integer' });
export const booleanColumn = column({ type: 'boolean' });
export const textColumn = column({ type: 'text' });
/** A `timestamptz(3)`, a Date in the row: milliseconds, as a Date holds them. */
export const instantColumn = column({ type: 'timestamp with time zone', precision: 3 });
/** A `date`, 'YYYY-MM-DD' in the row: a business day has no zone. */
export const dateColumn = column({ type: 'date' });
/** A `jsonb`; the order of keys is not kept. */
export const jsonColumn = column({ type: 'jsonb' });
/** A `bytea`, a Buffer in the row. */
export const bytesColumn = column({ type: 'bytea' });

export interface TableOptions<Row> {
  /** The table's name in the database. */
  readonly name: string;
  readonly columns: { [Field in keyof Row]-?: EntitySchemaColumnOptions };
  /**
   * Unique indices over fields of the row; NULLs are distinct. The migration creates them, the twin
   * enforces them.
   */
  readonly uniques?: readonly (readonly (keyof Row & string)[])[];
}

/** Declares a table: what TypeOrmStore reads and writes, and the rules that MemoryStore keeps. */
export const table = <Row extends object>({
  name,
  columns,
  uniques = [],
}: TableOptions<Row>): EntitySchema<Row> =>
  new EntitySchema<Row>({
    name,
    tableName: name,
    columns,
    uniques: uniques.map((fields) => ({ columns: [...fields] })),
  });
