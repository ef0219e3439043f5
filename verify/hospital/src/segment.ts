import iconv from 'iconv-lite';

/**
 * One HL7 segment from its fields, numbered as in the standard; the gaps stay empty. MSH-1 is the
 * separator itself and is not given.
 */
export const segment = (
  name: string,
  fields: Readonly<Record<number, string | undefined>>,
): string => {
  const first = name === 'MSH' ? 2 : 1;
  const last = Math.max(
    ...Object.keys(fields)
      .map(Number)
      .filter((index) => fields[index] !== undefined),
  );
  const values = Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, index) => fields[first + index] ?? '',
  );
  return [name, ...values].join('|');
};

/** An HL7 time stamp (TS), to the second, of an RFC 3339 instant with the offset of China. */
export const stamp = (instant: string): string =>
  `${instant.slice(0, 19).replace(/[-T:]/g, '')}+0800`;

const ENCODINGS: Readonly<Record<string, string>> = { BIG5: 'big5', 'GB18030-2000': 'gb18030' };

/** Bytes of a message in the character set that MSH-18 names; UTF-8 for any other name. */
export const encoded = (message: string, charset: string): Buffer =>
  iconv.encode(message, ENCODINGS[charset] ?? 'utf8');
