import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../repository';
import { heldIn, lockIn, ownIn } from '../supply-chain';
import { type Advisory, isAllowed, isBefore, licenceOf, supplyFaults } from './faults';
import { type Lock, packagesIn, resolvedFrom } from './lock';
import { purlOf, sbomOf } from './sbom';

const HASH = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
const lockWith = (entry: object, root: object = { dependencies: { a: '1.2.3' } }): Lock => ({
  packages: {
    '': root,
    'node_modules/a': { version: '1.2.3', license: 'MIT', integrity: HASH, ...entry },
  },
});
const faults = (lock: Lock, advisories: readonly Advisory[] = [], document = '| `a` | used |') =>
  supplyFaults(lock, {
    licences: { allowed: ['MIT', 'Apache-2.0'], readByHand: {} },
    advisories: { lookedAt: '2026-11-30', advisories },
    document,
  });

test('what this repository installs has allowed licences, hashes, exact versions and its reasons', () => {
  expect(supplyFaults(lockIn(repositoryRoot), heldIn(repositoryRoot))).toEqual([]);
});

test('a sound package is none', () => expect(faults(lockWith({}))).toEqual([]));

test.each<[string, Lock, string]>([
  ['a licence that is not on the list', lockWith({ license: 'AGPL-3.0' }), 'AGPL-3.0 is not on'],
  ['no licence', lockWith({ license: undefined }), 'says no licence'],
  ['no hash', lockWith({ integrity: undefined }), 'no SHA-512'],
  ['a weak hash', lockWith({ integrity: 'sha1-abc=' }), 'no SHA-512'],
  ['a range', lockWith({}, { dependencies: { a: '^1.2.3' } }), 'no exact version'],
  [
    'a dependency without a reason',
    lockWith({}, { dependencies: { b: '1.0.0' } }),
    'b: has no line',
  ],
])('%s is found', (_, lock, fault) => {
  expect(faults(lock, [], '| `a` | used |').join('\n')).toContain(fault);
});

test('a reason for what is not used is found', () => {
  expect(faults(lockWith({}, {}))).toEqual([
    'a: has a line in docs/dependencies.md and is not used',
  ]);
});

test.each<[Partial<Advisory>, boolean]>([
  [{}, true],
  [{ fixed: '1.2.4' }, true],
  [{ fixed: '1.2.3' }, false],
  [{ introduced: '1.3.0' }, false],
  [{ package: 'b' }, false],
  [{ notAffected: 'we never call it' }, false],
])('a known weakness counts in its versions alone: %j', (more, isFault) => {
  const advisory = { id: 'GHSA-1', package: 'a', introduced: '0', ...more };
  expect(faults(lockWith({}), [advisory])).toEqual(
    isFault ? ['node_modules/a 1.2.3: is affected by GHSA-1'] : [],
  );
});

test('versions are compared by their numbers', () => {
  expect(isBefore('1.9.0', '1.10.0')).toBe(true);
  expect(isBefore('2.0.0-rc.1', '2.0.0')).toBe(false);
  expect(isBefore('1.2.3', '1.2.3')).toBe(false);
});

test('an expression of licences is read as SPDX says', () => {
  const allowed = new Set(['MIT', 'CC0-1.0', 'Apache-2.0']);
  expect(isAllowed('(MIT OR GPL-3.0)', allowed)).toBe(true);
  expect(isAllowed('Apache-2.0 AND MIT', allowed)).toBe(true);
  expect(isAllowed('Apache-2.0 AND GPL-3.0', allowed)).toBe(false);
  expect(isAllowed('(MIT OR CC0-1.0) AND GPL-3.0', allowed)).toBe(false);
});

test('a dependency is found where Node finds it: nearest first', () => {
  const there = new Set(['node_modules/b', 'node_modules/a/node_modules/b']);
  const from = (path: string) => resolvedFrom(path, 'b', (one) => there.has(one));
  expect(from('node_modules/a')).toBe('node_modules/a/node_modules/b');
  expect(from('node_modules/c')).toBe('node_modules/b');
  expect(resolvedFrom('node_modules/c', 'd', (one) => there.has(one))).toBeUndefined();
});

test('the bill of materials names each package once, by hash, purl and what it needs', () => {
  const lock = lockIn(repositoryRoot);
  const { licences } = heldIn(repositoryRoot);
  const bom = sbomOf(lock, ownIn(repositoryRoot), licenceOf(licences)) as {
    components: { 'bom-ref': string; purl: string; hashes: { content: string }[] }[];
    dependencies: { ref: string; dependsOn: string[] }[];
  };
  const refs = bom.components.map((component) => component['bom-ref']);
  expect(refs).toHaveLength(packagesIn(lock).length);
  expect(new Set(refs).size).toBe(refs.length);
  for (const { hashes, purl } of bom.components) {
    expect(hashes[0]!.content).toMatch(/^[\da-f]{128}$/);
    expect(purl).toMatch(/^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d/);
  }
  for (const { dependsOn } of bom.dependencies)
    for (const ref of dependsOn) expect(refs).toContain(ref);
  expect(purlOf({ name: '@nestjs/core', version: '11.0.0' })).toBe('pkg:npm/%40nestjs/core@11.0.0');
});

test('what is installed here is what the lock says', () => {
  for (const { name, path, version } of packagesIn(lockIn(repositoryRoot)).filter(
    ({ isOptional, isDev }) => !isOptional && !isDev,
  )) {
    const { version: here } = JSON.parse(
      readFileSync(join(repositoryRoot, path, 'package.json'), 'utf8'),
    ) as { version: string };
    expect(`${name} ${here}`).toBe(`${name} ${version}`);
  }
});
