import { assert } from '@caretab/kernel';
import type { Column, Table } from './tables';

/** Plain data, dates and buffers, so that no caller holds what is stored. */
export const copy = <Value>(value: Value): Value => {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date) return new Date(value) as Value;
  if (Buffer.isBuffer(value)) return Buffer.from(value) as never;
  if (Array.isArray(value)) return value.map(copy) as Value;
  const copied: Record<string, unknown> = {};
  for (const field of Object.keys(value))
    copied[field] = copy((value as Record<string, unknown>)[field]);
  return copied as Value;
};

const storedValue = (value: unknown, { type }: Column): unknown =>
  type === 'json' && value !== null ? (JSON.parse(JSON.stringify(value)) as unknown) : copy(value);

/** A row as the database keeps it: the declared fields alone, JSON without undefined. */
export const storedRow = <Row extends object>({ name, columns }: Table<Row>, given: Row): Row => {
  const row: Record<string, unknown> = {};
  for (const [field, column] of columns) {
    const value = given[field] ?? null;
    if (value === null) assert(column.nullable, `${field} of ${name} is not null`);
    row[field] = storedValue(value, column);
  }
  return row as Row;
};
