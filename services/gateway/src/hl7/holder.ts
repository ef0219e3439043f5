import type { Holder } from '@caretab/contracts';
import { type Segment, unescapeText } from './segment';

const NAME_REPETITIONS_MAX = 4;
const NAME_LENGTH_MAX = 200;
const SEXES: Readonly<Record<string, Holder['sex']>> = { M: 'male', F: 'female' };

/** Both orders of each repetition of PID-5 (XPN: family name, given name). */
const namesIn = (pid: Segment): string[] => {
  const repetitions = Math.min(pid.repetitions(5), NAME_REPETITIONS_MAX);
  const names = Array.from({ length: repetitions }, (_, repetition) => {
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
