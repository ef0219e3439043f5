import type { Holder } from '@caretab/contracts';
import { isUnidentified } from '../intake/unidentified';
import { type Segment, unescapeText } from './segment';

const NAME_REPETITIONS_MAX = 4;
const NAME_LENGTH_MAX = 200;
const SEXES: Readonly<Record<string, Holder['sex']>> = { M: 'male', F: 'female' };

/** XPN.7 of a name that is none: unspecified, or a pseudonym. */
const PLACEHOLDERS = new Set(['U', 'S']);

const isPlaceholder = (pid: Segment, repetition: number): boolean =>
  PLACEHOLDERS.has(pid.at(5, 7, repetition)) ||
  isUnidentified(`${pid.at(5, 1, repetition)}${pid.at(5, 2, repetition)}`);

/** Whether PID names a patient whom the hospital does not know. */
export const isUnidentifiedIn = (pid: Segment): boolean =>
  Array.from({ length: Math.min(pid.repetitions(5), NAME_REPETITIONS_MAX) }, (_, repetition) =>
    isPlaceholder(pid, repetition),
  ).includes(true);

/** Both orders of each repetition of PID-5 (XPN: family name, given name). */
const namesIn = (pid: Segment): string[] => {
  const repetitions = Math.min(pid.repetitions(5), NAME_REPETITIONS_MAX);
  const names = Array.from({ length: repetitions }, (_, repetition) => {
    if (isPlaceholder(pid, repetition)) return [];
    const [family, given] = [1, 2].map((component) =>
      unescapeText(pid.at(5, component, repetition).split('&')[0]!),
    );
    return [`${family}${given}`, `${given}${family}`];
  }).flat();
  return [...new Set(names)].filter((name) => name !== '' && name.length <= NAME_LENGTH_MAX);
};

/**
 * Whom PID is about (PID-5, PID-7, PID-8), as far as it can be read: it is compared, and no message
 * is refused for its form.
 */
export const holderIn = (pid: Segment): Holder | undefined => {
  const names = namesIn(pid);
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})/.exec(pid.at(7)) ?? [];
  const sex = SEXES[pid.at(8)];
  if (names.length === 0 && !day && !sex) return undefined;
  return {
    ...(names.length > 0 && { names }),
    ...(day && { birthDate: `${year}-${month}-${day}` }),
    ...(sex && { sex }),
  };
};
