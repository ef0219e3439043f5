import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = (name: string): string =>
  readFileSync(join(__dirname, '../../../../docs', name), 'utf8');
const [english, chinese] = [page('integration-http.md'), page('integration-http.zh.md')];

const examplesIn = (text: string): string[] => text.match(/^```\n[\s\S]*?^```$/gm) ?? [];
const namesIn = (text: string): string[] =>
  [...new Set(text.match(/`[^`\n]+`/g))].filter((name) => /^`[A-Z][A-Z_]+`$/.test(name)).sort();
const routesIn = (text: string): string[] =>
  [...new Set(text.match(/(?:GET|POST|PUT) \/v1\/[^\s`]+/g))].sort();

test('the guide in Chinese shows the examples of the guide in English, to the letter', () => {
  expect(examplesIn(chinese)).toEqual(examplesIn(english));
  expect(examplesIn(english).length).toBeGreaterThan(6);
});

test('the guide in Chinese names every code and route of the guide in English', () => {
  expect(namesIn(chinese)).toEqual(namesIn(english));
  expect(routesIn(chinese)).toEqual(routesIn(english));
  expect(namesIn(english).length).toBeGreaterThan(30);
});
