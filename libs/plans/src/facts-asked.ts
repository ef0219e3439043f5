import type { Conditions, When } from './file-parts';
import type { CoordinationFile } from './coordination-file';
import type { PlanFile } from './plan-file';
import { pointer } from './strict-json';

/** Where a document looks at a fact, and what it compares it with: of a table by the fact nothing. */
export interface FactAsked {
  readonly fact: string;
  readonly path: string;
  readonly matcher?: Conditions[string];
}

const inWhen = (when: When | undefined, path: string): FactAsked[] => {
  if (when === undefined) return [];
  const all = Array.isArray(when) ? (when as Conditions[]) : [when];
  return all.flatMap((conditions, index) => {
    const at = Array.isArray(when) ? pointer(path, index) : path;
    return Object.entries(conditions).map(([fact, matcher]) => ({
      ...{ fact, matcher },
      path: pointer(at, fact),
    }));
  });
};

/** Tables name what they are by, wherever they stand. */
const inTables = (value: unknown, path: string): FactAsked[] => {
  if (typeof value !== 'object' || value === null) return [];
  const { by, rows } = value as { readonly by?: unknown; readonly rows?: unknown };
  if (Array.isArray(by) && rows !== undefined)
    return by.map((fact: string, index) => ({ fact, path: pointer(`${path}/by`, index) }));
  return Object.entries(value).flatMap(([key, member]) => inTables(member, pointer(path, key)));
};

/**
 * What a plan or a coordination file looks at, beyond its own words and counters. The standard rules
 * for lines are not its own.
 */
export const factsAsked = (file: PlanFile | CoordinationFile): readonly FactAsked[] => {
  if ('order' in file)
    return file.order.flatMap(({ when }, index) => inWhen(when, `/order/${index}/when`));
  const own = new Set([
    ...Object.keys(file.words ?? {}),
    ...Object.keys(file.counters ?? {}),
    'none',
  ]);
  const lines = Array.isArray(file.lines) ? file.lines : [];
  const by = (['limitBy', 'firstSelfPayBy'] as const).flatMap((name) =>
    file[name] === undefined ? [] : [{ fact: file[name], path: `/${name}` }],
  );
  return [
    ...inWhen(file.when, '/when'),
    ...Object.entries(file.words ?? {}).flatMap(([word, { cases }]) =>
      cases.flatMap(({ when }, index) => inWhen(when, `/words/${word}/cases/${index}/when`)),
    ),
    ...Object.entries(file.counters ?? {}).flatMap(([name, { when }]) =>
      inWhen(when, `/counters/${name}/when`),
    ),
    ...lines.flatMap(({ when }, index) => inWhen(when, `/lines/${index}/when`)),
    ...file.layers.flatMap(({ when, lines: of }, index) => [
      ...inWhen(when, `/layers/${index}/when`),
      ...inWhen(of, `/layers/${index}/lines`),
    ]),
    ...by,
    ...inTables({ tables: file.tables, lines, layers: file.layers }, ''),
  ].filter(({ fact }) => !own.has(fact));
};
