import { baseName, type Fault, isCode, isTest, jsonOf, type Rule } from './tree';

interface Limit {
  readonly of: string;
  readonly linesMax: number;
  readonly fits: (path: string) => boolean;
}

/** The first that fits counts. A file near its limit is two files. */
const limits: readonly Limit[] = [
  {
    of: "a service's main.ts",
    linesMax: 15,
    fits: (path) => path.startsWith('services/') && baseName(path) === 'main.ts',
  },
  { of: 'a spec', linesMax: 600, fits: isTest },
  {
    of: 'a door (.controller, .consumer, .publisher)',
    linesMax: 150,
    fits: (path) => /\.(controller|consumer|publisher)\.ts$/.test(path),
  },
  {
    of: 'a source file',
    linesMax: 300,
    fits: (path) => isCode(path) || /^tools\/.*\.mjs$/.test(path),
  },
];

/** Written by a program from a list: no one reads it in one go, and it cannot be split. */
const GENERATED = '// Generated from the code by `npm run generate`; not edited by hand.\n';

/** Files stay small enough to be read in one go. */
export const fileSizes: Rule = ({ texts }) =>
  [...texts].flatMap(([file, text]) => {
    if (text.startsWith(GENERATED)) return [];
    const limit = limits.find(
      (candidate) => (isCode(file) || /^tools\/.*\.mjs$/.test(file)) && candidate.fits(file),
    );
    const lines = text.trimEnd().split('\n').length;
    return limit && lines > limit.linesMax
      ? [
          {
            file,
            line: limit.linesMax,
            why: `${lines} lines; ${limit.of} has at most ${limit.linesMax}`,
            todo: 'Split it by what it is about.',
          },
        ]
      : [];
  });

const rootEntriesMax = 28;
const scriptsMax = 12;

/** A newcomer sees the whole root, and every command, at one glance. */
export const rootSize: Rule = (tree) => {
  const faults: Fault[] = [];
  if (tree.rootEntries.length > rootEntriesMax)
    faults.push({
      file: '.',
      line: 1,
      why: `${tree.rootEntries.length} entries in the root; at most ${rootEntriesMax}`,
      todo: 'Move some where they belong.',
    });
  const scripts = Object.keys(jsonOf<{ scripts?: object }>(tree, 'package.json')?.scripts ?? {});
  if (scripts.length > scriptsMax)
    faults.push({
      file: 'package.json',
      line: 1,
      why: `${scripts.length} npm scripts; at most ${scriptsMax}`,
      todo: 'Fold some into one with an option.',
    });
  return faults;
};
