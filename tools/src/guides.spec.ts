import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = (name: string): string => readFileSync(join(__dirname, '../../docs', name), 'utf8');
/** What a reader copies: whole blocks, and the requests that stand in tables. */
const copied = (text: string): string[] =>
  [...text.matchAll(/^```\w*\n[\s\S]*?^```$|`POST \/[^`]+` `\{[^`]*\}`/gm)].map(([found]) => found);

test.each([
  ['integration-http', 10],
  ['integration-cards', 2],
])('the guide %s gives the same commands and requests in Chinese and in English', (name, least) => {
  const english = copied(page(`${name}.md`));
  expect(english.length).toBeGreaterThan(least);
  expect(copied(page(`${name}.zh.md`))).toEqual(english);
});
