import { DomainError } from '@caretab/kernel';
import type { Decided } from './open-case';

const plain = (name: string): string => name.normalize('NFKC').replaceAll(/\s+/g, '').toLowerCase();

/** What two people decided by evidence. Throws APPROVAL_BY_ANOTHER (invalid) where they are one. */
export const decidedByTwo = ({ declaredBy, approvedBy, evidence }: Decided): Decided => {
  if (plain(declaredBy) === plain(approvedBy))
    throw new DomainError('APPROVAL_BY_ANOTHER', 'invalid', {
      faults: [{ field: '/approvedBy', why: 'is the one who declares' }],
    });
  return { declaredBy, approvedBy, evidence };
};
