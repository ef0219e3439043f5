import type { Static, TObject } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** The environment does not fit a service's schema; the message names every variable at once. */
export class ConfigError extends Error {
  constructor(service: string, faults: readonly string[]) {
    super(`${service} cannot start, its environment is not right:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Reads a service's variables from the environment: texts become the schema's numbers and booleans, defaults are filled in. */
export const parseConfig = <Schema extends TObject>(service: string, schema: Schema, env: Readonly<Record<string, string | undefined>>): Static<Schema> => {
  const given = Object.fromEntries(Object.keys(schema.properties).flatMap((name) => (env[name] === undefined || env[name] === '' ? [] : [[name, env[name]]])));
  const value = Value.Default(schema, Value.Convert(schema, given));
  const faults = [...Value.Errors(schema, value)].map((error) => `${error.path.slice(1)}: ${error.message}${error.schema.description ? ` (${error.schema.description})` : ''}`);
  if (faults.length > 0) throw new ConfigError(service, [...new Set(faults)]);
  return value as Static<Schema>;
};
