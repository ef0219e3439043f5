import { bannedSynonyms, glossaryOf } from './glossary-rules';
import { treeOf } from './tree';

const glossary = `# Glossary

| term | Chinese | in code | means | not used |
| --- | --- | --- | --- | --- |
| cancelled visit | 退号 | \`cancel\` | did not take place | withdraw, withdrawn |
| claim line | 明细 | \`claimLine\` | a charge of a claim | visit line |
| hold | 额度占用 | \`hold\` | set aside | 冻结 |
| deferred | 记账 | \`deferred\` | on the tab | |

## Names that stay

| name | why it stays |
| --- | --- |
| \`VisitWithdrawn\` | event of hospitals |
| \`withdrawnAt\` | field of that event |
`;

const found = (files: Record<string, string>): string[] =>
  bannedSynonyms(treeOf(new Map(Object.entries({ 'docs/glossary.md': glossary, ...files })))).map(
    ({ file, line, why }) => `${file}:${line}: ${why}`,
  );

test('reads the synonyms that are not used, and the names that stay', () => {
  const { notUsed, namesThatStay } = glossaryOf(glossary);
  expect([...notUsed]).toEqual([
    ['withdraw', 'cancelled visit'],
    ['withdrawn', 'cancelled visit'],
    ['visit line', 'claim line'],
    ['冻结', 'hold'],
  ]);
  expect(namesThatStay).toEqual(['VisitWithdrawn', 'withdrawnAt']);
});

test.each([
  ['a type', 'libs/a/src/a.ts', 'type VisitLine = 1;'],
  ['a variable', 'libs/a/src/a.ts', 'const visitLines = [];'],
  ['a constant', 'libs/a/src/a.ts', 'const VISIT_LINE_MAX = 1;'],
  ['a command', 'libs/a/src/a.ts', "type Command = 'WithdrawVisit';"],
  ['a comment', 'libs/a/src/a.ts', '// The hospital withdraws it.'],
  ['a document', 'docs/a.md', 'A visit can be withdrawn.'],
  ['a document in Chinese', 'docs/a.zh.md', '服务会被冻结。'],
  ['a request', 'services/a/requests.http', '### Withdraw a visit'],
])('%s does not use a banned synonym', (_, file, text) => {
  expect(found({ [file]: `\n${text}\n` })).toEqual([expect.stringContaining(`${file}:2: "`)]);
});

test('names that are stored or on the wire stay, and so do history and other words', () => {
  expect(
    found({
      'libs/a/src/a.ts': "const event = { type: 'VisitWithdrawn', withdrawnAt: at };\n",
      'libs/a/src/b.ts': 'const claimLine = drawn(line, visit);\n',
      'CHANGELOG.md': 'A visit can be withdrawn.\n',
      'docs/adr/0001-x.md': 'A visit can be withdrawn.\n',
      'services/a/src/migrations/a-1.ts': 'create table visit_line\n',
    }),
  ).toEqual([]);
});
