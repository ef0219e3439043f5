import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const MADE = /create(?:Observable)?(?:Gauge|Counter|Histogram)\(\s*[`']([^`']+)[`']/g;

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name === 'dist' || entry.name === 'node_modules' ? [] : sources(path);
    return path.endsWith('.ts') && !path.endsWith('.spec.ts') ? [path] : [];
  });

/** As Prometheus writes it. */
const shown = (name: string): string =>
  name.replace('${service}', '<service>').replaceAll('.', '_');

test('every metric has a row in the table of operations: what it means, and what to do', () => {
  const table = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const names = ['services', 'libs']
    .flatMap((folder) => sources(join(ROOT, folder)))
    .flatMap((path) => [...readFileSync(path, 'utf8').matchAll(MADE)].map(([, name]) => name!));
  expect(names.length).toBeGreaterThan(20);
  const missing = [...new Set(names.map(shown))].filter((name) => !table.includes(`| \`${name}`));
  expect(missing).toEqual([]);
});
