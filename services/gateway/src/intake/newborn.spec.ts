import { mayBeNewborn, mothersNames, newbornForm } from './newborn';
import { isNoBirthDate, isUnidentified, namesToCompare } from './unidentified';

test.each([
  '周某之女',
  '周某之长子',
  '周伟之女婴',
  '周伟之子A',
  '周伟之双胞胎',
  '周伟 之 子',
  '周伟之女（大）',
  '周伟之婴',
  '周伟婴儿',
  '周氏男婴',
  '周伟女婴2',
  '新生儿',
  '新生儿周伟',
  '婴',
  'BABY',
  'Baby of Zhou Wei',
  'ZHOU BABY BOY',
  'ZHOU, BABYGIRL',
  'ZHOU BABY BOY A',
  'NEWBORN OF ZHOU',
  'ZHOU NEWBORN',
  'B/O ZHOU WEI',
  'GIRL OF ZHOU',
  'ZHOU SON OF WEI',
  'ＢＡＢＹ　ＢＯＹ',
])('%s is a newborn by its name', (name) => expect(newbornForm([name])).toBe('sure'));

test.each([
  '周毛毛',
  '周伟毛毛',
  '毛毛',
  '小周伟',
  '小毛',
  '周婴',
  'ZHOU BABY',
  'ZHOU GIRL',
  'TWIN A',
])('%s may be a newborn or a true name', (name) => expect(newbornForm([name])).toBe('likely'));

test.each([
  ['周伟'],
  ['王小明', '小明王'],
  ['李梅之'],
  ['王之子期'],
  ['张子'],
  ['周丽女'],
  ['小林健一郎'],
  ['王羲之', '羲之王'],
  ['Nelson Ofelia', 'Ofelia Nelson'],
  ['BABYLON JACK'],
  ['欧阳新生'],
])('%s is no newborn by its name', (...names) => expect(newbornForm(names)).toBeUndefined());

test.each([
  ['小周伟', '周伟'],
  ['周伟毛毛', '周伟'],
  ['周伟女', '周伟'],
  ['周伟之大', '周伟'],
  ['周伟宝2', '周伟'],
  ['BABY ZHOU WEI', 'ZHOU WEI'],
  ['ZHOU WEI TWIN A', 'ZHOU WEI'],
])('%s may be the newborn of %s', (name, mother) => expect(mothersNames([name])).toContain(mother));

test('a name that is only a pet name is of no mother', () =>
  expect(mothersNames(['周伟', '毛毛', '周女', '王小明'])).toEqual([]));

test.each([
  ['2026-03-01', true],
  ['2026-02-04', true],
  ['2026-02-03', false],
  ['2026-03-04', true],
  ['2026-03-05', false],
  ['2026-02', true],
  ['2026-01', false],
  ['2026', true],
  ['2025', false],
  ['2025-12', false],
  ['2099-12-31', false],
])('on 3 March, of a birth date %s: may be a newborn is %s', (birthDate, is) =>
  expect(mayBeNewborn(birthDate, Date.parse('2026-03-03T10:00:00+08:00'))).toBe(is),
);

test('in the first days of a year the year before may be a newborn, too', () =>
  expect(mayBeNewborn('2025', Date.parse('2026-01-10T10:00:00+08:00'))).toBe(true));

test.each([
  '无名氏',
  '无名氏男约50岁',
  '不详',
  '不详 不详',
  '未提供',
  'UNKNOWN',
  'unknown unknown',
  'UNKNOWN MALE',
  'UNKNOWN 3',
  'UNK',
  'DOE JOHN',
  'John Doe 2',
  'N/A',
  'XX',
  'NULL',
  '-',
  '***',
  '．',
])('%s is no name', (name) => expect(isUnidentified(name)).toBe(true));

test.each(['', '某人', '周伟', '无忌', 'UNKNOWN ZHANG', 'NA NA', 'DOE JANET', 'NULLER', '未央'])(
  '%s is not said to be none',
  (name) => expect(isUnidentified(name)).toBe(false),
);

test('a hidden name is not compared, nor a date that systems put for none', () => {
  expect(namesToCompare(['周*', '周＊伟', '周伟', '不详'])).toEqual(['周伟']);
  for (const date of [
    '0001-01-01',
    '1753-01-01',
    '1899-12-30',
    '1900-01-01',
    '9999-12-31',
    '9411-06',
  ])
    expect(isNoBirthDate(date)).toBe(true);
  for (const date of ['1900', '1900-01', '1970-01-01', '1994-11-06', '2026'])
    expect(isNoBirthDate(date)).toBe(false);
});
