import { picture, roomsOf, withPicture } from './rooms';
import { treeOf } from './tidy/tree';

const workspaces = ['libs/kernel', 'libs/store', 'services/credit', 'services/payment', 'deploy'];
const paths = {
  '@caretab/kernel': ['libs/kernel/src/index.ts'],
  '@caretab/store': ['libs/store/src/index.ts'],
  '@caretab/credit': ['services/credit/src/index.ts'],
};
const tree = (more: Readonly<Record<string, string>> = {}) =>
  treeOf(
    new Map(
      Object.entries({
        'tsconfig.base.json': JSON.stringify({ compilerOptions: { paths } }),
        'libs/kernel/src/index.ts': '',
        'libs/store/src/index.ts': "import { Clock } from '@caretab/kernel';",
        'services/credit/src/index.ts':
          "import { Store } from '@caretab/store';\nimport { Clock } from '@caretab/kernel';",
        'services/payment/src/index.ts': '',
        'services/payment/src/payment.spec.ts': "import { Clock } from '@caretab/kernel';",
        'deploy/src/main.ts': "await import('@caretab/credit');",
        ...more,
      }),
    ),
  );

test('an arrow goes to each room that shipping code imports, unless it follows from others', () => {
  expect(roomsOf(tree(), workspaces)).toEqual(
    new Map([
      ['deploy', new Set(['services'])],
      ['libs/kernel', new Set()],
      ['libs/store', new Set(['libs/kernel'])],
      ['services', new Set(['libs/store'])],
    ]),
  );
});

test('a further import changes the picture', () => {
  const before = picture(roomsOf(tree(), workspaces));
  const more = { 'libs/kernel/src/a.ts': "import { x } from '@caretab/credit';" };
  expect(before).toContain('  libs_store --> libs_kernel');
  expect(picture(roomsOf(tree(more), workspaces))).not.toBe(before);
});

test('the picture stands between its marks, and nothing else of the document changes', () => {
  const rooms = roomsOf(tree(), workspaces);
  const begin = '<!-- rooms: written by `npm run generate` from the imports -->';
  const document = `# A\n\n${begin}\n\nold\n\n<!-- /rooms -->\n\nmore\n`;
  const once = withPicture(document, rooms);
  expect(once).toContain(`# A\n\n${begin}\n\n\`\`\`mermaid`);
  expect(once).toContain('```\n\n<!-- /rooms -->\n\nmore\n');
  expect(once).not.toContain('old');
  expect(withPicture(once, rooms)).toBe(once);
  expect(() => withPicture('# A', rooms)).toThrow('ARCHITECTURE.md');
});
