import { printed } from '../tidy';
import { noCircles } from './circle-rules';
import {
  capitalsExist,
  commandsExist,
  errorsListed,
  eventsListed,
  linksResolve,
  pathsExist,
} from './document-rules';
import { emptyNames, fileNames, fileSuffixes, suffixesKept, suitesStayInTests } from './name-rules';
import { declaredDependencies, oneNamePerService, serviceFiles } from './service-rules';
import { fileSizes, rootSize } from './size-rules';
import { type Rule, treeOf } from './tree';
import { forbiddenWords, lineEnds } from './word-rules';

const found = (rule: Rule, files: Record<string, string>): string[] =>
  rule(treeOf(new Map(Object.entries(files)))).map(
    (fault) => `${fault.file}:${fault.line}: ${fault.why}`,
  );
const lines = (count: number): string => 'x;\n'.repeat(count);
const scripts = JSON.stringify({ scripts: { test: '', start: '', lint: '' } });

test('prints a fault as file, line, why and what to do', () => {
  expect(printed({ file: 'a.ts', line: 3, why: 'too long', todo: 'Split it.' })).toBe(
    'a.ts:3: too long. Split it.',
  );
});

describe('sizes', () => {
  test.each([
    ['services/credit/src/line/line.ts', 300],
    ['services/credit/src/line/line.spec.ts', 600],
    ['services/credit/src/line/line.controller.ts', 150],
    ['services/credit/src/main.ts', 15],
    ['tools/test.mjs', 300],
  ])('%s may have %d lines and not one more', (file, linesMax) => {
    expect(found(fileSizes, { [file]: lines(linesMax) })).toEqual([]);
    expect(found(fileSizes, { [file]: lines(linesMax + 1) })).toHaveLength(1);
    const generated = '// Generated from the code by `npm run generate`; not edited by hand.\n';
    expect(found(fileSizes, { [file]: generated + lines(linesMax) })).toEqual([]);
  });

  test('the root has at most 28 entries and 12 scripts', () => {
    const many = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`file-${at}.md`, '']));
    expect(found(rootSize, many(28))).toEqual([]);
    expect(found(rootSize, many(29))).toHaveLength(1);
    expect(
      found(rootSize, {
        'package.json': JSON.stringify({
          scripts: Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`s${at}`, ''])),
        }),
      }),
    ).toHaveLength(1);
  });
});

