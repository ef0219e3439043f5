import type { Holder } from '@caretab/contracts';
import type { Faults } from '../intake/fault';
import { isUnidentified } from '../intake/unidentified';
import { type Segment, unescapeText } from './segment';

const NAME_REPETITIONS_MAX = 4;
const NAME_LENGTH_MAX = 200;
/** HL7 v2.5.1 table 0001, and GB/T 2261.1 in digits. Codes that say neither are not compared. */
const SEXES: ReadonlyMap<string, Holder['sex']> = new Map([
  ...(['M', '1'] as const).map((code) => [code, 'male'] as const),
  ...(['F', '2'] as const).map((code) => [code, 'female'] as const),
  ...(['O', 'U', 'A', 'N', '0', '9'] as const).map((code) => [code, undefined] as const),
]);

/** XPN.7 of a name that is none: unspecified, or a pseudonym. */
const PLACEHOLDERS = new Set(['U', 'S']);

/** Family and given name of one repetition of PID-5. */
const partsOf = (pid: Segment, repetition: number): readonly [string, string] => {
  const part = (component: number): string =>
    unescapeText(pid.at(5, component, repetition).split('&')[0]!);
  return [part(1), part(2)];
};

const repetitionsOf = (pid: Segment): number[] =>
  Array.from({ length: Math.min(pid.repetitions(5), NAME_REPETITIONS_MAX) }, (_, index) => index);

/** UNKNOWN^UNKNOWN, 无名氏, or a type that says so. */
const isPlaceholder = (pid: Segment, repetition: number): boolean => {
  const parts = partsOf(pid, repetition).filter((part) => part !== '');
  return (
    PLACEHOLDERS.has(pid.at(5, 7, repetition)) ||
    (parts.length > 0 && parts.every(isUnidentified)) ||
    isUnidentified(parts.join(' '))
  );
};

/** Whether PID names a patient whom the hospital does not know, and nothing else. */
export const isUnidentifiedIn = (pid: Segment): boolean => {
  const repetitions = repetitionsOf(pid);
  return repetitions.length > 0 && repetitions.every((one) => isPlaceholder(pid, one));
};

/** Both orders of each repetition of PID-5 (XPN: family name, given name), as sent first. */
const namesIn = (pid: Segment): string[] => {
  const names = repetitionsOf(pid).flatMap((repetition) => {
    if (isPlaceholder(pid, repetition)) return [];
    const [family, given] = partsOf(pid, repetition);
    const between = /\p{Script=Latin}/u.test(family + given) ? ' ' : '';
    return [[family, given].join(between), [given, family].join(between)];
  });
  return [...new Set(names.map((name) => name.trim()))].filter(
    (name) => name !== '' && name.length <= NAME_LENGTH_MAX,
  );
};

/** TS.2 as it was until 2.4: how exact the first component is. */
const LENGTHS: Readonly<Record<string, number>> = { Y: 4, L: 7 };

/** PID-7 as YYYY[-MM[-DD]], as exact as it is sent: 1994, 199411, 19940000, 1994-11-06. */
const birthDateIn = (pid: Segment): string | undefined => {
  const form = /^(\d{4})[-/.]?(?:(\d{2})[-/.]?(?:(\d{2})(?!\d(?:\D|$)).*)?)?$/s;
  const [, year, month = '00', day = '00'] = form.exec(pid.at(7)) ?? [];
  if (year === undefined) return undefined;
  const date = month === '00' ? year : `${year}-${month}${day === '00' ? '' : `-${day}`}`;
  const whole = `${date}-01-01`.slice(0, 10);
  const at = Date.parse(`${whole}T00:00:00Z`);
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== whole) return undefined;
  return date.slice(0, LENGTHS[pid.at(7, 2)]);
};

/** Notes a code of PID-8 that stands in neither list: that sex is compared with nothing. */
export const checkSexCode = (pid: Segment, warnings: Faults): void => {
  const code = pid.at(8);
  if (code === '' || SEXES.has(code)) return;
  warnings.add(
    pid.name(8),
    'SEX_CODE_UNKNOWN',
    'the code is none of a sex: the sex is not compared with the registered one',
    `send one of ${[...SEXES.keys()].join(', ')}, or leave PID-8 empty`,
  );
};

/**
 * Whom PID is about (PID-5, PID-7, PID-8), as far as it can be read: it is compared, and no message
 * is refused for its form.
 */
export const holderIn = (pid: Segment): Holder | undefined => {
  const names = namesIn(pid);
  const birthDate = birthDateIn(pid);
  const sex = SEXES.get(pid.at(8));
  if (names.length === 0 && !birthDate && !sex) return undefined;
  return {
    ...(names.length > 0 && { names }),
    ...(birthDate && { birthDate }),
    ...(sex && { sex }),
  };
};
