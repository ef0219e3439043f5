import fc from 'fast-check';
import { readJson } from './strict-json';

const pathsIn = (text: string): string[] => readJson(text).findings.map(({ path }) => path);

test('a member that stands twice is found, with its place', () => {
  expect(pathsIn('{"a": 1, "b": {"c": "x", "d": [{"e": 1, "e": 2}], "c": "}"}}')).toEqual([
    '/b/d/0/e',
    '/b/c',
  ]);
  expect(pathsIn('{"a/b": 1, "a/b": 2}')).toEqual(['/a~1b']);
});

test('a text that is no JSON is one finding', () => {
  expect(readJson('{"a": }')).toMatchObject({ value: undefined, findings: [{ path: '' }] });
});

test('of what JSON.stringify writes nothing is found, whatever its strings hold', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(readJson(text)).toEqual({ value: JSON.parse(text) as unknown, findings: [] });
    }),
  );
});
