import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './launcher';

/** The page in what a launcher printed: all from the first double line to the last. */
export const pageIn = (output: string): string => {
  const lines = output.split('\n');
  const rules = lines.flatMap((line, index) => (/^═{20,}$/.test(line) ? [index] : []));
  return lines.slice(rules[0], rules.at(-1)! + 1).join('\n');
};

/**
 * The page that every sample day ends with, however it runs. `.ci/run` compares the main job's with
 * it too. After a change of the day: npm start -- --fresh --exit, and copy the page.
 */
export const expectedPage = (): string =>
  readFileSync(join(ROOT, 'samples/page.txt'), 'utf8').trimEnd();

/**
 * Messages of a feed (`day/HZ001`) that the platform has acknowledged so far, as the player of the
 * day notes them in the data folder.
 */
export const acknowledged = (dataDir: string, feed: string): number => {
  const file = join(dataDir, 'day/progress.json');
  return existsSync(file)
    ? ((JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>)[feed] ?? 0)
    : 0;
};
