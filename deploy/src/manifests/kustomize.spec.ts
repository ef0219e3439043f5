import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { kustomize } from './kustomize';
import { strategicMerge } from './strategic-merge';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'caretab-kustomize-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

test('a feature that is not understood is refused, not overlooked', () => {
  write('kustomization.yaml', 'namePrefix: test-\n');
  expect(() => kustomize(folder)).toThrow(/namePrefix is not understood/);
});

test('a patch that finds nothing is refused', () => {
  write('patch.yaml', 'apiVersion: v1\nkind: Service\nmetadata: { name: credti }\n');
  write('kustomization.yaml', 'patches: [{ path: patch.yaml }]\n');
  expect(() => kustomize(folder)).toThrow(/Service credti finds nothing/);
});

test('a key that stands twice in a file is refused', () => {
  write('kustomization.yaml', 'namespace: one\nnamespace: two\n');
  expect(() => kustomize(folder)).toThrow(/unique/);
});

test('a strategic merge names elements, deletes by null, replaces other lists, and knows no directives', () => {
  const old = {
    containers: [{ name: 'a', env: [{ name: 'X', value: '1' }], args: ['x', 'y'] }],
    gone: 1,
  };
  expect(
    strategicMerge(old, {
      gone: null,
      containers: [{ name: 'b' }, { name: 'a', env: [{ name: 'Y', value: '2' }], args: ['z'] }],
    }),
  ).toEqual({
    containers: [
      { name: 'b' },
      {
        name: 'a',
        env: [
          { name: 'Y', value: '2' },
          { name: 'X', value: '1' },
        ],
        args: ['z'],
      },
    ],
  });
  expect(() => strategicMerge(old, { containers: [{ name: 'a', $patch: 'delete' }] })).toThrow(
    /\$patch/,
  );
});
