import { flawsOf } from '@caretab/contracts';
import { DomainError, type ErrorDetail } from '@caretab/kernel';
import type { Static, TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';

const FAULTS_MAX = 10;

/**
 * Finds what is wrong with a value: it does not fit the schema, or it has flaws that a schema cannot
 * name, such as impossible moments and characters no database of ours can store. Names up to ten
 * fields, never their values.
 */
export const checkOf = (schema: TSchema): ((value: unknown) => readonly ErrorDetail[]) => {
  const check = TypeCompiler.Compile(schema);
  return (value) => {
    if (check.Check(value))
      return flawsOf(schema, value).map(({ path, code, why, remedy }) => ({
        field: path,
        why,
        ...(remedy && { code, remedy }),
      }));
    const faults: ErrorDetail[] = [];
    for (const { path, message } of check.Errors(value)) {
      faults.push({ field: path || '/', why: message });
      if (faults.length === FAULTS_MAX) break;
    }
    return faults;
  };
};

/** Gives the value if `checkOf` finds nothing wrong. Throws REQUEST_INVALID (invalid). */
export const valid = <Schema extends TSchema>(
  schema: Schema,
): ((value: unknown) => Static<Schema>) => {
  const check = checkOf(schema);
  return (value) => {
    const faults = check(value);
    if (faults.length > 0) throw new DomainError('REQUEST_INVALID', 'invalid', { faults });
    return value;
  };
};
