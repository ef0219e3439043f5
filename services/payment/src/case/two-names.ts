import { assert } from '@caretab/kernel';
import type { Decided } from './open-case';

/** What one person asked for and another approved, by evidence. */
export const decidedByTwo = ({ declaredBy, approvedBy, evidence }: Decided): Decided => {
  assert(approvedBy !== undefined && declaredBy !== approvedBy, 'two people decided it');
  return { declaredBy, approvedBy, evidence };
};

/** Who decided: the one who asks, and the one whose approval the request carries. */
export const decidersOf = ({
  subject,
  approvedBy,
}: {
  readonly subject: { readonly id: string };
  readonly approvedBy?: string;
}): Omit<Decided, 'evidence'> => {
  assert(approvedBy !== undefined, 'what two people decide carries an approval');
  return { declaredBy: subject.id, approvedBy };
};
