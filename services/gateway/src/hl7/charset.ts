import type { InterfaceProfile } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { decode as decodeWith } from 'iconv-lite';

/**
 * MSH-18 as hospitals write it, upper case without blanks, hyphens and underscores, and the decoder
 * that reads it.
 */
const CHARSETS: Readonly<Record<string, 'utf-8' | 'ascii' | 'big5' | 'gb18030'>> = {
  UTF8: 'utf-8',
  UNICODE: 'utf-8',
  UNICODEUTF8: 'utf-8',
  ASCII: 'ascii',
  BIG5: 'big5',
  GB180302000: 'gb18030',
  GB18030: 'gb18030',
  GBK: 'gb18030',
  GB180302005: 'gb18030',
  GB180302022: 'gb18030',
  GB2312: 'gb18030',
  GB231280: 'gb18030',
  CP936: 'gb18030',
};

type Charset = (typeof CHARSETS)[string];
const DECODERS: readonly Charset[] = ['utf-8', 'ascii', 'big5', 'gb18030'];
const REPLACEMENT = '\uFFFD';
const MSH_18 = 17;

/** The bytes as text, or undefined when they are not text of this charset. */
const strictly = (bytes: Buffer, charset: Charset): string | undefined => {
  if (charset === 'ascii')
    return bytes.every((byte) => byte < 0x80) ? bytes.toString('latin1') : undefined;
  if (charset === 'utf-8') {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return undefined; // The only thing a fatal decoder throws for: bytes that are not UTF-8.
    }
  }
  const text = decodeWith(bytes, charset);
  return text.includes(REPLACEMENT) ? undefined : text;
};

/** The first of MSH-18 is that of the message; others are those of its escape sequences. */
const declared = (header: string): string => {
  const [first = ''] = (header.split(header.charAt(3) || '|')[MSH_18] ?? '').split(/[~^]/);
  return first.toUpperCase().replace(/[\s_-]/g, '');
};

const headerOf = (bytes: Buffer): Buffer => {
  const end = bytes.findIndex((byte) => byte === 0x0d || byte === 0x0a);
  return end < 0 ? bytes : bytes.subarray(0, end);
};

/**
 * Reads a message's bytes in the charset its own MSH-18 names (absent: `usual`). In Big5 and GB18030
 * the second byte of a character may be `|`, `^`, `~` or `\`, so the header is read in each
 * charset, and the one that then names itself is right. Throws CHARSET_UNSUPPORTED, CHARSET_BROKEN
 * or CHARACTER_FORBIDDEN (invalid).
 */
export const decode = (
  bytes: Buffer,
  usual: NonNullable<InterfaceProfile['characterSet']> = 'UTF-8',
): string => {
  const named = (header: string): Charset | undefined =>
    CHARSETS[declared(header) || usual.replace('-', '')];
  const header = headerOf(bytes);
  const charset = DECODERS.find((candidate) => {
    const text = strictly(header, candidate);
    return text !== undefined && named(text) === candidate;
  });
  if (!charset) {
    if (named(header.toString('latin1'))) throw broken();
    throw new DomainError('CHARSET_UNSUPPORTED', 'invalid', {
      field: 'MSH-18',
      why: 'the character set is not one of those supported',
      remedy: 'send UNICODE UTF-8, BIG5, GB18030-2000 or ASCII',
    });
  }
  const text = strictly(bytes, charset);
  if (text === undefined) throw broken();
  if (text.includes('\0'))
    throw new DomainError('CHARACTER_FORBIDDEN', 'invalid', {
      why: 'the message holds the character U+0000',
      remedy: 'send text without it',
    });
  return text;
};

/**
 * As `decode`, for a message of which no more than the header is used: the segments after it are
 * only split. In no character set that is read here does CR or LF stand within a character. Throws as
 * `decode` does, of the header.
 */
export const decodeHeader = (
  bytes: Buffer,
  usual?: NonNullable<InterfaceProfile['characterSet']>,
): string => {
  const header = headerOf(bytes);
  return decode(header, usual) + bytes.subarray(header.length).toString('latin1');
};

const broken = (): DomainError =>
  new DomainError('CHARSET_BROKEN', 'invalid', {
    field: 'MSH-18',
    why: 'the bytes are not text of the character set that the message names',
    remedy:
      'send the bytes in the character set of MSH-18; absent means UTF-8, or what the interface ' +
      'profile of the institution says',
  });

const MARKS = [Buffer.from('efbbbf', 'hex'), Buffer.from('84319533', 'hex')];

/** A frame without a byte-order mark (of UTF-8 or GB18030) and line ends before its first segment. */
export const withoutMark = (bytes: Buffer): Buffer => {
  const mark = MARKS.find((one) => bytes.subarray(0, one.length).equals(one));
  const from = mark?.length ?? 0;
  const start = bytes.findIndex((byte, at) => at >= from && byte !== 0x0d && byte !== 0x0a);
  return start < 0 ? bytes.subarray(bytes.length) : bytes.subarray(start);
};
