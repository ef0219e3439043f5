import { DomainError } from '@caretab/kernel';

/**
 * What a receiver says of a message that is by its right author, and cannot be by what the receiver
 * knows: it is parked. `field` is a JSON pointer; never a value. What may be cured by another message
 * is `awaited` instead.
 */
export const cannotBe = (
  { type }: { readonly type: string },
  field: string,
  why: string,
): DomainError => new DomainError('MESSAGE_IMPOSSIBLE', 'conflict', { type, field, why });