describe('names', () => {
  test('a suffix comes from the closed list', () => {
    expect(found(fileSuffixes, { 'services/credit/src/line/line.service.ts': '' })).toEqual([
      'services/credit/src/line/line.service.ts:1: .service is not on the closed list of suffixes',
    ]);
    expect(
      found(fileSuffixes, {
        'services/credit/src/line/line.ts': '',
        'services/credit/src/line/line.int.spec.ts': '',
        'libs/host/src/problem.filter.ts': '',
      }),
    ).toEqual([]);
  });

  const decorated = (name: string): string => `@${name}\nexport class Line {}\n`;

  test.each([
    ['services/credit/src/line.controller.ts', decorated("Controller('credit')")],
    ['services/credit/src/line.consumer.ts', `@Controller()\n  ${decorated('Consumes({ from })')}`],
    ['services/credit/src/line.module.ts', decorated('Module({})')],
    ['services/credit/src/line.guard.ts', "throw new DomainError('NO', 'forbidden');\n"],
    ['services/credit/src/line.gateway.ts', "import { createTransport } from 'nodemailer';\n"],
    ['services/credit/src/line.adapter.ts', "import { createServer } from 'node:net';\n"],
    ['services/credit/src/asked.adapter.ts', "import { ask } from './ask.adapter';\n"],
    ['services/credit/src/line.table.ts', 'export const lineTable = table<Line>({});\n'],
    ['services/credit/src/line.view.ts', 'export const lineView: View<Line> = {};\n'],
    [
      'services/credit/src/line.publisher.ts',
      "import { message } from '@caretab/contracts';\nmessage(topic, 'LineSet', {});\n",
    ],
    ['libs/bus/test/bus.suite.ts', "test('carries', () => undefined);\n"],
    ['libs/bus/src/bus.spec.ts', "import { busSuite } from '@caretab/bus/test';\nbusSuite();\n"],
    ['libs/host/src/problem.filter.ts', decorated('Catch()')],
  ])('%s keeps what its suffix promises, and would not if it were empty', (file, text) => {
    expect(found(suffixesKept, { [file]: text })).toEqual([]);
    expect(found(suffixesKept, { [file]: 'export const line = 1;\n' })).toHaveLength(1);
  });

  test.each([
    [
      'a socket is no controller',
      'line.controller.ts',
      "import { createServer } from 'node:net';\n",
    ],
    ['a route is no consumer', 'line.consumer.ts', "@Controller('credit')\n@Consumes({ from })\n"],
    [
      'a topic is no controller',
      'line.controller.ts',
      "@Controller('credit')\n@Consumes({ from })\n",
    ],
    ['a service of ours is no third party', 'line.gateway.ts', 'fetch(url, ServiceTokens);\n'],
    ['a route is no adapter', 'line.adapter.ts', "fetch(url);\n@Controller('credit')\n"],
    ['a route has its suffix', 'line.ts', "@Controller('credit')\n"],
    ['a module has its suffix', 'line.ts', '@Module({})\n'],
    ['a suite stands in test/', 'line.suite.ts', "test('x', () => undefined);\n"],
  ])('%s', (_title, file, text) => {
    expect(found(suffixesKept, { [`services/credit/src/${file}`]: text })).toHaveLength(1);
  });

  test('a file is written in lower case with hyphens', () => {
    expect(found(fileNames, { 'libs/security/src/idNumber.ts': '' })).toHaveLength(1);
    expect(found(fileNames, { 'libs/security/src/id-number.spec.ts': '' })).toEqual([]);
  });

  test('a word that says nothing is no name', () => {
    const text = [
      'class LineManager {}',
      'interface ILine {}',
      'type BaseLine = 1;',
      'class LineImpl {}',
      'class Identity {}',
      'class ImplicitLine {}',
    ].join('\n');
    expect(found(emptyNames, { 'services/credit/src/line.ts': text })).toHaveLength(4);
    expect(found(emptyNames, { 'libs/kernel/src/money-utils.ts': '' })).toHaveLength(1);
  });

  test('shipping code leans on no suite', () => {
    const text = "import { busSuite } from './bus.suite';\n";
    expect(found(suitesStayInTests, { 'libs/bus/src/index.ts': text })).toHaveLength(1);
    expect(found(suitesStayInTests, { 'libs/bus/src/bus.int.spec.ts': text })).toEqual([]);
  });
});

