import { faultsOf, planJson } from '../test';
import { planRemarks } from './remarks';
import type { PlanFile } from './plan-file';

type Cases = readonly { readonly is: string; readonly when?: object }[];

/** A plan whose layer pays by a word with these cases. */
const withWord = (cases: Cases, changes: object = {}) => ({
  words: { word: { name: { zh: '词', en: 'word' }, cases } },
  layers: [{ id: 'pool', rate: { by: ['word'], rows: { '*': '80%' } } }],
  ...changes,
});
const remarksOf = (changes: object): string[] =>
  planRemarks(planJson(changes as Record<string, unknown>) as unknown as PlanFile).map(
    ({ path, why, remedy }) => `${path}: ${why} ${remedy}`,
  );

const gaps = (cases: Cases, changes: object = {}): string[] => remarksOf(withWord(cases, changes));
const faults = (cases: Cases, changes: object = {}): string[] =>
  faultsOf(withWord(cases, changes)).filter((fault) => !fault.includes('/rows/'));

test.each<[string, Cases, string]>([
  [
    'a range that earlier ones take whole',
    [
      { is: 'young', when: { age: { below: 60 } } },
      { is: 'child', when: { age: { from: 6, below: 18 } } },
      { is: 'old' },
    ],
    '/words/word/cases/1: This case is never reached',
  ],
  [
    'a code in two cases',
    [
      { is: 'retired', when: { personType: ['12', '11'] } },
      { is: 'employed', when: { personType: '11' } },
    ],
    '/words/word/cases/1: An earlier case takes “11” already',
  ],
  [
    'a code twice in one list',
    [{ is: 'high', when: { hospitalLevel: ['01', '01'] } }, { is: 'low' }],
    '/words/word/cases/0/when/hospitalLevel: “01” stands there twice',
  ],
])('%s is named with its place', (_, cases, fault) =>
  expect(faults(cases)).toContainEqual(expect.stringContaining(fault)),
);

test.each<[string, Cases, string]>([
  [
    'a gap between two ranges',
    [
      { is: 'young', when: { age: { below: 60 } } },
      { is: 'old', when: { age: { from: 61 } } },
    ],
    '/words/word/cases: No case takes numbers from 60 and below 61',
  ],
  [
    'a range without an end at the top',
    [
      { is: 'young', when: { age: { below: 18 } } },
      { is: 'grown', when: { age: { from: 18, below: 60 } } },
    ],
    '/words/word/cases: No case takes numbers from 60:',
  ],
  [
    'a kind of care that no case takes',
    [
      { is: 'in', when: { care: 'inpatient' } },
      { is: 'out', when: { care: 'outpatient' } },
    ],
    '/words/word/cases: No case takes “care” “emergency”',
  ],
])('%s is remarked on, and the plan taken', (_, cases, remark) => {
  expect(gaps(cases)).toContainEqual(expect.stringContaining(remark));
  expect(faults(cases)).toEqual([]);
});

test('a word that nothing asks for is named', () =>
  expect(
    faultsOf({ ...withWord([{ is: 'all' }]), layers: [{ id: 'pool', rate: '80%' }] }),
  ).toContainEqual('/words/word: Nothing asks for this word.'));

test.each<[string, Cases, object]>([
  [
    'ranges that go on where the one before ends',
    [
      { is: 'first', when: { admissionNumber: { from: 1, below: 2 } } },
      { is: 'later', when: { admissionNumber: { from: 2 } } },
    ],
    {},
  ],
  [
    'ranges of which the first that holds counts',
    [
      { is: 'first', when: { admissionNumber: { below: 2 } } },
      { is: 'second', when: { admissionNumber: { below: 3 } } },
      { is: 'later' },
    ],
    {},
  ],
  [
    'care that the plan itself leaves out',
    [
      { is: 'in', when: { care: 'inpatient' } },
      { is: 'out', when: { care: 'outpatient' } },
    ],
    { when: { care: ['inpatient', 'outpatient'] } },
  ],
  [
    'cases that look at two facts',
    [
      { is: 'one', when: { personType: '11', age: { below: 40 } } },
      { is: 'two', when: { personType: '11' } },
    ],
    {},
  ],
])('nothing is wrong with %s', (_, cases, changes) =>
  expect([faults(cases, changes), gaps(cases, changes)]).toEqual([[], []]),
);

test.each<[string, object, string]>([
  [
    'a code that the national list nearly has',
    { when: { personType: ['11', '1304'] } },
    '/when/personType: The national interface has no “1304” here. Was “1204” or “1404” meant?',
  ],
  [
    'a kind of insurance that there is not',
    { insutypes: ['301'] },
    '/insutypes/0: The national interface has no “301” here. Was “310” or “391” meant?',
  ],
  [
    'a diagnosis with a small letter in place of its chapter',
    { layers: [{ id: 'pool', rate: '80%', when: { diagnosis: { startsWith: ['l21'] } } }] },
    '/layers/0/when/diagnosis: “l21” begins not as a code of ICD-10',
  ],
  [
    'an area of five digits, in a condition for lines too',
    { when: { careArea: '33010' } },
    '/when/careArea: “33010” is not six digits',
  ],
])('%s is remarked on', (_, changes, remark) =>
  expect(remarksOf(changes)).toContainEqual(expect.stringContaining(remark.slice(0, 60))),
);

test('codes of the national lists are no matter', () =>
  expect(
    remarksOf({
      insutypes: ['310'],
      when: [{ personType: '11', aidClasses: ['2303'] }, { diagnosis: { startsWith: ['I21'] } }],
      layers: [{ id: 'pool', rate: '80%', lines: { itemKind: ['09', '11'] }, fund: '310100' }],
    }),
  ).toEqual([]));
