import fc from 'fast-check';
import { nodeTextOf, readExact } from './exact-json';

test('a number is its digits, as they came', () =>
  expect(readExact('{"a": 0.10, "b": [1e3, -7], "c": "1.0", "d": "say \\"5\\""}')).toEqual({
    ...{ a: '0.10', b: ['1e3', '-7'], c: '1.0', d: 'say "5"' },
  }));

test('what is null is absent', () =>
  expect(readExact('{"a": null, "b": [null, {"c": null}]}')).toEqual({ b: [{}] }));

test.each(['', '{', '{"a": 01}', '{"a" 1}', 'busy'])('%j is no JSON', (text) =>
  expect(() => readExact(text)).toThrow(SyntaxError),
);

const asTexts = (value: unknown): unknown => {
  if (typeof value === 'number') return JSON.stringify(value);
  if (Array.isArray(value)) return value.filter((each) => each !== null).map(asTexts);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(kept.map(([name, each]) => [name, asTexts(each)]));
};

test('any JSON reads as it is, with texts for numbers', () =>
  fc.assert(
    fc.property(fc.json(), (text) => expect(readExact(text)).toEqual(asTexts(JSON.parse(text)))),
  ));

test('the text of a node is exactly what was sent', () =>
  fc.assert(
    fc.property(fc.json(), fc.json(), (before, output) => {
      const text = `{"a": ${before}, "b": "\\"output\\":1", "output":  ${output} , "c": {"output": 2}}`;
      expect(nodeTextOf(text, 'output')).toBe(output.trim());
    }),
  ));

test('a node that is there twice is not read', () =>
  expect(nodeTextOf('{"output": {}, "output": {"a": 1}}', 'output')).toBeUndefined());
