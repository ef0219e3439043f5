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

const open = (node: unknown, isMap = false): unknown => {
  if (Array.isArray(node)) return node.map((inner) => open(inner));
  if (!isObject(node)) return node;
  const entries = Object.entries(node)
    // In a map of properties a field may have any name, `additionalProperties` included.
    .filter(([name, value]) => isMap || name !== 'additionalProperties' || value !== false)
    .map(([name, value]) => [name, open(value, !isMap && name === 'properties')] as const);
  const opened = Object.fromEntries(entries) as Record<string, unknown>;
  if (isMap) return opened;
  const { patternProperties, ...rest } = opened;
  return withEnum(
    isObject(patternProperties) && ANY_NAME in patternProperties
      ? { ...rest, additionalProperties: patternProperties[ANY_NAME] }
      : opened,
  );
};

/**
 * A schema as readers see it: open, because a reader who validates must not be stopped by a further
 * optional field. Our own check stays with the closed schema.
 */
export const published = (schema: TSchema): Readonly<Record<string, unknown>> =>
  open(JSON.parse(JSON.stringify(schema))) as Readonly<Record<string, unknown>>;
