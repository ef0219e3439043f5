import { type Fault, isCode, isMarkdown, lineOf, matches, type Rule, type Tree } from './tree';

const glossaryPath = 'docs/glossary.md';

export interface Glossary {
  /** A synonym that is not used → the term that is. Lower case, words apart by one space. */
  readonly notUsed: ReadonlyMap<string, string>;
  /** Stored or on the wire: they may hold a synonym. */
  readonly namesThatStay: readonly string[];
}

const cellsOf = (row: string): readonly string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** Reads the columns `not used` and the table of names that stay. */
export const glossaryOf = (text: string): Glossary => {
  const notUsed = new Map<string, string>();
  const namesThatStay: string[] = [];
  let header: readonly string[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) header = [];
    else if (header.length === 0) header = cellsOf(line);
    else {
      const cells = cellsOf(line);
      const synonyms = cells[header.indexOf('not used')] ?? '';
      for (const synonym of synonyms.split(',').map((word) => word.trim().toLowerCase()))
        if (/\p{L}/u.test(synonym)) notUsed.set(synonym, cells[0]!);
      if (header[0] === 'name') namesThatStay.push(...(cells[0]?.match(/\w+/g) ?? []));
    }
  }
  return { notUsed, namesThatStay };
};

/**
 * The text as words in lower case, one space apart inside a name: `visitLine`, `VISIT_LINE` and
 * `visit-line` all become `visit line`. Line ends stay where they are.
 */
const wordsOf = (text: string, namesThatStay: readonly string[]): string =>
  namesThatStay
    .reduce((rest, name) => rest.replace(new RegExp(`\\b${name}\\b`, 'g'), ''), text)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/[_-]/g, ' ')
    .toLowerCase();

/** History keeps its words, the glossary names what it forbids, released migrations stay. */
const isExempt = (path: string): boolean =>
  path === glossaryPath ||
  path === 'CHANGELOG.md' ||
  path.startsWith('docs/adr/') ||
  path.startsWith('tools/src/tidy/') ||
  path.startsWith('tools/fixtures/') ||
  path.includes('/migrations/');

const isChecked = (path: string): boolean =>
  (isCode(path) || isMarkdown(path) || /\.(mjs|http)$/.test(path)) && !isExempt(path);

const patternOf = (synonym: string): RegExp =>
  /^[ -~]+$/.test(synonym) ? new RegExp(`\\b${synonym}s?\\b`, 'g') : new RegExp(synonym, 'g');

/** One word per concept: no synonym of the glossary's `not used` in names, comments and documents. */
export const bannedSynonyms: Rule = ({ texts }: Tree) => {
  const { notUsed, namesThatStay } = glossaryOf(texts.get(glossaryPath) ?? '');
  const patterns = [...notUsed].map(([synonym, term]) => ({ term, pattern: patternOf(synonym) }));
  return [...texts]
    .filter(([file]) => isChecked(file))
    .flatMap(([file, text]) => {
      const words = wordsOf(text, namesThatStay);
      return patterns.flatMap(({ term, pattern }) =>
        matches(words, pattern).map(({ match }): Fault => ({
          file,
          line: lineOf(words, match.index),
          why: `"${match[0]}" is a synonym that is not used`,
          todo: `Say ${term}, as ${glossaryPath} does.`,
        })),
      );
    });
};