describe('services', () => {
  const manifest = (name: string, tags: string[], dependencies: object = {}): string =>
    JSON.stringify({ name, nx: { tags }, dependencies });
  const credit = {
    'services/credit/package.json': manifest('@caretab/credit', [
      'layer:service',
      'service:credit',
    ]),
    'services/credit/src/index.ts':
      "export const credit: ServiceDefinition = { name: 'credit' };\n",
  };

  test('every service has its canvas, its requests and its wiring', () => {
    const missing = found(serviceFiles, credit);
    expect(missing).toHaveLength(5);
    expect(missing[0]).toContain('services/credit/README.md');
  });

  test('one name stands in folder, package, tag, definition, routes and groups', () => {
    expect(found(oneNamePerService, credit)).toEqual([]);
    expect(
      found(oneNamePerService, {
        ...credit,
        'services/credit/package.json': manifest('@caretab/loans', ['layer:service']),
      }),
    ).toHaveLength(2);
    expect(
      found(oneNamePerService, {
        ...credit,
        'services/credit/src/index.ts': "export const credit = { name: 'loans' };\n",
      }),
    ).toHaveLength(1);
    expect(
      found(oneNamePerService, {
        ...credit,
        'contracts/src/http/credit.ts': "route({ method: 'GET', path: '/lines' })\n",
      }),
    ).toHaveLength(1);
    expect(
      found(oneNamePerService, {
        ...credit,
        'services/credit/src/line.consumer.ts': "@Consumes({ from: x, group: 'loans.line' })\n",
      }),
    ).toHaveLength(1);
  });

  test('what is imported is listed, once per package', () => {
    const files = {
      ...credit,
      'services/credit/src/a.ts':
        "import { Type } from '@sinclair/typebox';\nimport { x } from './b';\nimport { y } from 'node:fs';\n",
      'services/credit/src/b.ts': "import { Type } from '@sinclair/typebox';\n",
    };
    expect(found(declaredDependencies, files)).toEqual([
      'services/credit/src/a.ts:1: @sinclair/typebox is not listed in services/credit/package.json',
    ]);
    expect(
      found(declaredDependencies, {
        ...files,
        'services/credit/package.json': manifest('@caretab/credit', [], {
          '@sinclair/typebox': '*',
        }),
      }),
    ).toEqual([]);
  });
});

describe('circles', () => {
  const paths = { '@caretab/one': ['libs/one/src/index.ts'] };
  const base = { 'tsconfig.base.json': JSON.stringify({ compilerOptions: { paths } }) };

  test('two files do not import each other, types and tests included', () => {
    const a = { 'libs/one/src/a.ts': "import { b } from './b';\n" };
    expect(
      found(noCircles, { ...a, 'libs/one/src/b.ts': "\nimport type { A } from './a';\n" }),
    ).toEqual([
      'libs/one/src/a.ts:1: the circle libs/one/src/a.ts → libs/one/src/b.ts → libs/one/src/a.ts',
    ]);
    expect(found(noCircles, { ...a, 'libs/one/src/b.ts': "import { c } from './c';\n" })).toEqual(
      [],
    );
    expect(
      found(noCircles, {
        'libs/one/src/x.spec.ts': "export * from '../test/y';\n",
        'libs/one/test/y.ts': "type X = import('../src/x.spec').X;\n",
      }),
    ).toHaveLength(1);
  });

  test('nor through others, through an index, or through the name of a workspace', () => {
    expect(
      found(noCircles, {
        ...base,
        'libs/one/src/index.ts': "export {\n  a,\n} from './a';\n",
        'libs/one/src/a.ts': "import { c } from '../../two/src/c';\n",
        'libs/two/src/c.ts': "import { a } from '@caretab/one';\n",
      }),
    ).toHaveLength(1);
  });
});

