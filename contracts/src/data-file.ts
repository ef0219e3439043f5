import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { flawsOf } from './flaws';

/**
 * The content of a data file (plans, catalogue, policies), validated on load: an error in it would
 * cost money. Throws an Error of one sentence with the file and the first wrong field, for the
 * operator who starts the service.
 */
export const dataOf = <Schema extends TSchema>(
  file: string,
  text: string,
  schema: Schema,
): Static<Schema> => {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new Error(`The data file ${file} is no JSON: ${(cause as Error).message}`, { cause });
  }
  const [error] = Value.Errors(schema, data);
  if (error)
    throw new Error(`The data file ${file} is wrong at ${error.path || '/'}: ${error.message}.`);
  const [flaw] = flawsOf(schema, data);
  if (flaw) throw new Error(`The data file ${file} is wrong at ${flaw.path}: ${flaw.why}.`);
  return data as Static<Schema>;
};
