/** What hospitals write for a patient whom they do not know, whatever follows. */
const UNKNOWN_BEGINS = /^(无名|未知|不详|不祥|身份不明|姓名不详|佚名)/u;
/** What stands where no name was given: the whole of it. */
const NOT_GIVEN = /^(无|不明|匿名|某某|未提供|未登记|未填写?|待查|待核实|待定)$/u;
/** The same in English, in both parts of a name or in one, with a sex or a number behind it. */
const NO_NAMES =
  'UNKNOWN UNK UNIDENTIFIED ANONYMOUS NONAME NOTKNOWN NOTGIVEN NULL NONE UNDEFINED XX+ JOHNDOE ' +
  'JANEDOE DOEJOHN DOEJANE';
const AND_WHO = 'MALE FEMALE MAN WOMAN PATIENT PERSON TRAUMA [MFUX]';
const either = (words: string): string => words.replaceAll(' ', '|');
const NO_NAME = new RegExp(`^(${either(NO_NAMES)})+(${either(AND_WHO)})?\\d*$`, 'u');
const NOT_APPLICABLE = /^\s*N\/?A\s*$/i;

/** Letters and digits of a name, upper case, in one width. */
const lettersOf = (name: string): string =>
  name
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

/**
 * Whether a name is a placeholder: that of an unidentified patient, or signs without a letter. It
 * says nothing of a person.
 */
export const isUnidentified = (name: string): boolean => {
  if (name.trim() === '') return false;
  const letters = lettersOf(name);
  return (
    letters === '' ||
    NOT_APPLICABLE.test(name) ||
    UNKNOWN_BEGINS.test(letters) ||
    NOT_GIVEN.test(letters) ||
    NO_NAME.test(letters)
  );
};

/** A name of which a part is hidden (周*) cannot be compared. */
const isHidden = (name: string): boolean => /[*＊]/.test(name);

/** What of some names can be compared. */
export const namesToCompare = (names: readonly string[]): readonly string[] =>
  names.filter((name) => !isUnidentified(name) && !isHidden(name));

/** Years that databases put where no date was given: 0001, 1753, 1800, 1899, 2999, 9999. */
const YEAR_MIN = '1900';
const YEAR_MAX = '2100';

/** Whether a birth date (YYYY[-MM[-DD]]) says nothing: it is the first or last that a system has. */
export const isNoBirthDate = (date: string): boolean =>
  date < YEAR_MIN || date >= YEAR_MAX || date === '1900-01-01';
