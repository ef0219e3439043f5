import { MATCH_FIELDS, MATCH_LEVELS } from '@caretab/contracts';
import { idNumberCheck } from '@caretab/kernel';
import fc from 'fast-check';
import { blockingKeys } from './blocking';
import { levelsOf } from './comparisons';
import { comparedOf, type Demographics } from './demographics';
import { Matching } from './matching';
import { bitsOf, matchWeights } from './weights';

const TODAY = '2026-03-02';
const numbered = (body: string): string => body + idNumberCheck(body);
const ID = numbered('33010619800615123');
const OTHER_ID = numbered('33010619790112334');
const MOTHERS = numbered('33010619930204562');
const lin: Demographics = { name: '林清和', idNumber: ID, mobile: '13957100001' };
const unnumbered: Demographics = { name: '林清和', birthDate: '1980-06-15', sex: 'male' };

const of = (given: Demographics) => comparedOf(given, TODAY);
const matching = new Matching(matchWeights);
const compare = (a: Demographics, b: Demographics) => matching.compare(of(a), of(b));
const insured = (value: string) => ({ identifiers: [{ type: 'insurance', value }] });
const newborn = (motherIdNumber: string, birthOrder?: number): Demographics => ({
  ...{ name: '王芳之子', birthDate: '2026-02-20', sex: 'male' },
  newborn: { motherIdNumber, ...(birthOrder !== undefined && { birthOrder }) },
});

test.each<[string, Demographics, Demographics, string]>([
  ['one ID number and one name', lin, { name: '林清和', idNumber: ID }, 'id-number'],
  ['the same, the name by its sounds', lin, { name: 'LIN QINGHE', idNumber: ID }, 'id-number'],
  [
    'one insurance number, name and birth date',
    { ...lin, ...insured('3301 0001') },
    { ...unnumbered, ...insured('33010001') },
    'insurance',
  ],
])('%s decides', (_what, a, b, by) =>
  expect(compare(a, b)).toMatchObject({ outcome: 'match', by }),
);

test.each<[string, Demographics, Demographics]>([
  ['one ID number under another name', lin, { name: '王五', idNumber: ID }],
  ['one ID number without a name', lin, { idNumber: ID }],
  ['name, birth date and sex', lin, unnumbered],
  ['the same with another mobile number', lin, { ...unnumbered, mobile: '13800000000' }],
  [
    'two digits of the ID number changed round',
    lin,
    { name: '林清和', idNumber: `${ID.slice(0, 12)}${ID[13]!}${ID[12]!}${ID.slice(14)}` },
  ],
  [
    'day and month changed round',
    { name: '林清和', birthDate: '1980-06-05', mobile: '13957100001' },
    { name: '林清和', birthDate: '1980-05-06', mobile: '13957100001' },
  ],
  ['a mother and a birth date', newborn(MOTHERS), newborn(MOTHERS)],
])('%s only proposes', (_what, a, b) => expect(compare(a, b).outcome).toBe('similar'));

test.each<[string, Demographics, Demographics]>([
  ['two right ID numbers', { ...lin, idNumber: OTHER_ID }, { ...unnumbered, idNumber: ID }],
  [
    'a father and a child with one mobile number',
    lin,
    {
      name: '林小雨',
      birthDate: '2015-09-01',
      mobile: '13957100001',
    },
  ],
  ['twins', newborn(MOTHERS, 1), newborn(MOTHERS, 2)],
  [
    'a newborn under its mother’s number, beside her',
    { name: '王芳', idNumber: MOTHERS },
    {
      ...{ name: '王芳之女', idNumber: MOTHERS, birthDate: '2026-02-20', mobile: '13900000000' },
    },
  ],
  [
    'twins with one mobile number and address',
    { name: '林清和', birthDate: '2015-09-01', mobile: '13957100001', address: '金城路1号' },
    { name: '林雨晨', birthDate: '2015-09-01', mobile: '13957100001', address: '金城路1号' },
  ],
  ['a name alone', { name: '林清和' }, { name: '林清和' }],
])('%s is no match', (_what, a, b) => expect(compare(a, b).outcome).toBe('none'));

test('one insurance number of two sexes decides nothing', () => {
  const [a, b] = [
    { ...unnumbered, ...insured('1') },
    { ...unnumbered, ...insured('1') },
  ];
  expect(compare(a, b).outcome).toBe('match');
  expect(compare(a, { ...b, sex: 'female' }).outcome).toBe('similar');
});

