import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { ColumnType, Table } from './tables';

/** pg returns a bigint as text, because it may exceed 2^53; ours never do. */
const asNumber = {
  to: (value: unknown) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

const COLUMNS: Readonly<Record<ColumnType, EntitySchemaColumnOptions>> = {
  text: { type: 'text' },
  integer: { type: 'integer' },
  bigint: { type: 'bigint', transformer: asNumber },
  boolean: { type: 'boolean' },
  instant: { type: 'timestamp with time zone', precision: 3 },
  date: { type: 'date' },
  json: { type: 'jsonb' },
  bytes: { type: 'bytea' },
};

/** A table as TypeORM declares it. */
export const entityOf = (table: Table): EntitySchema =>
  new EntitySchema({
    name: table.name,
    tableName: table.name,
    columns: Object.fromEntries(
      [...table.columns].map(([field, { type, name, primary, nullable }]) => [
        field,
        { ...COLUMNS[type], name, primary, nullable },
      ]),
    ),
  });
