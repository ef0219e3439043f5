import { levelsOf } from './comparisons';
import { comparedOf } from './demographics';
import { isPlaceholder, nameForms } from './names';
import { isSlip, likeness } from './slips';

const levelOf = (one: string, other: string) =>
  levelsOf(comparedOf({ name: one }, '2026-03-02'), comparedOf({ name: other }, '2026-03-02')).name;

test.each([
  ['林清和', ' 林 清和', 'equal'],
  ['阿依古丽·买买提', '阿依古丽•买买提', 'equal'],
  ['劉清和', '刘清和', 'variant'],
  ['林清和', '林青和', 'pinyin'],
  ['林清和', 'LIN Qinghe', 'pinyin'],
  ['吕布', 'LYU BU', 'pinyin'],
  ['欧阳娜娜', 'Ouyang Nana', 'pinyin'],
  ['林清和', 'Qinghe Lin', 'reordered'],
  ['阿依古丽·买买提', '买买提·阿依古丽', 'reordered'],
  ['林清和', '林清秋', 'one-character'],
  ['林清', '林远', 'other'],
  ['张伟', '赵文', 'initials'],
  ['林清和', '王五', 'other'],
])('%s beside %s is %s, both ways', (one, other, level) => {
  expect(levelOf(one, other)).toBe(level);
  expect(levelOf(other, one)).toBe(level);
});

test('a surname is read as a surname', () =>
  expect(['单雄信', '曾国藩', '查良镛'].map((name) => nameForms(name).sounds)).toEqual([
    'shanxiongxin',
    'zengguofan',
    'zhaliangyong',
  ]));

test.each(['王芳之子', '王芳之女', '王芳之婴', '王芳婴儿', '王芳之大双'])(
  '%s is no name of its own',
  (name) => expect(isPlaceholder(name)).toBe(true),
);
test.each(['王子', '林之涵', '张小双'])('%s is a name', (name) =>
  expect(isPlaceholder(name)).toBe(false),
);

test('a slip is one digit, or two that changed places', () => {
  expect(isSlip('13957100001', '13957100007')).toBe(true);
  expect(isSlip('13957100001', '13951700001')).toBe(true);
  expect(isSlip('13957100001', '13957100012')).toBe(false);
  expect(isSlip('13957100001', '1395710000')).toBe(false);
});

test('an address that is written otherwise is alike', () => {
  expect(likeness('萧山区北干街道金城路1号', '杭州市萧山区北干街道金城路1号')).toBeGreaterThan(0.6);
  expect(likeness('萧山区北干街道金城路1号', '西湖区文三路20号')).toBeLessThan(0.2);
});
