import { posix } from 'node:path';
import { isCode, matches, type Rule, type Tree } from './tree';

/** An import of one file by another; `line` is where it stands. */
export interface Import {
  readonly from: string;
  readonly to: string;
  readonly line: number;
}

const isScript = (path: string): boolean => /^tools\/.*\.mjs$/.test(path);
const importing =
  /^(?:import|export)\s(?:[^'";]*?\sfrom\s+)?'([^']+)'|\b(?:import|require)\(\s*'([^']+)'\s*\)/gm;

/** `@caretab/<folder>` and `@caretab/<folder>/test` → the index, as tsconfig.base.json says. */
const aliasesOf = (tree: Tree): ReadonlyMap<string, string> => {
  const { compilerOptions } = JSON.parse(tree.texts.get('tsconfig.base.json') ?? '{}') as {
    compilerOptions?: { paths?: Readonly<Record<string, readonly string[]>> };
  };
  return new Map(
    Object.entries(compilerOptions?.paths ?? {}).map(([name, [target]]) => [
      name,
      posix.normalize(target!),
    ]),
  );
};

/** Every import of a file of ours by another, of types too; static or not. */
export const importsOf = (tree: Tree): readonly Import[] => {
  const aliases = aliasesOf(tree);
  const target = (from: string, specifier: string): string | undefined => {
    if (!specifier.startsWith('.')) return aliases.get(specifier);
    const path = posix.join(posix.dirname(from), specifier);
    return [path, `${path}.ts`, `${path}/index.ts`].find((candidate) => tree.texts.has(candidate));
  };
  return [...tree.texts]
    .filter(([file]) => isCode(file) || isScript(file))
    .flatMap(([from, text]) =>
      matches(text, importing).flatMap(({ line, match }) => {
        const to = target(from, (match[1] ?? match[2])!);
        return to === undefined ? [] : [{ from, to, line }];
      }),
    );
};

/** The shortest way from `start` back to itself; undefined when there is none. */
const circleAt = (
  start: string,
  next: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined => {
  const before = new Map<string, string>();
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const to of next.get(at) ?? []) {
      if (to === start) {
        const way = [start];
        for (let step = at; step !== start; step = before.get(step)!) way.unshift(step);
        return [start, ...way];
      }
      if (before.has(to)) continue;
      before.set(to, at);
      queue.push(to);
    }
  }
  return undefined;
};

/** No two files import each other, directly or through others; tests and types count. */
export const noCircles: Rule = (tree) => {
  const imports = importsOf(tree);
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const reported = new Set<string>();
  return [...next.keys()].sort().flatMap((start) => {
    if (reported.has(start)) return [];
    const circle = circleAt(start, next);
    if (!circle) return [];
    for (const file of circle) reported.add(file);
    return [
      {
        file: start,
        line: imports.find(({ from, to }) => from === start && to === circle[1])!.line,
        why: `the circle ${circle.join(' → ')}`,
        todo: 'Move what both need into a file of its own.',
      },
    ];
  });
};
