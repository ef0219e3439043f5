import { hash } from 'node:crypto';
import { assert } from './errors';

/**
 * An id that is the same whenever the same parts are given: what makes a repetition recognisable.
 * UUID-shaped (version 8).
 */
export const derivedId = (...parts: readonly string[]): string => {
  const hex = hash('sha256', JSON.stringify(parts), 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/**
 * The content of a JSON value as a short hash, keys in order. It distinguishes "same id, same
 * content" from "same id, other content".
 */
export const contentHash = (value: unknown): string =>
  hash('sha256', canonicalJson(value), 'base64url');

const isToJson = (value: object): value is { toJSON(): unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function';

/**
 * JSON with object keys sorted and undefined left out; dates and the like as JSON writes them. Maps
 * and sets have no JSON, and two of them must not look the same.
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    if (isToJson(value)) return canonicalJson(value.toJSON());
    assert(!(value instanceof Map) && !(value instanceof Set), 'what is hashed is JSON');
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
};
