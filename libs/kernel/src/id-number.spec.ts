import { DomainError } from './errors';
import fc from 'fast-check';
import {
  ageOn,
  holdsIdNumber,
  idNumberCheck,
  normaliseIdNumber,
  readIdNumber,
  upgradeIdNumber,
} from './id-number';

const TODAY = '2026-03-02';
const faultOf = (text: string): unknown => {
  try {
    readIdNumber(text, TODAY);
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect((error as DomainError).message).not.toContain(text);
    return (error as DomainError).details['fault'];
  }
};

const body17 = fc
  .tuple(
    fc.constantFrom('110105', '330106', '440524', '510101'),
    fc.date({ min: new Date('1900-01-01'), max: new Date('2025-12-31'), noInvalidDate: true }),
    fc.integer({ min: 0, max: 999 }),
  )
  .map(
    ([area, date, sequence]) =>
      area + date.toISOString().slice(0, 10).replace(/-/g, '') + String(sequence).padStart(3, '0'),
  );

test.each([
  ['11010519491231002X', '1949-12-31', 'female'],
  ['440524188001010014', '1880-01-01', 'male'],
  ['34052419800101001X', '1980-01-01', 'male'],
])('reads the published number %s', (value, birthDate, sex) =>
  expect(readIdNumber(value, TODAY)).toEqual({
    value,
    areaCode: value.slice(0, 6),
    birthDate,
    sex,
  }),
);

test('computes the published check character of 51310119820113001', () =>
  expect(idNumberCheck('51310119820113001')).toBe('4'));

test('refuses the number published as wrong, 44030019000101123x', () =>
  expect(faultOf('44030019000101123x')).toBe('CHECK_CHARACTER'));

test('reads a lower-case x, blanks and full-width digits', () =>
  expect(readIdNumber(' 110105 19491231 002x', TODAY).value).toBe('11010519491231002X'));

test('upgrades an old number of 15 digits to the same person', () => {
  expect(upgradeIdNumber('110105491231002')).toBe('11010519491231002X');
  expect(readIdNumber('110105491231002', TODAY).value).toBe(
    readIdNumber('11010519491231002X', TODAY).value,
  );
});

const numbered = (body: string): string => body + idNumberCheck(body);
const wronglyNumbered = (body: string): string => body + (idNumberCheck(body) === '0' ? '1' : '0');

test.each([
  ['a resident from Hong Kong', '81000019900101001', 'male'],
  ['a resident from Macao', '82000019900101002', 'female'],
  ['a resident from Taiwan', '83000019900101003', 'male'],
  ['a foreigner with a permanent residence card', '91184019900101002', 'female'],
])('reads the permit of %s', (_who, body, sex) =>
  expect(readIdNumber(numbered(body), TODAY)).toMatchObject({ birthDate: '1990-01-01', sex }),
);

test.each([
  ['an area that no permit has', numbered('81010119900101001'), 'AREA'],
  ['no province behind the 9', numbered('99984019900101002'), 'AREA'],
  ['a wrong check character of a permit', wronglyNumbered('91184019900101002'), 'CHECK_CHARACTER'],
  ['a permanent residence card of the old form', 'USA110190010112', 'OLD_RESIDENCE_CARD'],
])('refuses %s', (_what, number, fault) => expect(faultOf(number)).toBe(fault));

test('says which part is wrong, never the number', () => {
  expect(faultOf('1101051949123100')).toBe('FORMAT');
  expect(faultOf('1101051949123100XX')).toBe('FORMAT');
  expect(faultOf('00010519491231002X')).toBe('AREA');
  expect(faultOf(`11010519490230002${idNumberCheck('11010519490230002')}`)).toBe('BIRTH_DATE');
  expect(faultOf(`11010520270101002${idNumberCheck('11010520270101002')}`)).toBe('BIRTH_DATE');
  expect(faultOf('110105194912310021')).toBe('CHECK_CHARACTER');
});

test('accepts every well-made number and only one of its check characters', () =>
  fc.assert(
    fc.property(body17, (body) => {
      const good = [...'0123456789X'].filter((check) => faultOf(body + check) === 'none');
      expect(good).toEqual([idNumberCheck(body)]);
    }),
  ));

test('finds any one wrong digit', () =>
  fc.assert(
    fc.property(body17, fc.nat(16), fc.integer({ min: 1, max: 9 }), (body, at, shift) => {
      const wrong = body.slice(0, at) + ((Number(body[at]) + shift) % 10) + body.slice(at + 1);
      expect(faultOf(wrong + idNumberCheck(body))).not.toBe('none');
    }),
  ));

test('finds any two neighbouring characters exchanged', () =>
  fc.assert(
    fc.property(body17, fc.nat(15), (body, at) => {
      const swapped = body.slice(0, at) + body[at + 1] + body[at] + body.slice(at + 2);
      fc.pre(swapped !== body);
      expect(faultOf(swapped + idNumberCheck(body))).not.toBe('none');
    }),
  ));

test('writing a number in its one form twice changes nothing', () =>
  fc.assert(
    fc.property(fc.string(), (text) =>
      expect(normaliseIdNumber(normaliseIdNumber(text))).toBe(normaliseIdNumber(text)),
    ),
  ));

test('counts a year on the birthday itself', () => {
  expect(ageOn('2008-03-02', '2026-03-02')).toBe(18);
  expect(ageOn('2008-03-03', '2026-03-02')).toBe(17);
  expect(ageOn('2008-02-29', '2026-02-28')).toBe(17);
  expect(ageOn('2008-02-29', '2026-03-01')).toBe(18);
});

test.each([
  ['110105194912310 02X', true],
  ['科室 11010519491231002x 患者', true],
  ['１１０１０５１９４９１２３１００２Ｘ', true],
  ['110105 19491231 002X', true],
  ['郑110105-19491231-002X丽', true],
  ['11010519491231002', false],
  ['110105194912310020', false],
  ['1110105194912310021', false],
  ['202611300750511234', false],
  ['2026-11-30 07:50:51', false],
  ['内科', false],
])('whether %s holds an ID number: %s', (text, holds) => expect(holdsIdNumber(text)).toBe(holds));
