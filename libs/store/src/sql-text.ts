import type { PageOptions, Where } from './store';
import type { Column, ColumnType, Table } from './tables';
import { type Condition, conditions } from './where';

/** A type as a cast writes it. */
export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  boolean: 'boolean',
  instant: 'timestamptz',
  date: 'date',
  json: 'jsonb',
  bytes: 'bytea',
};

export const quoted = (name: string): string => `"${name}"`;

/** Values of a statement; one that is named twice is sent once. */
export class Parameters {
  readonly values: unknown[] = [];
  private readonly places = new Map<string, Map<unknown, string>>();

  place(value: unknown, type: string): string {
    const known = this.places.get(type) ?? new Map<unknown, string>();
    this.places.set(type, known);
    const written = type === SQL_TYPES.json && value !== null ? JSON.stringify(value) : value;
    const place = known.get(value) ?? `$${this.values.push(written)}::${type}`;
    known.set(value, place);
    return place;
  }
}

/** A column, quoted, and its type as a cast writes it. */
export const columnOf = (
  table: Table,
  field: string,
): { readonly name: string; readonly type: string } => {
  const { name, type } = table.columns.get(field)!;
  return { name: quoted(name), type: SQL_TYPES[type] };
};

/** pg would make a Date of a day, by the zone of the machine. */
const read = (column: string, { type }: Column): string =>
  type === 'date' ? `${column}::text` : column;

/** Columns under other names: of fields by default. */
export const readAs = <Row extends object>(
  table: Table<Row>,
  fields: Iterable<string>,
  alias: (field: string) => string = (field) => field,
): string =>
  [...fields]
    .map((field) => {
      const column = table.columns.get(field as keyof Row & string)!;
      return `${read(quoted(column.name), column)} as ${quoted(alias(field))}`;
    })
    .join(', ');

const selects = new WeakMap<object, string>();

/** The beginning of a statement that reads rows; the one of whole rows is written once. */
export const selectText = <Row extends object>(
  table: Table<Row>,
  fields?: readonly (keyof Row & string)[],
): string => {
  const of = (names: Iterable<string>): string =>
    `select ${readAs(table, names)} from ${quoted(table.name)}`;
  if (fields) return of(fields);
  const whole = selects.get(table) ?? of(table.columns.keys());
  selects.set(table, whole);
  return whole;
};

/** Rows of lists of values, which are in the order of `fields`. */
export const rowsOf = <Row extends object, Field extends keyof Row & string>(
  table: Table<Row>,
  fields: readonly Field[],
  lists: readonly (readonly unknown[])[],
): Pick<Row, Field>[] => {
  const columns = fields.map((field) => table.columns.get(field)!);
  return lists.map((list) => {
    const row: Record<string, unknown> = {};
    for (let at = 0; at < columns.length; at += 1)
      row[fields[at]!] = valueIn(list[at], columns[at]!);
    return row as Pick<Row, Field>;
  });
};

/** A value as a row has it: pg returns a bigint as text, because it may exceed 2^53; ours never do. */
export const valueIn = (value: unknown, { type }: Pick<Column, 'type'>): unknown =>
  type === 'bigint' && value !== null ? Number(value) : value;

/** What a column has to be, as SQL. */
export const tested = (
  column: string,
  { condition, type }: { readonly condition: Condition; readonly type: string },
  parameters: Parameters,
): string => {
  if (condition.kind === 'in')
    return `${column} = any(${parameters.place(condition.values, `${type}[]`)})`;
  if (condition.value === null && condition.kind === 'equals') return `${column} is null`;
  const operator = { equals: '=', lte: '<=', gt: '>' }[condition.kind];
  return `${column} ${operator} ${parameters.place(condition.value, type)}`;
};

/** The `where` of a statement; empty for every row. */
export const whereText = <Row extends object>(
  table: Table<Row>,
  where: Where<Row>,
  parameters: Parameters,
): string => {
  const tests = conditions(where).map(([field, condition]) => {
    const { name, type } = columnOf(table, field);
    return tested(name, { condition, type }, parameters);
  });
  return tests.length === 0 ? '' : `where ${tests.join(' and ')}`;
};

/** The names of columns, quoted. */
export const namesOf = (table: Table, fields: readonly string[]): string =>
  fields.map((field) => columnOf(table, field).name).join(', ');

/** The `where` of rows by their keys. By one column, no join is planned. */
export const amongText = <Row extends object>(
  table: Table<Row>,
  keys: readonly Partial<Row>[],
  parameters: Parameters,
): string => {
  const names = namesOf(table, table.key);
  const lists = table.key.map((field) =>
    parameters.place(
      keys.map((key) => key[field]),
      `${columnOf(table, field).type}[]`,
    ),
  );
  return lists.length === 1
    ? `where ${names} = any(${lists[0]})`
    : `where (${names}) in (select * from unnest(${lists.join(', ')}))`;
};

/** What follows `order by`. */
export const orderText = (table: Table, fields: readonly string[], descending = false): string =>
  fields.map((field) => `${columnOf(table, field).name} ${descending ? 'desc' : 'asc'}`).join(', ');

/** What follows the table's name where a page and one row more is read, in the order of fields. */
export const pageText = <Row extends object>(
  table: Table<Row>,
  fields: readonly (keyof Row & string)[],
  {
    where,
    parameters,
    after,
    descending = false,
    countMax,
  }: PageOptions<Row> & { readonly where: Where<Row>; readonly parameters: Parameters },
): string => {
  const fitting = whereText(table, where, parameters);
  const places = after
    ? fields.map((field) => parameters.place(after[field], columnOf(table, field).type))
    : [];
  const beyond = `(${namesOf(table, fields)}) ${descending ? '<' : '>'} (${places.join(', ')})`;
  return [
    fitting,
    after ? `${fitting === '' ? 'where' : 'and'} ${beyond}` : '',
    `order by ${orderText(table, fields, descending)}`,
    `limit ${parameters.place(countMax + 1, 'bigint')}`,
  ].join(' ');
};
