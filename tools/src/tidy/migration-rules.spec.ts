import { migrationNames } from './migration-rules';
import { treeOf } from './tree';

const faultsOf = (files: Readonly<Record<string, string>>): readonly string[] =>
  migrationNames(treeOf(new Map(Object.entries(files)))).map(({ file, why }) => `${file}: ${why}`);

const folder = 'services/credit/src/migrations';
const migration = (time: string): string => `export class Credit${time} implements Migration {}\n`;

test('migrations are numbered, and run in the order of their numbers', () => {
  expect(
    faultsOf({
      [`${folder}/credit-1.ts`]: migration('1700000000001'),
      [`${folder}/credit-2.ts`]: migration('1700000000002'),
      [`${folder}/credit-10.ts`]: migration('1700000000010'),
      [`${folder}/credit-2.int.spec.ts`]: 'test()',
    }),
  ).toEqual([]);
});

test.each([
  ['1000000000000-accounts.ts', migration('1700000000001'), 'is called credit-1.ts'],
  ['payment-1.ts', migration('1700000000001'), 'is called credit-1.ts'],
  ['credit-1.ts', 'export class Credit1 implements Migration {}\n', 'ends in 13 digits'],
  [
    'credit-1.ts',
    `export class Credit1700000000001 {\n  readonly name = 'Other';\n}\n`,
    'it has no other',
  ],
])('the migration %s %j is found', (file, text, why) => {
  expect(faultsOf({ [`${folder}/${file}`]: text })).toEqual([expect.stringContaining(why)]);
});

test('a migration that would run before an earlier one is found', () => {
  expect(
    faultsOf({
      [`${folder}/credit-1.ts`]: migration('1700000000002'),
      [`${folder}/credit-2.ts`]: migration('1700000000001'),
    }),
  ).toEqual([`${folder}/credit-2.ts: it runs before the migration with the lower number`]);
});
