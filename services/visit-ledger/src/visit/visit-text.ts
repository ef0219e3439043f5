import type { KeptVisit } from './kept-visit';
import type { Visit } from './visit-state';

/**
 * Of what facts are folded to, and of how that is written down. Raised with each change of either: a
 * text of another version is not read.
 */
export const DECIDER_VERSION = '6';

type State = Pick<KeptVisit, 'state' | 'causes'>;
type Fields<Value> = Record<string, Value>;

interface Written {
  readonly plain: Fields<unknown>;
  readonly maps: Fields<[string, unknown][]>;
  readonly sets: Fields<string[]>;
  readonly causes: string[];
}

/** Maps and sets are the state's own fields: none is below its first level. */
export const textOf = ({ state, causes }: State): string => {
  const written: Written = { plain: {}, maps: {}, sets: {}, causes: [...causes] };
  for (const [field, value] of Object.entries(state) as [string, unknown][])
    if (value instanceof Map) written.maps[field] = [...(value as Map<string, unknown>)];
    else if (value instanceof Set) written.sets[field] = [...(value as Set<string>)];
    else written.plain[field] = value;
  return JSON.stringify(written);
};

/** What `textOf` wrote in this version. */
export const stateOf = (text: string): State => {
  const { plain, maps, sets, causes } = JSON.parse(text) as Written;
  const state: Fields<unknown> = plain;
  for (const [field, entries] of Object.entries(maps)) state[field] = new Map(entries);
  for (const [field, values] of Object.entries(sets)) state[field] = new Set(values);
  return { state: state as unknown as Visit, causes: new Set(causes) };
};
