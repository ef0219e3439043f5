/**
 * How wards name a newborn before it has a name. All rules are here; the guides of both doors list
 * them. A name alone decides where it says whose child it is, or that it is newborn (`sure`). Pet
 * names and `小…` are true names, too (毛毛, 小林): they decide only without a birth date (`likely`).
 * What is left when such a word is taken off is the mother's name, where it is the registered one.
 */
export type NewbornForm = 'sure' | 'likely';

/** Of twins, or of a second child: 周某之女A, 周某女婴2. */
const WHICH = '[A-D大小甲乙丙一二三四\\d]?';

const SURE: readonly RegExp[] = [
  // 周某之女, 周某之长子, 周某之女婴, 周某之双胎
  new RegExp(
    `之[大小长次一二三四]?(子|女|婴|男|儿|娃|双)(子|女|婴|婴儿|儿|孩|胎|胞胎|生子|生女)?${WHICH}$`,
    'u',
  ),
  // 周某婴儿, 男婴, 新生儿周某
  new RegExp(`(婴儿|男婴|女婴|双婴|新生儿|新生婴|初生儿|小毛头)${WHICH}$`, 'u'),
  /^(婴儿|男婴|女婴|新生儿|新生婴|初生儿|婴$|BB$|BABY$)/u,
];
const SURE_WORDS: readonly RegExp[] = [
  /\bBABY ?(BOY|GIRL|MALE|FEMALE|OF|[A-D1-4])\b/,
  /\b(NEWBORN|NEONATE)\b/,
  /\b(INFANT|CHILD|BOY|GIRL|SON|DAUGHTER|TWINS?) OF\b/,
  /\b(B\/O|S\/O|D\/O)\b/,
];

const PET = '毛毛|宝宝|贝贝|囡囡|毛头|娃娃|儿子|女儿|婴|BB';
const LIKELY: readonly RegExp[] = [
  new RegExp(`(${PET})${WHICH}$`, 'u'),
  /^小[\p{Script=Han}]{1,2}$/u,
  /^[男女]$/u,
];
const LIKELY_WORDS: readonly RegExp[] = [/\b(BABY|NB|BOY|GIRL|TWIN ?[A-D1-4])\b/];

/** 小周伟; 周伟毛毛; 周伟女: what is left may be the mother's name. */
const AFTER_MOTHER = [
  /^小(.{2,})$/u,
  new RegExp(`^(.{2,}?)(?:${PET}|之|子|女|儿|宝|毛|囡|娃)${WHICH}$`, 'u'),
];
const CHILD_WORDS = /\b(BABY|BOY|GIRL|MALE|FEMALE|CHILD|TWIN|NB|BB|[A-D1-4])\b/g;

const lettersOf = (name: string): string => wordsOf(name).replace(/ /g, '');
/** Upper case, in one width, one blank between words; the slash of B/O stays. */
const wordsOf = (name: string): string =>
  name
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}/]+/gu, ' ')
    .trim();

const isAny = (patterns: readonly RegExp[], text: string): boolean =>
  patterns.some((pattern) => pattern.test(text));

/** What some writings of one name say; the first is as its sender ordered it. */
export const newbornForm = (names: readonly string[]): NewbornForm | undefined => {
  const isAnyWord = (words: readonly RegExp[]): boolean =>
    names.some((name) => isAny(words, wordsOf(name)));
  if (isAnyWord(SURE_WORDS) || names.some((name) => isAny(SURE, lettersOf(name)))) return 'sure';
  // Turned round, 王^小明 would begin with 小.
  const isLikely = isAnyWord(LIKELY_WORDS) || isAny(LIKELY, lettersOf(names[0] ?? ''));
  return isLikely ? 'likely' : undefined;
};

/** Names of which the mother's may be one, where these are her newborn's; at most four. */
export const mothersNames = (names: readonly string[]): readonly string[] => {
  const left = names.flatMap((name) => {
    const letters = lettersOf(name);
    const words = wordsOf(name);
    const rest = words.replace(CHILD_WORDS, '').replace(/ +/g, ' ').trim();
    const after = AFTER_MOTHER.flatMap((pattern) => pattern.exec(letters)?.[1] ?? []);
    return rest !== words && rest.length > 1 ? [...after, rest] : after;
  });
  return [...new Set(left)].slice(0, 4);
};

const DAY_MS = 24 * 60 * 60 * 1000;
/** A newborn is younger than 28 days (WHO: the neonatal period). */
const NEWBORN_MS = 28 * DAY_MS;
const CHINA_MS = 8 * 60 * 60 * 1000;

/**
 * Whether who was born then may be a newborn at a moment (ms). `birthDate`: YYYY[-MM[-DD]], a day in
 * Asia/Shanghai; of a month or a year it may be any day.
 */
export const mayBeNewborn = (birthDate: string, atMs: number): boolean => {
  const [year = 0, month, day] = birthDate.split('-').map(Number);
  const first = Date.UTC(year, (month ?? 1) - 1, day ?? 1) - CHINA_MS;
  // Day 0 is the last one of the month before.
  const last = day === undefined ? Date.UTC(year, month ?? 12, 0) - CHINA_MS : first;
  return first - DAY_MS <= atMs && atMs - last < NEWBORN_MS;
};
