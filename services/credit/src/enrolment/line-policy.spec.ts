import fc from 'fast-check';
import { checkedPolicies, lineFor, linePolicies } from './line-policy';

test.each([
  [0, 50_000],
  [500, 50_000],
  [501, 100_000],
  [600, 100_000],
  [601, 300_000],
  [650, 300_000],
  [651, 500_000],
  [750, 500_000],
  [751, 2_000_000],
  [1000, 2_000_000],
])('a score of %i gives a line of %i fen', (score, lineFen) =>
  expect(lineFor(score, '2026-03-02')).toEqual({ policyId: 'city-line-2023', lineFen }),
);

test('the policy of the day counts, from the day it comes into force', () => {
  expect(lineFor(700, '2022-12-31').lineFen).toBe(100_000);
  expect(lineFor(700, '2023-01-01').lineFen).toBe(500_000);
});

test('before the first policy there is no line', () =>
  expect(() => lineFor(700, '2016-10-19')).toThrow('a line policy is in force'));

test('a higher score never gives a lower line', () =>
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), (score) =>
      expect(lineFor(score + 1, '2026-03-02').lineFen).toBeGreaterThanOrEqual(
        lineFor(score, '2026-03-02').lineFen,
      ),
    ),
  ));

test('a table out of order is refused as it is read', () => {
  const [first, second] = linePolicies;
  expect(() => checkedPolicies([second!, first!])).toThrow('by effective date');
  expect(() => checkedPolicies([{ ...first!, bands: [{ fromScore: 1, lineFen: 1 }] }])).toThrow(
    'starts at score 0',
  );
  expect(() =>
    checkedPolicies([
      {
        ...first!,
        bands: [
          { fromScore: 0, lineFen: 2 },
          { fromScore: 5, lineFen: 1 },
        ],
      },
    ]),
  ).toThrow('bands rise');
});
