import type { PersonalData } from '../person/personal-data';

/** How the service of a person stands at credit; undefined: it never was open. */
export type Service = 'open' | 'ending' | 'closed' | undefined;

export interface Fault {
  readonly field: string;
  readonly why: string;
  readonly remedy: string;
}

const WORDS = {
  birthDate: {
    why: 'the two were born on different days',
    remedy: 'two persons; where one registration is wrong, erase it and register again',
  },
  sex: {
    why: 'the ID numbers say different sexes',
    remedy: 'two persons; where one registration is wrong, erase it and register again',
  },
  guardianship: {
    why: 'one of them is a minor or has a guardian, and whose line it is would be unclear',
    remedy: 'end the guardianship first, or wait until the person is of age',
  },
  activation: {
    why: 'the service is being opened for the person who would be merged',
    remedy: 'wait until the activation has ended, or end it',
  },
  service: {
    why: 'the person who would be merged has the service open, and the survivor has not',
    remedy: 'let the other one survive, or open the service for the survivor first',
  },
} as const;

/** Each that stands in the way of a merge, in a fixed order; none: the two may be merged. */
export const mergeFaults = ({
  one,
  other,
  isWard,
  opens,
  service,
}: {
  readonly one: Pick<PersonalData, 'birthDate' | 'sex'>;
  readonly other: Pick<PersonalData, 'birthDate' | 'sex'>;
  readonly isWard: boolean;
  /** An activation of who would be merged is under way. */
  readonly opens: boolean;
  readonly service: { readonly survivor: Service; readonly merged: Service };
}): Fault[] => {
  const hasService = (of: Service): boolean => of === 'open' || of === 'ending';
  const present: Readonly<Record<keyof typeof WORDS, boolean>> = {
    birthDate: one.birthDate !== other.birthDate,
    sex: one.sex !== other.sex,
    guardianship: isWard,
    activation: opens,
    service: hasService(service.merged) && service.survivor !== 'open',
  };
  return (Object.keys(WORDS) as (keyof typeof WORDS)[])
    .filter((field) => present[field])
    .map((field) => ({ field, ...WORDS[field] }));
};