test('the evidence names levels and weights, and no value', () => {
  const { evidence, bits } = compare(lin, { ...unnumbered, mobile: '13957100007' });
  expect(evidence.map(({ field, level }) => [field, level])).toEqual([
    ['name', 'equal'],
    ['birthDate', 'equal'],
    ['sex', 'equal'],
    ['mobile', 'slip'],
  ]);
  expect(bits).toBeCloseTo(evidence.reduce((sum, each) => sum + each.bits, 0));
  expect(JSON.stringify(evidence)).not.toMatch(/林|1395|1980/);
});

describe('weights', () => {
  const withLevels = (field: 'sex', levels: { level: string; m: number; u: number }[]) => ({
    ...matchWeights,
    fields: { ...matchWeights.fields, [field]: levels },
  });

  test('a weaker agreement never weighs more', () => {
    const bits = bitsOf(matchWeights);
    for (const field of MATCH_FIELDS) {
      const weights = MATCH_LEVELS[field].map((level) => bits(field, level));
      expect(weights).toEqual([...weights].sort((a, b) => b - a));
      expect(weights[0]).toBeGreaterThan(0);
      expect(weights.at(-1)).toBeLessThan(0);
    }
  });

  test.each([
    ['lacks a level', [{ level: 'equal', m: 0.9, u: 0.5 }], 'sex needs the levels equal, other'],
    [
      'weighs disagreement more',
      [
        { level: 'equal', m: 0.4, u: 0.5 },
        { level: 'other', m: 0.6, u: 0.5 },
      ],
      'sex other weighs too much',
    ],
  ])('a file that %s is refused', (_what, levels, why) =>
    expect(() => bitsOf(withLevels('sex', levels))).toThrow(why),
  );
});

const name = fc.constantFrom(
  '林清和',
  '林青和',
  '劉清和',
  '王芳',
  'LIN QINGHE',
  '王芳之子',
  '欧阳娜娜',
);
const person: fc.Arbitrary<Demographics> = fc.record(
  {
    name,
    idNumber: fc.constantFrom(ID, OTHER_ID, MOTHERS, '330106198006151', 'X'),
    birthDate: fc.constantFrom('1980-06-15', '1980-06-05', '1980-05-06', '2026-02-20'),
    sex: fc.constantFrom('male' as const, 'female' as const),
    mobile: fc.constantFrom('13957100001', '13957100007', '+86 139 5710 0001', '0571-1'),
    address: fc.constantFrom('金城路1号', '萧山区金城路1号', '文三路'),
    identifiers: fc.array(
      fc.record({ type: fc.constantFrom('insurance', 'policy'), value: fc.constantFrom('1', '2') }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);

test('a comparison is the same whichever comes first', () =>
  fc.assert(fc.property(person, person, (a, b) => expect(compare(a, b)).toEqual(compare(b, a)))));

test('a field that comes to agree never lowers the sum', () =>
  fc.assert(
    fc.property(person, person, (a, b) => {
      const before = levelsOf(of(a), of(b));
      for (const field of ['mobile', 'address', 'sex'] as const) {
        if (before[field] === undefined || a[field] === undefined) continue;
        const agreed = compare(a, { ...b, [field]: a[field] });
        expect(agreed.bits).toBeGreaterThanOrEqual(compare(a, b).bits);
      }
    }),
  ));

test('who is one person shares a blocking key, whatever one slip did', () => {
  const textsOf = (given: Demographics) =>
    blockingKeys(of(given)).map(({ kind, text }) => `${kind} ${text}`);
  const found = (a: Demographics, b: Demographics): boolean =>
    textsOf(a).some((each) => textsOf(b).includes(each));
  for (let at = 0; at < 18; at += 1) {
    const digit = ID[at] === '7' ? '3' : '7';
    expect(
      found(lin, { ...lin, mobile: '', idNumber: ID.slice(0, at) + digit + ID.slice(at + 1) }),
    ).toBe(true);
  }
  expect(found(unnumbered, { name: '林青和', birthDate: '1980-06-16' })).toBe(true);
  expect(found(unnumbered, { name: '林青和', birthDate: '1981-06-15' })).toBe(true);
  expect(found(unnumbered, { name: 'Qinghe Lin', birthDate: '1980-06-15' })).toBe(true);
  expect(found(unnumbered, { name: '王五', birthDate: '1980-06-15' })).toBe(false);
});
