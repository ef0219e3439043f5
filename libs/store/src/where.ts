import { assert } from '@caretab/kernel';
import { comparable, compare } from './keys';
import type { Where } from './store';

/** One condition of a Where. */
export type Condition =
  | { readonly kind: 'equals'; readonly value: unknown }
  | { readonly kind: 'lte' | 'gt'; readonly value: unknown }
  | { readonly kind: 'in'; readonly values: readonly unknown[] };

/**
 * The conditions of a Where by field; all must hold. A field that is there but undefined is a
 * mistake of the caller, never "any".
 */
export const conditions = <Row extends object>(
  where: Where<Row>,
): [keyof Row & string, Condition][] =>
  Object.entries(where).map(([field, value]) => {
    assert(value !== undefined, `the condition on ${field} has a value`);
    return [field as keyof Row & string, condition(value)];
  });

const condition = (value: unknown): Condition => {
  if (value !== null && typeof value === 'object' && !(value instanceof Date)) {
    if ('lte' in value) return { kind: 'lte', value: value.lte };
    if ('gt' in value) return { kind: 'gt', value: value.gt };
    if ('in' in value && Array.isArray(value.in)) return { kind: 'in', values: value.in };
  }
  return { kind: 'equals', value };
};

/** Whether a value fits a condition, as the database compares. */
export const fits = (value: unknown, condition: Condition): boolean => {
  if (condition.kind === 'in')
    return value !== null && condition.values.some((one) => comparable(one) === comparable(value));
  if (condition.kind === 'equals') return comparable(value) === comparable(condition.value);
  if (value === null || condition.value === null) return false;
  return condition.kind === 'gt'
    ? compare(value, condition.value) > 0
    : compare(value, condition.value) <= 0;
};
