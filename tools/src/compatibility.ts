import { isAccepted, type JsonSchema, schemaFolder } from './json-schemas';

/**
 * What would break between two versions of an event's schema, each as a sentence with the path of
 * the field; empty when every message that was valid stays valid, and every field a consumer may
 * count on is still there. Nothing here reads files: both schemas are given.
 */
export const breaks = (before: JsonSchema, after: JsonSchema, path = ''): readonly string[] => {
  if (variantsOf(before) || variantsOf(after)) return variantBreaks(before, after, path);
  return [
    ...typeBreaks(before, after, path),
    ...limitBreaks(before, after, path),
    ...objectBreaks(before, after, path),
    ...itemBreaks(before, after, path),
  ];
};

/**
 * What would break between two whole sets of schemas, path → schema. A new event (a `.v2`, too) is
 * always welcome.
 */
export const setBreaks = (
  before: ReadonlyMap<string, JsonSchema>,
  after: ReadonlyMap<string, JsonSchema>,
): readonly string[] =>
  [...before].flatMap(([file, old]) => {
    const current = after.get(file);
    if (!current)
      return [
        `${file}: the event is gone. Keep it and publish the new shape as a further event (<Event>.v2).`,
      ];
    const found = isAccepted(file.replace(`${schemaFolder}/`, ''))
      ? breaks(old, current).filter((what) => !what.endsWith(LOOSENED))
      : [...breaks(old, current), ...widenings(old, current)];
    return found.map(
      (what) =>
        `${file}: ${what}. Publish the new shape as a further event (${String(old['title'] ?? '<Event>')}.v2) ` +
        'and keep this one.',
    );
  });

export const LOOSENED = 'is optional now, consumers count on it';

/** Values that a reader of what we publish has never seen: a wider enum breaks who validates. */
export const widenings = (before: JsonSchema, after: JsonSchema, path = ''): readonly string[] => {
  const old = variantsOf(before) ?? ('const' in before ? [before] : undefined);
  const current = variantsOf(after) ?? [after];
  const added = old
    ? current.filter(
        (variant) =>
          variant['type'] !== 'object' &&
          !old.some((known) => breaks(variant, known, path).length === 0),
      )
    : [];
  const [was, is] = [propertiesOf(before), propertiesOf(after)];
  const items = [before['items'], after['items']] as (JsonSchema | undefined)[];
  return [
    ...added.map(
      (variant) => `${at(path)} may be ${describe(variant)} now, readers do not know it`,
    ),
    ...Object.keys(was)
      .filter((field) => field in is)
      .flatMap((field) => widenings(was[field]!, is[field]!, `${path}/${field}`)),
    ...(items[0] && items[1] ? widenings(items[0], items[1], `${path}[]`) : []),
  ];
};

const at = (path: string): string => path || 'the data';

const propertiesOf = (schema: JsonSchema): Readonly<Record<string, JsonSchema>> =>
  (schema['properties'] ?? {}) as Record<string, JsonSchema>;
const requiredOf = (schema: JsonSchema): readonly string[] =>
  (schema['required'] ?? []) as string[];
const variantsOf = (schema: JsonSchema): readonly JsonSchema[] | undefined => {
  if (Array.isArray(schema['enum']))
    return schema['enum'].map((value) => ({ const: value as unknown }));
  return (schema['anyOf'] ?? schema['oneOf']) as readonly JsonSchema[] | undefined;
};

/** Each old alternative must fit into one of the new ones. */
const variantBreaks = (before: JsonSchema, after: JsonSchema, path: string): readonly string[] => {
  const old = variantsOf(before) ?? [before];
  const current = variantsOf(after) ?? [after];
  return old
    .filter(
      (variant) => !current.some((candidate) => breaks(variant, candidate, path).length === 0),
    )
    .map((variant) => `${at(path)} no longer allows ${describe(variant)}`);
};

const describe = (schema: JsonSchema): string =>
  JSON.stringify(schema['const'] ?? schema['type'] ?? schema);

const typeBreaks = (before: JsonSchema, after: JsonSchema, path: string): readonly string[] => {
  if ('const' in after && JSON.stringify(before['const']) !== JSON.stringify(after['const']))
    return [`${at(path)} may only be ${describe(after)} now`];
  if ('const' in before && !('const' in after))
    return constWidened(before, after)
      ? []
      : [`${at(path)} changed its type to ${describe(after)}`];
  const widened = before['type'] === 'integer' && after['type'] === 'number';
  return before['type'] === after['type'] || after['type'] === undefined || widened
    ? []
    : [`${at(path)} changed its type from ${describe(before)} to ${describe(after)}`];
};

const constWidened = (before: JsonSchema, after: JsonSchema): boolean => {
  const kind = before['const'] === null ? 'null' : typeof before['const'];
  // Limits and patterns of the wider type are not tried on the old value; they count as narrowing.
  return (
    (after['type'] === kind || after['type'] === undefined) &&
    ![...lower, ...upper, 'pattern', 'format'].some((keyword) => keyword in after)
  );
};

const lower = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const upper = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const exact = ['pattern', 'format', 'multipleOf', 'uniqueItems'];

/**
 * A limit that was drawn tighter, or drawn where there was none. A changed pattern counts, because
 * its width cannot be compared.
 */
const limitBreaks = (before: JsonSchema, after: JsonSchema, path: string): readonly string[] => {
  const limit = (schema: JsonSchema, keyword: string, none: number): number =>
    (schema[keyword] as number | undefined) ?? none;
  const raised = lower
    .filter((keyword) => limit(after, keyword, -Infinity) > limit(before, keyword, -Infinity))
    .map((keyword) => `${at(path)} has a higher ${keyword}`);
  const lowered = upper
    .filter((keyword) => limit(after, keyword, Infinity) < limit(before, keyword, Infinity))
    .map((keyword) => `${at(path)} has a lower ${keyword}`);
  const changed = exact
    .filter((keyword) => keyword in after && after[keyword] !== before[keyword])
    .map((keyword) => `${at(path)} has another ${keyword}`);
  return [...raised, ...lowered, ...changed];
};

const objectBreaks = (before: JsonSchema, after: JsonSchema, path: string): readonly string[] => {
  const [old, current] = [propertiesOf(before), propertiesOf(after)];
  const [wasRequired, isRequired] = [requiredOf(before), requiredOf(after)];
  const name = (field: string): string => `${path}/${field}`;
  const gone = Object.keys(old)
    .filter((field) => !(field in current))
    .map((field) => `${name(field)} is gone`);
  const demanded = isRequired
    .filter((field) => !wasRequired.includes(field))
    .map(
      (field) =>
        `${name(field)} is required now, messages that are already on the topic do not have it`,
    );
  const loosened = wasRequired
    .filter((field) => field in current && !isRequired.includes(field))
    .map((field) => `${name(field)} ${LOOSENED}`);
  const closed =
    after['additionalProperties'] === false &&
    before['additionalProperties'] !== false &&
    before['type'] === 'object'
      ? [`${at(path)} no longer allows further fields`]
      : [];
  const deeper = Object.keys(old)
    .filter((field) => field in current)
    .flatMap((field) => breaks(old[field]!, current[field]!, name(field)));
  return [...gone, ...demanded, ...loosened, ...closed, ...deeper];
};

const itemBreaks = (before: JsonSchema, after: JsonSchema, path: string): readonly string[] => {
  const [old, current] = [
    before['items'] as JsonSchema | undefined,
    after['items'] as JsonSchema | undefined,
  ];
  if (!current) return [];
  return old ? breaks(old, current, `${path}[]`) : [`${at(path)} limits its items now`];
};
