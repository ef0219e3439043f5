import { encode } from 'iconv-lite';
import { hl7, translated } from '../../test/gateway';
import { decode } from './charset';

const codeOf = (bytes: Buffer): string => {
  try {
    decode(bytes);
    return 'read';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

/**
 * Second bytes 5C, 7C, 5E, 7E: Big5 功 (A5 5C), 四 (A5 7C), 回 (A6 5E), 外 (A5 7E); GB18030 乗 (81 5C),
 * 億 (83 7C), 區 (85 5E), 儈 (83 7E).
 */
const NAMES = { BIG5: '功四^回外', 'GB18030-2000': '乗億^區儈' } as const;

test.each(Object.entries(NAMES))(
  'a %s name whose second bytes look like separators is read whole',
  (charset, name) => {
    const text = hl7('ADT^A04', { charset, name, pv1: { 7: '' } });
    const bytes = encode(text, charset === 'BIG5' ? 'big5' : 'gb18030');
    expect(bytes.toString('latin1').split('|').length).toBeGreaterThan(text.split('|').length);
    expect(decode(bytes)).toBe(text);
    expect(translated(decode(bytes)).visitNumber).toBe('V0001');
  },
);

test.each([
  ['BIG5', 'big5', '四功醫院'],
  ['GB18030-2000', 'gb18030', '乗億医院'],
])('a %s facility before MSH-18 does not hide it', (charset, encoding, facility) => {
  const text = hl7('ADT^A04', { charset, facility, name: '甲^乙', pv1: { 7: '' } });
  expect(decode(encode(text, encoding))).toBe(text);
  expect(translated(decode(encode(text, encoding))).facility).toBe(facility);
});

test('every way of writing a character set is understood; absent means UTF-8', () => {
  for (const charset of ['', 'UNICODE UTF-8', 'UTF-8', 'UNICODE'])
    expect(decode(Buffer.from(hl7('ADT^A04', { charset }), 'utf8'))).toContain('测试');
  for (const charset of ['GB18030', 'GB 18030-2000', 'GBK', 'gb2312'])
    expect(decode(encode(hl7('ADT^A04', { charset }), 'gb18030'))).toContain('测试');
  expect(
    decode(
      Buffer.from(
        hl7('ADT^A04', { charset: 'ASCII', name: 'CESHI' }).replace('甲^医生', 'A'),
        'latin1',
      ),
    ),
  ).toContain('CESHI');
});

test('bytes that are not what MSH-18 says are refused, never guessed', () => {
  expect(codeOf(encode(hl7('ADT^A04'), 'gb18030'))).toBe('CHARSET_BROKEN');
  expect(codeOf(encode(hl7('ADT^A04', { charset: '' }), 'big5'))).toBe('CHARSET_BROKEN');
  expect(codeOf(Buffer.from(hl7('ADT^A04', { charset: 'ASCII' }), 'utf8'))).toBe('CHARSET_BROKEN');
  expect(
    codeOf(
      Buffer.concat([
        encode(hl7('ADT^A04', { charset: 'BIG5', name: '四', pv1: { 7: '' } }), 'big5'),
        Buffer.from([0xff, 0xff]),
      ]),
    ),
  ).toBe('CHARSET_BROKEN');
});

test('a message that holds U+0000 is refused before anybody is asked about it: no database can store it', () => {
  expect(codeOf(Buffer.from(hl7('ADT^A04', { facility: 'HZ\u0000001' }), 'utf8'))).toBe(
    'CHARACTER_FORBIDDEN',
  );
});

test('other character sets are refused by name', () => {
  expect(codeOf(Buffer.from(hl7('ADT^A04', { charset: '8859/1' }), 'utf8'))).toBe(
    'CHARSET_UNSUPPORTED',
  );
  expect(codeOf(Buffer.from(hl7('ADT^A04', { charset: '8859/1~UNICODE UTF-8' }), 'utf8'))).toBe(
    'CHARSET_UNSUPPORTED',
  );
});

test('of a repeated MSH-18 the first is the one of the message', () => {
  const text = hl7('ADT^A04', { charset: 'GB18030-2000~UNICODE UTF-8' });
  expect(decode(encode(text, 'gb18030'))).toBe(text);
  const unnamed = hl7('ADT^A04', { charset: '~GB18030' });
  expect(decode(Buffer.from(unnamed, 'utf8'))).toBe(unnamed);
});
