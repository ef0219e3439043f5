import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The page in what a launcher printed: all from the first double line to the last. */
export const pageIn = (output: string): string => {
  const lines = output.split('\n');
  const rules = lines.flatMap((line, index) => (/^═{20,}$/.test(line) ? [index] : []));
  return lines.slice(rules[0], rules.at(-1)! + 1).join('\n');
};

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
