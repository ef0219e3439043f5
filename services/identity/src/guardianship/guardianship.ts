import type { GuardianshipEnd } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { isMinor, type PersonalData } from '../person/personal-data';
import type { GuardianshipRow } from './guardianship.table';

type Terms = Pick<GuardianshipRow, 'basis' | 'until'>;
type Born = Pick<PersonalData, 'birthDate'>;

const OF_AGE = 18;
const MONTH = 'YYYY-MM'.length;

/** The day after a day (YYYY-MM-DD). */
const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** Why it holds no more on a day, whatever the job did by then; undefined while it holds. */
export const endOn = (
  { basis, until }: Terms,
  ward: Born,
  day: string,
): Exclude<GuardianshipEnd, 'REVOKED'> | undefined => {
  if (basis === 'minor' && !isMinor(ward, day)) return 'CAME_OF_AGE';
  return until !== null && until <= day ? 'PERIOD_OVER' : undefined;
};

/** The day after `day` on which it may end, or its ward comes of age. */
export const lookOn = ({ until }: Pick<Terms, 'until'>, ward: Born, day: string): string | null => {
  const [year = '', rest = ''] = [ward.birthDate.slice(0, 4), ward.birthDate.slice(4, MONTH)];
  const month = `${Number(year) + OF_AGE}${rest}-01`;
  const days = [
    ...(isMinor(ward, day) ? [month > day ? month : dayAfter(day)] : []),
    ...(until !== null ? [until > day ? until : dayAfter(day)] : []),
  ];
  return days.sort()[0] ?? null;
};

/** Those in force on a day, the first guardian first. */
export const inForce = (
  rows: readonly GuardianshipRow[],
  ward: Born,
  day: string,
): GuardianshipRow[] =>
  rows
    .filter((row) => row.endedAt === null && endOn(row, ward, day) === undefined)
    .sort((one, other) => one.rank.localeCompare(other.rank));

const sameTerms = (one: GuardianshipRow, other: GuardianshipRow): boolean =>
  (
    ['relation', 'basis', 'until', 'consentRule', 'evidenceKind', 'evidenceReference'] as const
  ).every((field) => one[field] === other[field]);

/** Whether an appointment says nothing new. */
export const isSame = (known: GuardianshipRow | undefined, next: GuardianshipRow): boolean =>
  known !== undefined && sameTerms(known, next);

/**
 * Whether two persons have to decide: where a guardian is replaced or added, for an adult or beyond 18,
 * and where a known one gets longer or has to agree less.
 */
export const needsTwo = (
  present: readonly GuardianshipRow[],
  known: GuardianshipRow | undefined,
  next: GuardianshipRow,
): boolean => {
  if (next.basis === 'incapacity') return true;
  if (!known) return present.length > 0;
  const isLonger = known.until !== null && (next.until === null || next.until > known.until);
  return isLonger || known.basis !== next.basis || known.consentRule !== next.consentRule;
};

/** Throws GUARDIANSHIP_UNPROVEN (invalid): what is asked for needs other evidence. */
export const assertProven = (row: GuardianshipRow, isFirstOfMinor: boolean): void => {
  const { basis, evidenceKind } = row;
  if (basis === 'incapacity' && evidenceKind !== 'court-decision')
    throw new DomainError('GUARDIANSHIP_UNPROVEN', 'invalid', {
      field: '/evidence/kind',
      why: 'that an adult has not full capacity is decided by a court',
      remedy: 'send the decision: kind court-decision, and the number under which it is filed',
    });
  if (evidenceKind === null && !isFirstOfMinor)
    throw new DomainError('GUARDIANSHIP_UNPROVEN', 'invalid', {
      field: '/evidence',
      why: 'a further or other guardian needs evidence',
      remedy: 'send its kind and the number under which it is filed',
    });
};
