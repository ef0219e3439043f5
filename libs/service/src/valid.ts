import { DomainError } from '@caretab/kernel';
import type { PipeTransform } from '@nestjs/common';
import type { Static, TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';

const holdsNul = (value: unknown): boolean =>
  typeof value === 'string' ? value.includes('\0') : typeof value === 'object' && value !== null && Object.entries(value).some(([name, inner]) => name.includes('\0') || holdsNul(inner));

/**
 * A pipe that lets a body, query or parameter pass only if it fits the schema and holds no U+0000, which no database of ours can store.
 * Throws REQUEST_INVALID (invalid) naming up to ten wrong fields and why, never their values.
 */
export const valid = <Schema extends TSchema>(schema: Schema): PipeTransform<unknown, Static<Schema>> => {
  const check = TypeCompiler.Compile(schema);
  return {
    transform(value: unknown): Static<Schema> {
      if (check.Check(value) && !holdsNul(value)) return value;
      const faults: { field: string; why: string }[] = holdsNul(value) ? [{ field: '/', why: 'a text holds the character U+0000' }] : [];
      for (const error of check.Errors(value)) {
        faults.push({ field: error.path || '/', why: error.message });
        if (faults.length === 10) break;
      }
      throw new DomainError('REQUEST_INVALID', 'invalid', { faults });
    },
  };
};
