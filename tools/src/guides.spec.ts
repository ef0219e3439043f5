import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = (name: string): string => readFileSync(join(__dirname, '../../docs', name), 'utf8');
/** What a reader copies: whole blocks, and the requests that stand in tables. */
const copied = (text: string): string[] =>
  [...text.matchAll(/^```\w*\n[\s\S]*?^```$|`POST \/[^`]+` `\{[^`]*\}`/gm)].map(([found]) => found);

test('the guide over HTTP gives the same commands and requests in Chinese and in English', () => {
  const english = copied(page('integration-http.md'));
  expect(english.length).toBeGreaterThan(10);
  expect(copied(page('integration-http.zh.md'))).toEqual(english);
});
