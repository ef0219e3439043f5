import { assert } from '@caretab/kernel';
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
