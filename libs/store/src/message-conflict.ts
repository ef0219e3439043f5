import { DomainError } from '@caretab/kernel';

/**
 * The same id came with other content: which of the two is right is unknown here, and nothing is
 * changed.
 */
export const refuseConflict = (
  messageId: string,
  known: string | null | undefined,
  content: string | undefined,
): void => {
  if (known && content && known !== content)
    throw new DomainError('MESSAGE_CONFLICT', 'conflict', { messageId });
};
