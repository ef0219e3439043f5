import { assert } from '@caretab/kernel';
import type { Table } from './tables';

/** A value as something that `===` and `<` compare: a Date by its time, bytes by their text. */
export const comparable = (value: unknown): unknown => {
  if (value instanceof Date) return value.getTime();
  return Buffer.isBuffer(value) ? value.toString('base64') : value;
};

/** As the database orders: NULL last, text by code point. */
export const compare = (left: unknown, right: unknown): number => {
  const [a, b] = [comparable(left), comparable(right)] as [never, never];
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
};

/** Compares two rows by fields, the first that differs deciding. */
export const compareBy =
  (fields: readonly string[]) =>
  (left: object, right: object): number => {
    for (const field of fields) {
      const order = compare(
        (left as Record<string, unknown>)[field],
        (right as Record<string, unknown>)[field],
      );
      if (order !== 0) return order;
    }
    return 0;
  };

/** Values of fields as one text; undefined when one is NULL, because NULLs are distinct. */
export const tuple = (fields: readonly string[], row: object): string | undefined => {
  const values: unknown[] = [];
  for (const field of fields) {
    const value = comparable((row as Record<string, unknown>)[field]);
    if (value === null || value === undefined) return undefined;
    values.push(value);
  }
  return JSON.stringify(values);
};

/** The primary key of a row as one text. */
export const keyText = (table: Table, row: object): string => {
  const key = tuple(table.key, row);
  assert(key !== undefined, `a row of ${table.name} has its primary key`);
  return key;
};

/**
 * Rows in the order of their keys, the last of each key. Every statement that writes or locks many
 * rows takes them in this order, so that two such statements never deadlock.
 */
export const inKeyOrder = <Row extends object>(table: Table, rows: readonly Row[]): Row[] =>
  [...new Map(rows.map((row) => [keyText(table, row), row])).values()].sort(compareBy(table.key));
