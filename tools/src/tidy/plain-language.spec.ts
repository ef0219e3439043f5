import { plainComments, plainDocuments, shortSentences } from './plain-language';
import { type Rule, treeOf } from './tree';

const found = (rule: Rule, files: Record<string, string>): readonly string[] =>
  rule(treeOf(new Map(Object.entries(files)))).map(
    ({ file, line, why }) => `${file}:${line}: ${why}`,
  );

describe('plain language', () => {
  const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ');

  test('a sentence of a document has at most 25 words', () => {
    expect(found(shortSentences, { 'docs/a.md': `${words(25)}. ${words(25)}.\n` })).toEqual([]);
    expect(found(shortSentences, { 'docs/a.md': `# Title\n\n${words(26)}.\n` })).toEqual([
      'docs/a.md:3: a sentence of 26 words; at most 25',
    ]);
  });

  test('code, fences, table cells and list items are not joined into one sentence', () => {
    const text = [
      `\`\`\`\n${words(40)}\n\`\`\``,
      `| ${words(20)} | ${words(20)} |`,
      `- ${words(20)}\n- ${words(20)}`,
      `\`${words(30)}\` is a command`,
    ].join('\n\n');
    expect(found(shortSentences, { 'docs/a.md': `${text}\n` })).toEqual([]);
  });

  test('a word of our own is found in documents and comments, and not in code or test titles', () => {
    expect(found(plainDocuments, { 'docs/errors.json': '{"A": "Mend it."}\n' })).toEqual([
      'docs/errors.json:1: "Mend" is a word of our own',
    ]);
    expect(found(plainDocuments, { 'docs/a.md': 'One\n\nThe caller is told.\n' })).toEqual([
      'docs/a.md:3: "told" is a word of our own',
    ]);
    expect(
      found(plainComments, {
        'libs/a/src/a.ts': '// Nobody reads it.\n/** Folds\n * it anew. */\nconst told = 1;\n',
      }),
    ).toEqual([
      'libs/a/src/a.ts:1: "Nobody" is a word of our own',
      'libs/a/src/a.ts:3: "anew" is a word of our own',
    ]);
    expect(
      found(plainComments, { 'libs/a/src/a.spec.ts': "test('nobody is told twice', () => {});\n" }),
    ).toEqual([]);
  });
});
