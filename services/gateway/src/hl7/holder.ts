import type { Holder } from '@caretab/contracts';
import { isUnidentified } from '../intake/unidentified';
import { type Segment, unescapeText } from './segment';

const NAME_REPETITIONS_MAX = 4;
const NAME_LENGTH_MAX = 200;
const SEXES: Readonly<Record<string, Holder['sex']>> = { M: 'male', F: 'female' };

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

/**
 * Whom PID is about (PID-5, PID-7, PID-8), as far as it can be read: it is compared, and no message
 * is refused for its form.
 */
export const holderIn = (pid: Segment): Holder | undefined => {
  const names = namesIn(pid);
  const birthDate = birthDateIn(pid);
  const sex = SEXES[pid.at(8)];
  if (names.length === 0 && !birthDate && !sex) return undefined;
  return {
    ...(names.length > 0 && { names }),
    ...(birthDate && { birthDate }),
    ...(sex && { sex }),
  };
};
