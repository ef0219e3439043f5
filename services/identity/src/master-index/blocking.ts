import type { Compared } from './demographics';
import { identifierText } from './demographics';

/** One way to find candidates: a kind, and the text whose keyed hash is kept. */
export interface BlockingKey {
  readonly kind: string;
  readonly text: string;
}

/** Of the parts of a name in any order: one text for both orders. */
const anyOrder = ({ sounds, reordered }: NonNullable<Compared['name']>): string =>
  [sounds, ...reordered].sort()[0]!;

const key = (kind: string, ...parts: readonly (string | undefined)[]): readonly BlockingKey[] =>
  parts.some((part) => part === undefined || part === '') ? [] : [{ kind, text: parts.join(' ') }];

/**
 * The keys under which a person is kept, and by which candidates are looked for: those who share one are
 * compared. Each bears another mistake: a slip in the front or the back of a number, a wrong day, a
 * wrong year, a name written by its sounds. None is shared by many of 3,000,000 persons.
 */
export const blockingKeys = (of: Compared): readonly BlockingKey[] => {
  const { name, idNumber, birthDate, mobile, mother } = of;
  const sounds = name && anyOrder(name);
  const [year, month, day] = birthDate?.split('-') ?? [];
  return [
    ...(idNumber ? key('identifier', identifierText('id-number', idNumber)) : []),
    ...of.identifiers.flatMap((each) => key('identifier', each)),
    ...(idNumber?.length === 18
      ? [...key('id-front', idNumber.slice(0, 9), sounds), ...key('id-back', idNumber.slice(9))]
      : []),
    ...key('name-year', sounds, year),
    ...key('name-day', sounds, month && day && [month, day].sort().join('-')),
    ...key('initials-date', name?.initials, birthDate),
    ...key('mobile', mobile),
    ...key('mother', mother, birthDate),
  ];
};
