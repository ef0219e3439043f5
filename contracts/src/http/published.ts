import type { TSchema } from '@sinclair/typebox';

const ANY_NAME = '^(.*)$';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `anyOf` of constants of one type → `enum`, which every generator of clients understands. */
const withEnum = (schema: Record<string, unknown>): Record<string, unknown> => {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || anyOf.length === 0) return schema;
  const variants = anyOf as readonly Record<string, unknown>[];
  const type = variants[0]!['type'];
  return variants.every((variant) => 'const' in variant && variant['type'] === type)
    ? { ...rest, type, enum: variants.map((variant) => variant['const']) }
    : schema;
};

/** Without `additionalProperties: false` at any depth; nothing else changes. */
export const opened = (node: unknown, isMap = false): unknown => {
  if (Array.isArray(node)) return node.map((inner) => opened(inner));
  if (!isObject(node)) return node;
  return Object.fromEntries(
    Object.entries(node)
      // A field may be called `additionalProperties` too.
      .filter(([name, value]) => isMap || name !== 'additionalProperties' || value !== false)
      .map(([name, value]) => [name, opened(value, !isMap && name === 'properties')]),
  );
};

const readable = (node: unknown, isMap = false): unknown => {
  if (Array.isArray(node)) return node.map((inner) => readable(inner));
  if (!isObject(node)) return node;
  const changed = Object.fromEntries(
    Object.entries(node).map(([name, value]) => [
      name,
      readable(value, !isMap && name === 'properties'),
    ]),
  );
  if (isMap) return changed;
  const { patternProperties, ...rest } = changed as Record<string, unknown>;
  return withEnum(
    isObject(patternProperties) && ANY_NAME in patternProperties
      ? { ...rest, additionalProperties: patternProperties[ANY_NAME] }
      : changed,
  );
};

/**
 * A schema as readers see it: open, because a reader who validates must not be stopped by a further
 * optional field. Our own check stays with the closed schema.
 */
export const published = (schema: TSchema): Readonly<Record<string, unknown>> =>
  readable(opened(JSON.parse(JSON.stringify(schema)))) as Readonly<Record<string, unknown>>;
