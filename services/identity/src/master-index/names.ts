import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataOf, VariantCharacters } from '@caretab/contracts';
import { normaliseName } from '@caretab/security';
import { pinyin } from 'pinyin-pro';

const FOLDED: ReadonlyMap<string, string> = new Map(
  dataOf(
    'services/identity/data/variant-characters.json',
    readFileSync(join(__dirname, '../../data/variant-characters.json'), 'utf8'),
    VariantCharacters,
  )
    .pairs.split(' ')
    .map((pair) => [pair[0]!, pair[1]!]),
);
/** Surnames of two characters that are still common. */
const DOUBLE_SURNAMES = new Set(
  '欧阳 上官 司马 诸葛 皇甫 尉迟 公孙 慕容 令狐 司徒 东方 端木 夏侯 长孙 宇文 独孤 南宫 呼延'.split(
    ' ',
  ),
);
/** What wards write before a child has a name: the mother's, and whose child it is. */
const PLACEHOLDER = /之?(大|小|长|次|第?[一二三])?(婴|婴儿|毛毛)$|之(大|小|长|次)?(子|女|男|双)$/u;
const HAN = /\p{Script=Han}/u;

/** A name in the forms that are compared. No form leaves the service. */
export interface NameForms {
  /** Without blanks, dots, marks or case. */
  readonly plain: string;
  /** Variant characters by one form each. */
  readonly folded: string;
  /** Pinyin or Latin letters, in the order as written. */
  readonly sounds: string;
  /** The same with its parts in any other order: given name before surname. */
  readonly reordered: readonly string[];
  readonly initials: string;
  readonly isHan: boolean;
}

const foldedOf = (text: string): string =>
  [...text].map((character) => FOLDED.get(character) ?? character).join('');

/** Letters alone; ü as registers and passports write it (LV, LYU, LU). */
const lettersOf = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[^a-z]/g, '')
    .replace(/([ln])(?:yu|v)/g, '$1u');

const syllablesOf = (han: string, isHead: boolean): readonly string[] =>
  pinyin(han, {
    ...{ toneType: 'none', type: 'array', v: true, nonZh: 'removed' },
    surname: isHead ? 'head' : 'off',
  }).map(lettersOf);

/** Each part of a name as its syllables: surname and given name, or what a dot or blank divides. */
const partsOf = (text: string): readonly (readonly string[])[] => {
  const parts = text.split(/[\s·・•‧∙⋅.,]+/u).filter((part) => part !== '');
  const [first = ''] = parts;
  if (!HAN.test(first)) return parts.map((part) => [lettersOf(part)]);
  if (parts.length > 1) return parts.map((part, index) => syllablesOf(part, index === 0));
  const syllables = syllablesOf(first, true);
  const surname = DOUBLE_SURNAMES.has([...first].slice(0, 2).join('')) ? 2 : 1;
  return [syllables.slice(0, surname), syllables.slice(surname)];
};

/** Whether a name only says whose newborn it is. */
export const isPlaceholder = (name: string): boolean => PLACEHOLDER.test(normaliseName(name));

export const nameForms = (name: string): NameForms => {
  const plain = normaliseName(name);
  const folded = foldedOf(plain);
  const parts = partsOf(foldedOf(name.normalize('NFKC').toLowerCase().trim()));
  const joined = parts.map((part) => part.join(''));
  const rotations = joined.map((_, index) => [...joined.slice(index), ...joined.slice(0, index)]);
  return {
    plain,
    folded,
    sounds: joined.join(''),
    reordered: rotations.slice(1).map((rotation) => rotation.join('')),
    initials: parts.flatMap((part) => part.map((syllable) => syllable.slice(0, 1))).join(''),
    isHan: HAN.test(plain),
  };
};
