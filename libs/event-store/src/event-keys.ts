import { readFileSync } from 'node:fs';
import { type EventKeys, KEY_BYTES } from './signature';

const ID = /^[A-Za-z0-9._-]{1,40}$/;
const POSITION = /^\d{1,19}$/;

/** The keys cannot be read; the message says which member is wrong, and no key. */
export class EventKeysRefused extends Error {
  constructor(why: string) {
    super(`The keys of the ledger's events: ${why}`);
    this.name = 'EventKeysRefused';
  }
}

const refuse = (why: string): never => {
  throw new EventKeysRefused(why);
};

/**
 * Reads `{"current": "2026-11", "keys": {"2026-11": "<32 bytes in base64>"}, "signedAfter": "0"}`
 * and, where they are given, `"proven": ["2026-11"]` and `"disowned": ["2026-12"]`.
 * `given` is this text, or the path of a file that holds it. Throws EventKeysRefused.
 */
export const readEventKeys = (given: string): EventKeys => {
  const value = jsonOf(given.trimStart().startsWith('{') ? given : contentOf(given));
  const {
    current,
    keys,
    signedAfter,
    proven = [],
    disowned = [],
  } = value as Record<string, unknown>;
  if (typeof current !== 'string') return refuse('current is missing');
  if (typeof keys !== 'object' || keys === null) return refuse('keys is missing');
  const byId = new Map(
    Object.entries(keys).map(([id, text]): [string, Buffer] => {
      if (!ID.test(id)) refuse('the id of a key is 1 to 40 letters, digits, dots, _ and -');
      const key = Buffer.from(String(text), 'base64');
      if (key.length !== KEY_BYTES) refuse(`keys.${id} is not 32 bytes in base64`);
      return [id, key];
    }),
  );
  if (!byId.has(current)) return refuse(`keys has no "${current}", which is current`);
  if (!isListOf(proven, (id) => byId.has(id)))
    return refuse('proven is not a list of ids that stand in keys');
  if (!isListOf(disowned, (id) => !byId.has(id)))
    return refuse('disowned is not a list of ids that do not stand in keys');
  if (signedAfter === undefined) return { current, keys: byId, proven, disowned };
  if (typeof signedAfter !== 'string' || !POSITION.test(signedAfter))
    return refuse('signedAfter is not a position, a text of digits');
  return { current, keys: byId, proven, disowned, signedAfter: BigInt(signedAfter) };
};

const isListOf = (value: unknown, isOne: (text: string) => boolean): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string' && isOne(each));

const contentOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(`the file cannot be read (${(error as { code?: string }).code ?? 'unknown'})`);
  }
};

const jsonOf = (text: string): object => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below, without the text: it holds the keys.
  }
  return refuse('this is not a JSON object');
};
