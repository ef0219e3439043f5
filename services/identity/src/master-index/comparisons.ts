import { MATCH_FIELDS, type MATCH_LEVELS, type MatchField } from '@caretab/contracts';
import type { Compared } from './demographics';
import type { NameForms } from './names';
import { differsOnce, isSlip, likeness } from './slips';

/** From this likeness on two addresses are the same place, written otherwise. */
const ALIKE = 0.6;
/** One letter of a shorter name makes another name. */
const LETTERS_MIN = 6;
const CHARACTERS_MIN = 3;

export type LevelOf<Field extends MatchField> = (typeof MATCH_LEVELS)[Field][number];
/** The level of each field that both sides know. */
export type Levels = { readonly [Field in MatchField]?: LevelOf<Field> };

const isOneCharacter = (a: NameForms, b: NameForms): boolean => {
  if (a.isHan !== b.isHan) return false;
  const [one, other] = a.isHan ? [a.folded, b.folded] : [a.sounds, b.sounds];
  const shortest = a.isHan ? CHARACTERS_MIN : LETTERS_MIN;
  return [...one].length >= shortest && differsOnce([...one], [...other]);
};

const nameLevel = (a: NameForms, b: NameForms): LevelOf<'name'> => {
  if (a.plain === b.plain) return 'equal';
  if (a.folded === b.folded) return 'variant';
  if (a.sounds !== '' && a.sounds === b.sounds) return 'pinyin';
  if (a.reordered.includes(b.sounds) || b.reordered.includes(a.sounds)) return 'reordered';
  if (isOneCharacter(a, b)) return 'one-character';
  return a.initials !== '' && a.initials === b.initials ? 'initials' : 'other';
};

/** Two right numbers that differ are two numbers: no single slip keeps the check character right. */
const idNumberLevel = (a: Compared, b: Compared): LevelOf<'idNumber'> => {
  const [one, other] = [a.idNumber!, b.idNumber!];
  if (one === other) return 'equal';
  if (a.isIdNumberRight && b.isIdNumberRight) return 'other';
  return isSlip(one, other) ? 'slip' : 'other';
};

/** Day and month that changed places, or a slip of the hand. */
const birthDateLevel = (one: string, other: string): LevelOf<'birthDate'> => {
  if (one === other) return 'equal';
  const [year, month, day] = one.split('-');
  const isSwapped = `${year}-${day}-${month}` === other;
  return isSwapped || isSlip(one.replaceAll('-', ''), other.replaceAll('-', '')) ? 'slip' : 'other';
};

const addressLevel = (one: string, other: string): LevelOf<'address'> => {
  if (one === other) return 'equal';
  return likeness(one, other) >= ALIKE ? 'alike' : 'other';
};

const typesOf = (identifiers: readonly string[]): ReadonlySet<string> =>
  new Set(identifiers.map((each) => each.split(' ', 1)[0]!));

/** Of the numbers of a kind that both have; undefined where they have none. */
const identifierLevel = (
  a: readonly string[],
  b: readonly string[],
): LevelOf<'identifier'> | undefined => {
  if (a.some((each) => b.includes(each))) return 'equal';
  const types = typesOf(b);
  return [...typesOf(a)].some((type) => types.has(type)) ? 'other' : undefined;
};

type Compare<Field extends MatchField> = (a: Compared, b: Compared) => LevelOf<Field> | undefined;
const both =
  <Value, Level>(
    read: (of: Compared) => Value | undefined,
    compare: (one: Value, other: Value) => Level,
  ) =>
  (a: Compared, b: Compared): Level | undefined => {
    const [one, other] = [read(a), read(b)];
    return one === undefined || other === undefined ? undefined : compare(one, other);
  };
const same = (one: unknown, other: unknown) => (one === other ? 'equal' : 'other');

const COMPARE: { readonly [Field in MatchField]: Compare<Field> } = {
  name: both(({ name }) => name, nameLevel),
  idNumber: (a, b) => (a.idNumber && b.idNumber ? idNumberLevel(a, b) : undefined),
  birthDate: both(({ birthDate }) => birthDate, birthDateLevel),
  sex: both(({ sex }) => sex, same),
  mobile: both(
    ({ mobile }) => mobile,
    (one, other) => (one !== other && isSlip(one, other) ? 'slip' : same(one, other)),
  ),
  address: both(({ address }) => address, addressLevel),
  mother: both(({ mother }) => mother, same),
  identifier: (a, b) => identifierLevel(a.identifiers, b.identifiers),
};

/** How alike two are, field by field; the same whichever comes first. */
export const levelsOf = (a: Compared, b: Compared): Levels =>
  Object.fromEntries(
    MATCH_FIELDS.flatMap((field) => {
      const level = COMPARE[field](a, b);
      return level === undefined ? [] : [[field, level]];
    }),
  );
