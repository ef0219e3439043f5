import { flawsOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { PipeTransform } from '@nestjs/common';
import type { Static, TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';

/**
 * A pipe that lets a body, query or parameter pass only if it fits the schema and has none of the
 * flaws that a schema cannot name: moments that no calendar has, characters and numbers that no
 * database of ours can store. Throws REQUEST_INVALID (invalid) naming up to ten wrong fields and
 * why, never their values.
 */
export const valid = <Schema extends TSchema>(
  schema: Schema,
): PipeTransform<unknown, Static<Schema>> => {
  const check = TypeCompiler.Compile(schema);
  return {
    transform(value: unknown): Static<Schema> {
      const fits = check.Check(value);
      const faults = fits
        ? flawsOf(schema, value).map(({ path, why }) => ({ field: path, why }))
        : [];
      if (fits && faults.length === 0) return value;
      for (const error of check.Errors(value)) {
        faults.push({ field: error.path || '/', why: error.message });
        if (faults.length === 10) break;
      }
      throw new DomainError('REQUEST_INVALID', 'invalid', { faults });
    },
  };
};
