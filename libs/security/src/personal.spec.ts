import fc from 'fast-check';
import {
  maskEmail,
  maskIdNumber,
  maskMobile,
  maskName,
  normaliseName,
  readEmail,
  readMobile,
  readName,
} from './personal';

test.each(['张三', '欧阳娜娜', '买买提·艾力', 'Anna Müller', "Sean O'Neill", 'Li Lei Jr.'])(
  'takes %s for a name',
  (name) => expect(readName(` ${name} `)).toBe(name),
);

test.each(['', '张', '三3', '张三;', '·张', 'x', '<b>张三</b>', '13812345678', '张'.repeat(51)])(
  'does not take "%s" for a name',
  (name) => expect(() => readName(name)).toThrow('NAME_INVALID'),
);

test('writes the middle dot of a transliterated name in one way, and compares without it', () => {
  expect(readName('买买提•艾力')).toBe('买买提·艾力');
  expect(normaliseName('买买提·艾力')).toBe(normaliseName('买买提艾力'));
  expect(normaliseName('Anna  MÜLLER')).toBe(normaliseName('anna müller'));
});

test.each([
  '13812345678',
  '+86 138 1234 5678',
  '0086-13812345678',
  '8613812345678',
  '１３８１２３４５６７８',
])('reads the mobile number %s', (text) => expect(readMobile(text)).toBe('13812345678'));

test.each(['12812345678', '1381234567', '138123456789', '057187654321', 'abc'])(
  'refuses the mobile number %s without repeating it',
  (text) => {
    expect(() => readMobile(text)).toThrow('MOBILE_INVALID');
    expect(() => readMobile(text)).not.toThrow(text);
  },
);

test('masks what a person is known by', () => {
  expect(maskName('张三丰')).toBe('张**');
  expect(maskIdNumber('11010519491231002X')).toBe('110*************2X');
  expect(maskMobile('13812345678')).toBe('138****5678');
  expect(maskEmail('zhang@example.cn')).toBe('z****@example.cn');
});

test('never shows a whole text, however short', () =>
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9]{1,30}$/), (text) => {
      for (const masked of [maskName(text), maskIdNumber(text), maskMobile(text)])
        expect(masked).toMatch(/\*/);
    }),
  ));

test.each(['·', '・', '•', '‧', '.', '･', ' ', ''])(
  'a transliterated name is the same with "%s" between its parts',
  (mark) => expect(normaliseName(`买买提${mark}艾力`)).toBe(normaliseName('买买提·艾力')),
);

test('shapes of one character are one name; a traditional form may be another name', () => {
  expect(normaliseName('黃淸峯')).toBe(normaliseName('黄清峰'));
  expect(normaliseName('張三')).not.toBe(normaliseName('张三'));
});

test('a compared form is its own compared form', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) =>
      expect(normaliseName(normaliseName(name))).toBe(normaliseName(name)),
    ),
    // A mark that stood behind a blank.
    { examples: [['㏉῁']] },
  ));

test.each(['a,b;c<x@evil.example>', 'x%y.z,victim@e.e', 'a@b@c.example', '"a b"@c.example'])(
  'what a mailer could read as two recipients, a route or a name is no address: %s',
  (text) =>
    expect(() => readEmail(text)).toThrow(expect.objectContaining({ code: 'EMAIL_INVALID' })),
);

test.each([
  'zhang@mail',
  '.a@mail.example',
  'a..b@mail.example',
  'a@-mail.example',
  'a@mail.example.',
])('no address: %s', (text) =>
  expect(() => readEmail(text)).toThrow(expect.objectContaining({ code: 'EMAIL_INVALID' })),
);

test.each([' Zhang.San+care@mail.example ', "o'neill@xn--fiqs8s.cn", '13812345678@139.com'])(
  'an address is kept in small letters: %s',
  (text) => expect(readEmail(text)).toBe(text.trim().toLowerCase()),
);
