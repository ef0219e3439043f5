import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeyFile, DerivedKeys } from '@caretab/security';
import { DATA_KEY, folderOf } from '../test/node';
import { Journal } from './journal';

const keys = new DerivedKeys(new KeyFile('FRONT_NODE_DATA_KEY', DATA_KEY), 'front node journal');
const opened = async (folder: string) => {
  const entries: { readonly number: number; readonly pad: string }[] = [];
  const journal = await Journal.open<(typeof entries)[number]>({
    ...{ folder, keys },
    apply: (entry) => void entries.push(entry),
  });
  return { journal, entries };
};
const fileIn = (folder: string): string => join(folder, readdirSync(folder)[0]!);
const PAD = 'x'.repeat(900_000);

test('what came at once is in several lines, and read again line by line', async () => {
  const folder = folderOf();
  const first = await opened(folder);
  await Promise.all(
    Array.from({ length: 20 }, (_, number) => first.journal.append({ number, pad: PAD })),
  );
  await first.journal.close();
  const lines = readFileSync(fileIn(folder), 'utf8').split('\n');
  expect(lines.length).toBeGreaterThan(4);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(8_000_000);
  const again = await opened(folder);
  expect(again.entries.map(({ number }) => number)).toEqual(first.entries.map((it) => it.number));
  expect(again.journal.size).toBe(readFileSync(fileIn(folder)).length);
  await again.journal.rewrite(() => first.entries);
  await again.journal.close();
  const rewritten = await opened(folder);
  expect(rewritten.entries).toHaveLength(20);
  await rewritten.journal.close();
  writeFileSync(fileIn(folder), readFileSync(fileIn(folder), 'utf8').replace(/\n./, '\n?'));
  await expect(opened(folder)).rejects.toThrow('Line 2');
});
