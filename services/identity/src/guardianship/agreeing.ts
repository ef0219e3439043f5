import type { Subject } from '@caretab/access';
import { DomainError } from '@caretab/kernel';
import type { GuardianshipRow } from './guardianship.table';

type Guardians = readonly Pick<GuardianshipRow, 'guardianId' | 'consentRule'>[];

interface Asking {
  readonly subject: Subject;
  /** Whom staff name. */
  readonly guardianId?: string | undefined;
}

/**
 * Which guardian agrees: a citizen for themselves, of staff whom they name, else the first. Undefined
 * of who has no guardian. Throws GUARDIAN_NEEDED (conflict): the ward asks, or one who is no guardian.
 */
export const guardianWhoAgrees = (
  personId: string,
  guardians: Guardians,
  { subject, guardianId }: Asking,
): string | undefined => {
  if (guardians.length === 0) return undefined;
  const own = subject.roles.flatMap(({ kind, person }) =>
    kind === 'Citizen' && person !== undefined ? [person] : [],
  );
  const isGuardian = (id: string): boolean => guardians.some((one) => one.guardianId === id);
  const asked = own.length > 0 ? own.find(isGuardian) : (guardianId ?? guardians[0]?.guardianId);
  if (asked === undefined || !isGuardian(asked))
    throw new DomainError('GUARDIAN_NEEDED', 'conflict', {
      personId,
      why: 'the person has a guardian, and another agrees',
    });
  return asked;
};

/** Who has to agree besides, where each guardian has to. */
export const othersNeeded = (guardians: Guardians, byPersonId: string): string[] =>
  guardians
    .filter((one) => one.consentRule === 'both' && one.guardianId !== byPersonId)
    .map(({ guardianId }) => guardianId);
