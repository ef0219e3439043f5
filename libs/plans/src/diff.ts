import type { Plan } from './compile';
import { pointer } from './strict-json';

/** One place where two versions of a plan differ; a side that has nothing there is undefined. */
export interface Difference {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Lists with an id or a case compare by it, so that a row put in between moves no other. */
const keyed = (value: unknown): ReadonlyMap<string, unknown> | undefined => {
  if (Array.isArray(value)) {
    const ids = value.map((each: unknown) => (each as { id?: unknown } | null)?.id);
    return ids.every((id) => typeof id === 'string')
      ? new Map(value.map((each, index) => [ids[index] as string, each]))
      : new Map(value.map((each, index) => [String(index), each]));
  }
  if (typeof value === 'object' && value !== null) return new Map(Object.entries(value));
  return undefined;
};

const textOf = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

const compare = (before: unknown, after: unknown, path: string): Difference[] => {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [left, right] = [keyed(before), keyed(after)];
  if (!left || !right) return [{ path, before: textOf(before), after: textOf(after) }];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) =>
    compare(left.get(key), right.get(key), pointer(path, key)),
  );
};

/** Where the files of two plans differ, place by place. */
export const differencesOf = (before: Plan, after: Plan): readonly Difference[] =>
  compare(before.file, after.file, '');
