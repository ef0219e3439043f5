import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataOf, LinePolicyDocument } from '@caretab/contracts';
import fc from 'fast-check';
import {
  checkedPolicies,
  isEligible,
  lineFor,
  linePolicies,
  policyOf,
  policyOn,
  versionOf,
} from './line-policy';
import { policyFaults } from './policy-faults';

const folder = join(__dirname, '../../data/examples');
const examples = readdirSync(folder).map(
  (file) =>
    [file, dataOf(file, readFileSync(join(folder, file), 'utf8'), LinePolicyDocument)] as const,
);
const document = linePolicies[1]!.document;
const today = policyOn('2026-03-02');

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
  expect(lineFor(score, today)).toEqual({ policyId: versionOf(document), lineFen }),
);

test('the policy of the day counts, from the day it comes into force', () => {
  expect(lineFor(700, policyOn('2022-12-31')).lineFen).toBe(100_000);
  expect(lineFor(700, policyOn('2023-01-01')).lineFen).toBe(500_000);
});

test('before the first policy there is no line', () =>
  expect(() => policyOn('2016-10-19')).toThrow('a line policy is in force'));

test('a higher score never gives a lower line', () =>
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), (score) =>
      expect(lineFor(score + 1, today).lineFen).toBeGreaterThanOrEqual(
        lineFor(score, today).lineFen,
      ),
    ),
  ));

test('a version is the same for the same content in any order, and another for another content', () => {
  const { title, ...rest } = document;
  expect(versionOf({ ...rest, title })).toBe(versionOf(document));
  expect(versionOf({ ...document, effectiveFrom: '2023-01-02' })).not.toBe(versionOf(document));
  expect(versionOf(document)).toMatch(/^city-line-2023\.[\w-]{16}$/);
});

test.each(examples)('%s, whose figures have sources, passes every check', (_file, example) => {
  expect(policyFaults(example)).toEqual([]);
  expect(example.sources.some(({ where }) => where !== undefined)).toBe(true);
});

test.each([
  ['hangzhou-yixinfu-2016.json', 480, 100_000],
  ['xiamen-2022.json', 500, 50_000],
  ['xiamen-2022.json', 501, 100_000],
  ['xiamen-2022.json', 601, 300_000],
  ['guangzhou-2023.json', 0, 500_000],
])('%s gives a score of %i the published line of %i fen', (file, score, lineFen) => {
  const policy = policyOf(new Map(examples).get(file)!);
  expect(lineFor(score, policy).lineFen).toBe(lineFen);
});

test('a score below what eligibility asks for has no line', () => {
  const pilot = policyOf({
    ...document,
    eligibility: { ...document.eligibility, scoreMin: 584 },
    bands: [{ ...document.bands[0]!, fromScore: 584, toScore: 1000 }],
  });
  expect([isEligible(pilot, 583), lineFor(583, pilot).lineFen]).toEqual([false, 0]);
  expect([isEligible(pilot, 584), lineFor(584, pilot).lineFen]).toEqual([true, 50_000]);
});

test('a field that the schema does not know, half a fen and an impossible day are refused', () => {
  const read = (changes: object): unknown =>
    dataOf('a.json', JSON.stringify({ ...document, ...changes }), LinePolicyDocument);
  expect(read({})).toEqual(document);
  expect(() => read({ interestBps: 5 })).toThrow('wrong at /interestBps');
  expect(() => read({ bands: [{ ...document.bands[0]!, lineFen: 0.5 }] })).toThrow(
    'wrong at /bands/0/lineFen',
  );
  expect(() => read({ effectiveFrom: '2026-02-30' })).toThrow('wrong at /effectiveFrom');
});

test('files whose policies are out of order, or have a fault, are refused as they are read', () => {
  expect(() => checkedPolicies([...linePolicies].reverse().map((each) => each.document))).toThrow(
    'by effective date',
  );
  expect(() => checkedPolicies([{ ...document, bands: [] }])).toThrow(
    'city-line-2023 at /bands: gap: no band has the scores 0 to 1000',
  );
});
