import { DomainError } from '@caretab/kernel';

/**
 * A name as written in the register: NFKC, blanks tidied. At least two characters, at most 50; Han
 * characters with the middle dot of transliterated names, or Latin letters. Throws NAME_INVALID
 * (invalid), never with the name.
 */
export const readName = (text: string): string => {
  const name = text
    .normalize('NFKC')
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[・•‧∙⋅]|(?<=\p{Script=Han})\.(?=\p{Script=Han})/gu, '·');
  const length = [...name].length;
  const plausible =
    /^\p{Script=Han}[\p{Script=Han}·]*\p{Script=Han}$/u.test(name) ||
    /^\p{Script=Latin}[\p{Script=Latin}\p{Mark} .,'’-]*[\p{Script=Latin}\p{Mark}.]$/u.test(name);
  if (!plausible || length > 50) throw new DomainError('NAME_INVALID', 'invalid', { length });
  return name;
};

/**
 * Shapes of one character that registers and character sets write differently (GB 18030, Big5, KS X
 * 1001), by the shape that is compared. No simplification: 張 and 张 may be two names.
 */
const SHAPES: ReadonlyMap<string, string> = new Map(
  '靑青 淸清 黃黄 呂吕 內内 兪俞 敎教 戶户 峯峰 羣群 畧略 崐昆 崑昆 濬浚 鑑鉴 郞郎 硏研 眞真'
    .split(' ')
    .map((pair) => [pair[0]!, pair[1]!]),
);

/** The form in which two names are compared: no blanks, dots, marks or case, one shape each. */
export const normaliseName = (name: string): string =>
  [...name.normalize('NFKC').toLowerCase()]
    .map((character) => SHAPES.get(character) ?? character)
    .join('')
    .replace(/[\s·・•‧∙⋅.,'’-]/g, '')
    // A mark whose blank is gone is composed with the letter before.
    .normalize('NFKC');

/**
 * A mainland mobile number, as 11 digits; +86, 0086, blanks and hyphens are left out. Throws
 * MOBILE_INVALID (invalid), never with the number.
 */
export const readMobile = (text: string): string => {
  const mobile = text
    .normalize('NFKC')
    .replace(/[\s()-]/g, '')
    .replace(/^(\+86|0086|86(?=1\d{10}$))/, '');
  if (!/^1[3-9]\d{9}$/.test(mobile))
    throw new DomainError('MOBILE_INVALID', 'invalid', { length: mobile.length });
  return mobile;
};

const ATOM = "[a-z0-9!#$&'*+/=?^_`{|}~-]+";
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const EMAIL = new RegExp(
  `^(?=.{1,64}@)${ATOM}(?:\\.${ATOM})*@(?=.{1,180}$)(?:${LABEL}\\.)+${LABEL}$`,
);

/**
 * One e-mail address (RFC 5321, without quoted or routed forms), lower case. Whatever a mail server
 * could read as a list, a route or a second recipient is none. Throws EMAIL_INVALID (invalid), never
 * with the address.
 */
export const readEmail = (text: string): string => {
  const email = text.trim().toLowerCase();
  if (!EMAIL.test(email))
    throw new DomainError('EMAIL_INVALID', 'invalid', { length: email.length });
  return email;
};

/**
 * Keeps the first `head` and the last `tail` characters; a text too short for that is hidden whole.
 */
const mask = (text: string, head: number, tail: number): string => {
  const characters = [...text];
  if (characters.length <= head + tail) return '*'.repeat(characters.length);
  return characters
    .map((character, index) =>
      index < head || index >= characters.length - tail ? character : '*',
    )
    .join('');
};

/** 张三丰 → 张** */
export const maskName = (name: string): string => mask(name, 1, 0);
/** 11010519491231002X → 110*************2X. Birth date and sequence stay hidden. */
export const maskIdNumber = (idNumber: string): string => mask(idNumber, 3, 2);
/** 13812345678 → 138****5678 */
export const maskMobile = (mobile: string): string => mask(mobile, 3, 4);
/** zhang@example.cn → z****@example.cn */
export const maskEmail = (email: string): string => {
  const at = email.lastIndexOf('@');
  return mask(email.slice(0, at), 1, 0) + email.slice(at);
};
