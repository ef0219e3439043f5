import { assert } from '@caretab/kernel';
import type { Cursor, Page, PageOptions } from './store';
import type { Table } from './tables';

/** The fields that order pages: the one asked for, then the primary key. None of them is NULL. */
export const orderOf = <Row extends object>(
  table: Table<Row>,
  { orderBy }: Pick<PageOptions<Row>, 'orderBy'>,
): (keyof Row & string)[] => {
  if (orderBy === undefined) return [...table.key];
  assert(!table.columns.get(orderBy)!.nullable, `${orderBy} of ${table.name} is never NULL`);
  return [orderBy, ...table.key.filter((field) => field !== orderBy)];
};

/** Only these fields of a row. */
export const picked = <Row extends object, Field extends keyof Row>(
  row: Row,
  fields: readonly Field[],
): Pick<Row, Field> =>
  Object.fromEntries(fields.map((field) => [field, row[field]])) as Pick<Row, Field>;

/** A page of rows that were read with one row more than the page holds. */
export const pageOf = <Row extends object, Read extends Cursor<Row>>(
  read: readonly Read[],
  fields: readonly (keyof Row & string)[],
  countMax: number,
): Page<Row, Read> => {
  const rows = read.slice(0, countMax);
  const last = rows.at(-1) as Row | undefined;
  return {
    rows,
    next: last && read.length > countMax ? (picked(last, fields) as Cursor<Row>) : undefined,
  };
};
