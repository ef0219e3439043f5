import type { EntityMetadata } from 'typeorm';

/**
 * From so many rows on, all of them as one JSON parameter cost a tenth of a parameter per value.
 */
const ROWS_MIN = 10;

export interface BulkUpsert {
  readonly statement: string;
  readonly parameter: string;
}

const quoted = (name: string): string => `"${name}"`;

/**
 * What JSON carries as PostgreSQL reads it. Bytes and arrays have texts of their own, and "not
 * given" (the column's default) has none.
 */
const isPlain = (value: unknown): boolean => value !== undefined && !Buffer.isBuffer(value);

/**
 * One statement that inserts rows or replaces those of the same key, with a single parameter;
 * undefined when there are too few rows, or when a value has no plain JSON. The rows have different
 * keys.
 */
export const bulkUpsert = (
  metadata: EntityMetadata,
  rows: readonly object[],
): BulkUpsert | undefined => {
  if (rows.length < ROWS_MIN || metadata.columns.some((column) => column.isArray)) return undefined;
  const columns = metadata.columns.map((column) => ({ column, name: column.databaseName }));
  let plain = true;
  const images = rows.map((row) => {
    const image: Record<string, unknown> = {};
    for (const { column, name } of columns) {
      const value: unknown = column.getEntityValue(row, true);
      plain &&= isPlain(value);
      image[name] = value;
    }
    return image;
  });
  return plain
    ? { statement: statementOf(metadata), parameter: JSON.stringify(images) }
    : undefined;
};

const statements = new WeakMap<EntityMetadata, string>();

const statementOf = (metadata: EntityMetadata): string => {
  const known = statements.get(metadata);
  if (known) return known;
  const table = metadata.tablePath.split('.').map(quoted).join('.');
  const names = metadata.columns.map((column) => quoted(column.databaseName));
  const keys = metadata.primaryColumns.map((column) => quoted(column.databaseName));
  const others = names
    .filter((name) => !keys.includes(name))
    .map((name) => `${name} = excluded.${name}`);
  const statement = `insert into ${table} (${names.join(', ')}) select ${names.join(', ')} from
    json_populate_recordset(null::${table}, $1::json)
    on conflict (${keys.join(', ')}) do ${others.length > 0 ? `update set ${others.join(', ')}` : 'nothing'}`;
  statements.set(metadata, statement);
  return statement;
};
