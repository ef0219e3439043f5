import { quoted, readAs } from './sql-text';
import type { Column, Table } from './tables';

/** Rows that one statement writes, and those that go together with the last one: a few MB. */
const ROWS_PER_STATEMENT = 5_000;

/** What happens to a row whose primary key is taken. */
export type OnTaken = 'fail' | 'skip' | 'replace';

const statements = new WeakMap<Table, Map<OnTaken, string>>();

const nameList = (names: readonly string[]): string => names.map(quoted).join(', ');

/**
 * One statement that writes rows, which it takes as one JSON parameter: its text, and thus its
 * plan, is the same for any number of rows. Returns the keys of the rows it wrote, by field.
 */
export const writeStatement = (table: Table, onTaken: OnTaken): string => {
  const known = statements.get(table) ?? new Map<OnTaken, string>();
  statements.set(table, known);
  const statement = known.get(onTaken) ?? statementOf(table, onTaken);
  known.set(onTaken, statement);
  return statement;
};

const statementOf = (table: Table, onTaken: OnTaken): string => {
  const columns = [...table.columns.values()];
  const keys = columns.filter(({ primary }) => primary).map(({ name }) => name);
  const others = columns.filter(({ primary }) => !primary).map(({ name }) => quoted(name));
  const names = nameList(columns.map(({ name }) => name));
  const sets = others.map((name) => `${name} = excluded.${name}`).join(', ');
  const action = onTaken === 'replace' && sets ? `do update set ${sets}` : 'do nothing';
  return [
    `insert into ${quoted(table.name)} (${names}) select ${names}`,
    `from json_populate_recordset(null::${quoted(table.name)}, $1::json)`,
    onTaken === 'fail' ? '' : `on conflict (${nameList(keys)}) ${action}`,
    onTaken === 'skip' ? `returning ${readAs(table, table.key)}` : '',
  ].join(' ');
};

/** A value as PostgreSQL reads it from JSON. */
const written = (value: unknown, { type }: Column): unknown =>
  type === 'bytes' && Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : (value ?? null);

/** The JSON parameters of the statements that write these rows, in their order. */
export const writeParameters = <Row extends object>(
  table: Table<Row>,
  rows: readonly Row[],
): string[] => {
  const parameters: string[] = [];
  for (let from = 0; from < rows.length;) {
    const to = endOfStatement(table, rows, from + ROWS_PER_STATEMENT);
    const columns = [...table.columns];
    const images = rows.slice(from, to).map((row) => {
      const image: Record<string, unknown> = {};
      for (const [field, column] of columns) image[column.name] = written(row[field], column);
      return image;
    });
    parameters.push(JSON.stringify(images));
    from = to;
  }
  return parameters;
};

const endOfStatement = <Row extends object>(
  { together }: Table<Row>,
  rows: readonly Row[],
  end: number,
): number => {
  let to = end;
  while (together && to < rows.length && rows[to]![together] === rows[to - 1]![together]) to += 1;
  return to;
};
