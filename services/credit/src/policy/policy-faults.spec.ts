import type { LinePolicyDocument } from '@caretab/contracts';
import fc from 'fast-check';
import { linePolicies } from './line-policy';
import { policyFaults } from './policy-faults';

const { document } = linePolicies[1]!;
const source = 'own';
const right: LinePolicyDocument = {
  ...document,
  sources: [{ sourceId: source, title: 'own', grade: 'own' }],
  score: { ...document.score!, source },
  eligibility: { scoreMin: 100, source },
  bands: [
    { fromScore: 100, toScore: 499, lineFen: 1000, source },
    { fromScore: 500, toScore: 1000, lineFen: 5000, source },
  ],
  products: {
    outpatient: {
      ...{ firstHoldFen: 100, increaseStepFen: 50, fromScore: 0, source },
      ...{ visitCapFen: 2000, dayCapFen: 3000 },
    },
    family: { fromScore: 200, visitCapFen: null, dayCapFen: 900, source },
  },
};
const [low, high] = right.bands as [(typeof right.bands)[number], (typeof right.bands)[number]];
const outpatient = right.products.outpatient!;
const withOutpatient = (changes: object): LinePolicyDocument => ({
  ...right,
  products: { ...right.products, outpatient: { ...outpatient, ...changes } },
});
const excluded = { institutionId: 'HZ001', product: null, why: 'why', source };

test('a policy without a fault has none', () => expect(policyFaults(right)).toEqual([]));

test.each<[string, LinePolicyDocument, string, string]>([
  ['a gap', { ...right, bands: [low, { ...high, fromScore: 502 }] }, '/bands/1', '500 to 501'],
  ['a gap at the top', { ...right, bands: [low] }, '/bands', 'the scores 500 to 1000'],
  [
    'a gap at the bottom',
    { ...right, bands: [{ ...low, fromScore: 101 }, high] },
    '/bands/0',
    'the scores 100 to 100',
  ],
  ['an overlap', { ...right, bands: [low, { ...high, fromScore: 490 }] }, '/bands/1', '490 to 499'],
  [
    'a band that is all in another',
    { ...right, bands: [low, { ...low, fromScore: 200 }, high] },
    '/bands/1',
    'unreachable: earlier bands have the scores up to 499',
  ],
  [
    'a band that ends before it begins',
    { ...right, bands: [low, { ...high, fromScore: 600, toScore: 550 }, high] },
    '/bands/1',
    'unreachable: it begins at 600',
  ],
  [
    'a band below what is eligible',
    { ...right, bands: [{ ...low, fromScore: 0, toScore: 99 }, low, high] },
    '/bands/0',
    'unreachable: it ends at 99, and eligibility asks for 100',
  ],
  [
    'a band that begins below what is eligible',
    { ...right, bands: [{ ...low, fromScore: 0 }, high] },
    '/bands/0',
    'unreachable in part',
  ],
  [
    'a line that falls',
    { ...right, bands: [low, { ...high, lineFen: 999 }] },
    '/bands/1',
    'a higher score gives a lower line',
  ],
  [
    'a visit’s cap above every line',
    withOutpatient({ visitCapFen: 5001, dayCapFen: null }),
    '/products/outpatient/visitCapFen',
    'no line is above 5000 fen',
  ],
  [
    'a visit’s cap above the day’s',
    withOutpatient({ visitCapFen: 3001 }),
    '/products/outpatient/visitCapFen',
    'the day’s cap ends it at 3000 fen',
  ],
  [
    'a first hold above the cap',
    withOutpatient({ firstHoldFen: 2001 }),
    '/products/outpatient/firstHoldFen',
    'the cap ends it at 2000 fen',
  ],
  [
    'a step above the cap',
    withOutpatient({ increaseStepFen: 2001 }),
    '/products/outpatient/increaseStepFen',
    'the cap ends it at 2000 fen',
  ],
  [
    'a product from a score that no one eligible is below',
    withOutpatient({ fromScore: 50 }),
    '/products/outpatient/fromScore',
    'eligibility asks for 100',
  ],
  [
    'families alone',
    { ...right, products: { family: right.products.family! } },
    '/products',
    'no class of visits',
  ],
  [
    'an institution excluded twice',
    { ...right, exclusions: [excluded, { ...excluded, product: 'outpatient' }] },
    '/exclusions/1',
    'unreachable: row 0 excludes the same',
  ],
  [
    'an exclusion of what is not granted',
    { ...right, exclusions: [{ ...excluded, product: 'inpatient' }] },
    '/exclusions/0',
    'unreachable: the policy grants no inpatient',
  ],
  [
    'a figure without a source',
    { ...right, bands: [low, { ...high, source: 'hearsay' }] },
    '/bands/1/source',
    'is none of the sources',
  ],
  [
    'a source without a figure',
    { ...right, sources: [...right.sources, { ...right.sources[0]!, sourceId: 'other' }] },
    '/sources/1',
    'no figure names it',
  ],
  [
    'two sources of one id',
    { ...right, sources: [...right.sources, right.sources[0]!] },
    '/sources/1',
    'row 0 has the same id',
  ],
])('%s is named', (_what, policy, field, why) => {
  expect(policyFaults(policy)).toContainEqual({ field, why: expect.stringContaining(why) });
});

test('bands without a fault give every eligible score exactly one line, and others do not', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          fromScore: fc.constantFrom(0, 100, 101, 400, 500, 501),
          toScore: fc.constantFrom(99, 100, 400, 499, 500, 1000),
          lineFen: fc.constantFrom(1000, 5000),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      (rows) => {
        const bands = rows.map((row) => ({ ...row, source }));
        const faults = policyFaults({ ...right, bands }).filter(
          ({ field, why }) => field.startsWith('/bands') && !why.startsWith('a higher'),
        );
        const hits = Array.from({ length: 901 }, (_, index) => 100 + index).map(
          (score) => bands.filter((b) => b.fromScore <= score && score <= b.toScore).length,
        );
        const ordered = bands.every((b, at) => at === 0 || bands[at - 1]!.toScore < b.fromScore);
        const within = bands.every((b) => b.fromScore >= 100 && b.fromScore <= b.toScore);
        expect(faults.length === 0).toBe(hits.every((n) => n === 1) && ordered && within);
      },
    ),
    { numRuns: 2000 },
  ));
