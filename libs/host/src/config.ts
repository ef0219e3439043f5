import { CannotStart } from '@caretab/kernel';
import type { Static, TObject, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment does not fit; the message names every variable at once, never its value. */
export class ConfigError extends CannotStart {
  constructor(
    service: string,
    readonly faults: readonly string[],
  ) {
    super(
      `${service} cannot start, its environment is not right:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}

/**
 * TypeBox reads '80.9' and '8e1' as whole numbers by cutting them off; a mistyped port must be
 * reported.
 */
const convert = (schema: TSchema, text: string): unknown =>
  schema['type'] === 'integer' && !/^[+-]?\d+$/.test(text) ? text : Value.Convert(schema, text);

/**
 * Reads a service's variables from the environment: texts become the schema's numbers and booleans,
 * defaults are filled in, an empty text is an absent one.
 */
export const parseConfig = <Schema extends TObject>(
  service: string,
  schema: Schema,
  env: Environment,
): Static<Schema> => {
  const given = Object.entries(schema.properties).flatMap(([name, property]) =>
    env[name] ? [[name, convert(property, env[name])] as const] : [],
  );
  const value = Value.Default(schema, Object.fromEntries(given));
  const faults = new Map<string, string>();
  for (const {
    path,
    message,
    schema: { description },
  } of Value.Errors(schema, value)) {
    const name = path.slice(1).split('/', 1)[0]!;
    // The first error of a variable says what is wrong; further ones only repeat it.
    if (!faults.has(name))
      faults.set(name, `${name}: ${message}${description ? ` (${description})` : ''}`);
  }
  if (faults.size > 0) throw new ConfigError(service, [...faults.values()]);
  return value as Static<Schema>;
};

/**
 * Runs each parse, and throws one ConfigError with the faults of all; a variable with several
 * readers is reported once.
 */
export const collectFaults = <Result>(
  name: string,
  parses: readonly (() => Result)[],
): Result[] => {
  const faults = new Set<string>();
  const results: Result[] = [];
  for (const parse of parses) {
    try {
      results.push(parse());
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const fault of error.faults) faults.add(fault);
    }
  }
  if (faults.size > 0) throw new ConfigError(name, [...faults]);
  return results;
};
