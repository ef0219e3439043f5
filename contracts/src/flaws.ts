import { holdsIdNumber } from '@caretab/kernel';
import type { TSchema } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import { FREE_TEXT } from './free-text';
import { isDay, isMoment } from './moments';
import { BusinessDate, Instant } from './schemas';

export type FlawCode =
  'INSTANT_IMPOSSIBLE' | 'CHARACTER_FORBIDDEN' | 'NUMBER_TOO_LARGE' | 'ID_NUMBER_FORBIDDEN';

/**
 * What a value that fits its schema has all the same that no calendar, database or reader could
 * take.
 */
export interface Flaw {
  readonly code: FlawCode;
  /** JSON pointer. */
  readonly path: string;
  readonly why: string;
  readonly remedy?: string;
}

/** Of a text that holds an ID number, whichever door it came through. */
export const ID_NUMBER_WORDS = {
  why: 'the text holds an ID number, which would be kept for good',
  remedy: 'leave the number out; a code or a name of the place is enough',
};

/** What a column of whole numbers holds, where a schema sets no bound of its own. */
const INTEGER_MAX = 2_147_483_647;
const FLAWS_MAX = 5;
const NUL = '\0';

type Look = (value: unknown, path: string, flaws: Flaw[]) => void;

/** Node has it since 20; the types of ES2023 do not know it. */
const isWellFormed = (text: string): boolean =>
  (text as string & { isWellFormed(): boolean }).isWellFormed();

/** Whether every database and reader can take a text: no U+0000, no half of a surrogate pair. */
export const isStorable = (text: string): boolean => !text.includes(NUL) && isWellFormed(text);

const flaw = (flaws: Flaw[], code: Flaw['code'], path: string, why: string): void => {
  if (flaws.length < FLAWS_MAX) flaws.push({ code, path: path || '/', why });
};

const lookAtText: Look = (value, path, flaws) => {
  if (typeof value !== 'string') return;
  if (value.includes(NUL))
    flaw(flaws, 'CHARACTER_FORBIDDEN', path, 'a text holds the character U+0000');
  if (!isWellFormed(value))
    flaw(flaws, 'CHARACTER_FORBIDDEN', path, 'a text holds half of a surrogate pair');
};

const lookAtFreeText: Look = (value, path, flaws) => {
  lookAtText(value, path, flaws);
  if (holdsIdNumber(value as string) && flaws.length < FLAWS_MAX)
    flaws.push({ code: 'ID_NUMBER_FORBIDDEN', path, ...ID_NUMBER_WORDS });
};

const lookAtMoment: Look = (value, path, flaws) => {
  if (!isMoment(value as string))
    flaw(flaws, 'INSTANT_IMPOSSIBLE', path, 'no calendar has such a moment');
};

const lookAtDay: Look = (value, path, flaws) => {
  if (!isDay(value as string))
    flaw(flaws, 'INSTANT_IMPOSSIBLE', path, 'no calendar has such a day');
};

const lookAtNumber: Look = (value, path, flaws) => {
  if (Math.abs(value as number) > INTEGER_MAX)
    flaw(flaws, 'NUMBER_TOO_LARGE', path, `a whole number beyond ±${INTEGER_MAX}`);
};

/**
 * Where a schema says nothing of a value: names and texts at any depth. Not recursive, since a
 * sender decides how deep it is.
 */
const lookAtAnything: Look = (value, path, flaws) => {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === 'string') lookAtText(one, path, flaws);
    else if (typeof one === 'object' && one !== null) {
      for (const [name, inner] of Object.entries(one)) {
        lookAtText(name, path, flaws);
        left.push(inner);
      }
    }
    if (flaws.length > 0) return;
  }
};

const lookOfText = (schema: TSchema): Look => {
  const { pattern } = schema;
  if (FREE_TEXT in schema) return lookAtFreeText;
  if (pattern === Instant.pattern) return lookAtMoment;
  return pattern === BusinessDate.pattern ? lookAtDay : lookAtText;
};

const lookOfObject = (schema: TSchema): Look | undefined => {
  const known = Object.entries((schema['properties'] ?? {}) as Record<string, TSchema>);
  const looks = known.flatMap(([name, inner]) => {
    const look = lookOf(inner);
    return look ? [{ name, look }] : [];
  });
  const names =
    schema['additionalProperties'] === false ? undefined : new Set(known.map(([name]) => name));
  return (value, path, flaws) => {
    for (const { name, look } of looks) {
      const inner = (value as Readonly<Record<string, unknown>>)[name];
      if (inner !== undefined) look(inner, `${path}/${name}`, flaws);
    }
    if (!names) return;
    for (const [name, inner] of Object.entries(value as object))
      if (!names.has(name)) lookAtAnything({ [name]: inner }, path, flaws);
  };
};

const lookOfArray = ({ items }: TSchema): Look | undefined => {
  const look = items ? lookOf(items as TSchema) : lookAtAnything;
  return (
    look &&
    ((value, path, flaws) =>
      (value as readonly unknown[]).forEach((inner, index) =>
        look(inner, `${path}/${index}`, flaws),
      ))
  );
};

/** A value is as good as the best alternative that it fits. */
const lookOfUnion = (variants: readonly TSchema[]): Look | undefined => {
  const looks = variants.map(lookOf);
  if (looks.every((look) => look === undefined)) return undefined;
  const checks: TypeCheck<TSchema>[] = variants.map((variant) => TypeCompiler.Compile(variant));
  return (value, path, flaws) => {
    let found: Flaw[] = [];
    for (const [index, check] of checks.entries()) {
      if (!check.Check(value)) continue;
      found = [];
      looks[index]?.(value, path, found);
      if (found.length === 0) return;
    }
    flaws.push(...found.slice(0, FLAWS_MAX - flaws.length));
  };
};

const lookOf = (schema: TSchema): Look | undefined => {
  if ('const' in schema) return undefined;
  if (schema['anyOf']) return lookOfUnion(schema['anyOf'] as TSchema[]);
  switch (schema['type'] as unknown) {
    case 'string':
      return lookOfText(schema);
    case 'integer':
      return 'maximum' in schema ? undefined : lookAtNumber;
    case 'object':
      return lookOfObject(schema);
    case 'array':
      return lookOfArray(schema);
    case 'number':
    case 'boolean':
    case 'null':
      return undefined;
    default:
      return lookAtAnything;
  }
};

const looks = new WeakMap<TSchema, Look>();

/**
 * What is wrong with a value that fits the schema, at most five places; empty when nothing is. The
 * keywords of JSON Schema cannot say that February has no 30th, nor may the published ones be drawn
 * tighter: that would break consumers.
 */
export const flawsOf = (schema: TSchema, value: unknown): readonly Flaw[] => {
  let look = looks.get(schema);
  if (!look) looks.set(schema, (look = lookOf(schema) ?? (() => undefined)));
  const flaws: Flaw[] = [];
  look(value, '', flaws);
  return flaws;
};
