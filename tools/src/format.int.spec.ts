import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from './repository';

const formatted = (text: string): string =>
  execFileSync(
    process.execPath,
    [
      join(repositoryRoot, 'node_modules/prettier/bin/prettier.cjs'),
      '--stdin-filepath',
      'libs/kernel/src/width.ts',
    ],
    { cwd: repositoryRoot, input: text, encoding: 'utf8' },
  );

/** A statement of this many columns that can be broken. */
const statementOf = (columns: number): string => {
  const [head, tail] = ['export const sum = (first + ', '1) * 2;'];
  return `${head}${'x'.repeat(columns - head.length - tail.length - 3)} + ${tail}\n`;
};

test('a line of code of 101 columns is refused by the format, one of 100 is not', () => {
  expect(formatted(statementOf(100))).toBe(statementOf(100));
  expect(formatted(statementOf(101))).not.toBe(statementOf(101));
});