describe('documents', () => {
  test('a link leads somewhere, its anchor too', () => {
    const files = {
      'README.md': '[a](docs/a.md) [b](docs/a.md#the-way) [c](https://example.org/x)\n',
      'docs/a.md': '# The way\n[back](../README.md)\n',
    };
    expect(found(linksResolve, files)).toEqual([]);
    expect(
      found(linksResolve, { ...files, 'docs/b.md': '[gone](c.md)\n[no heading](a.md#other)\n' }),
    ).toEqual([
      'docs/b.md:1: the link c.md leads nowhere',
      'docs/b.md:2: docs/a.md has no heading #other',
    ]);
  });

  test('a path in a document is there, or made by a run', () => {
    const files = {
      'libs/kernel/src/money.ts': '',
      'README.md':
        '`libs/kernel/src/money.ts` `libs/kernel` `libs/kernel/dist/x.js` `libs/<name>/src` `and/or`\n',
    };
    expect(found(pathsExist, files)).toEqual([]);
    expect(
      found(pathsExist, { ...files, 'docs/x.md': 'see\n`libs/kernel/src/gold.ts`\n' }),
    ).toEqual(['docs/x.md:2: `libs/kernel/src/gold.ts` does not exist']);
    expect(
      found(pathsExist, { ...files, 'docs/adr/0001-gold.md': '`libs/kernel/src/gold.ts`\n' }),
    ).toEqual([]);
  });

  test('a command in a document is there, in a fenced block as well', () => {
    expect(
      found(commandsExist, {
        'package.json': scripts,
        'README.md': '`npm run lint`\n```\nnpm test\nnpm start -- --fresh\nnpm ci\n```\n',
      }),
    ).toEqual([]);
    expect(
      found(commandsExist, { 'package.json': scripts, 'README.md': '```\nnpm run polish\n```\n' }),
    ).toEqual(['README.md:2: package.json has no script polish']);
  });

  test('a variable or code in a document is known to the code', () => {
    const code = { 'services/credit/src/config.ts': 'CREDIT_LINE_FEN' };
    expect(found(capitalsExist, { ...code, 'README.md': '`CREDIT_LINE_FEN=5`\n' })).toEqual([]);
    expect(found(capitalsExist, { ...code, 'README.md': '\n`CREDIT_LIMIT_FEN`\n' })).toEqual([
      'README.md:2: nothing in the code knows CREDIT_LIMIT_FEN',
    ]);
  });

  test('error codes are in the code and in the document, both ways', () => {
    const code = {
      'libs/kernel/src/money.ts': "throw new DomainError('NOT_A_DECIMAL', 'invalid');\n",
    };
    expect(
      found(errorsListed, { ...code, 'docs/errors.md': '| `NOT_A_DECIMAL` | invalid |\n' }),
    ).toEqual([]);
    expect(
      found(errorsListed, { ...code, 'docs/errors.md': '| `NOT_GOLD` | invalid |\n' }),
    ).toEqual([
      'libs/kernel/src/money.ts:1: NOT_A_DECIMAL is not in docs/errors.md',
      'docs/errors.md:1: no code says NOT_GOLD',
    ]);
  });

  test('every event is in the document', () => {
    const rule = eventsListed([{ topic: 'credit.accounts', event: 'ServiceOpened' }]);
    expect(found(rule, { 'docs/events.md': '| `ServiceOpened` | `credit` |\n' })).toEqual([]);
    expect(found(rule, { 'docs/events.md': '| `ServiceClosed` | `credit` |\n' })).toHaveLength(1);
  });
});

describe('words', () => {
  test.each([
    ['libs/a/src/a.ts', `// TO${'DO'}: later\n`],
    ['docs/a.md', `see /ho${'me'}/ann/notes\n`],
    ['docs/a.md', `see ../sha${'red'}/design\n`],
    ['docs/a.md', `asked for in iss${'ue'} 12\n`],
    ['package-lock.json', `"resolved": "ht${'tps'}://packages.example.org/a.tgz"\n`],
    ['README.md', `npm i --registry https://reg${'istry'}.example.org/npm/\n`],
    ['libs/a/src/a.ts', `${'<'.repeat(7)} HEAD\n`],
    ['libs/a/src/a.spec.ts', `test.on${'ly'}('x', () => undefined);\n`],
  ])('%s may not say what it says', (file, text) => {
    expect(found(forbiddenWords, { [file]: text })).toHaveLength(1);
  });

  test('plain words pass', () => {
    expect(
      found(forbiddenWords, {
        'docs/a.md':
          'The issue is that a path such as `/credit/persons` works; tests run `only` ' +
          'once, and https://example.org/home/ann is an address.\n',
      }),
    ).toEqual([]);
  });

  test('a text file ends with a line end, and its lines with \\n', () => {
    expect(found(lineEnds, { 'a.md': 'x\n', 'samples/a.json': 'x' })).toEqual([]);
    expect(found(lineEnds, { 'a.md': 'x' })).toHaveLength(1);
    expect(found(lineEnds, { 'a.md': 'x\r\n' })).toHaveLength(1);
  });
});
