import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type IntakeRow, intakeTable } from './intake.table';
import { type MessageKey, NO_APPLICATION } from './submission';

/** The accepted message of this key, if it has this content. Throws as `acceptedBefore`. */
export const earlier = async (
  transaction: Transaction,
  { institutionId, door, application, messageId }: MessageKey,
  contentHash: string,
): Promise<IntakeRow | undefined> => {
  const known = await transaction
    .rows(intakeTable)
    .get({ institutionId, door, application, messageId });
  if (!known || known.contentHash === contentHash) return known;
  throw door !== 'http'
    ? new DomainError('MESSAGE_ID_REUSED', 'conflict', {
        field: door === 'mllp' ? 'MSH-10' : 'ce_id',
        why: 'an earlier message with this id has other content',
        remedy: 'give every message its own id',
      })
    : new DomainError('IDEMPOTENCY_KEY_REUSED', 'conflict', {
        field: 'Idempotency-Key',
        why: 'an earlier request with this key has other content',
        remedy: 'give every request its own key',
      });
};

/** Under which keys a message may have been accepted. */
export const keysOf = (key: MessageKey): MessageKey[] =>
  key.door === 'mllp' ? [key, { ...key, application: NO_APPLICATION }] : [key];

/** Messages that were accepted before the sending application was part of a message's key. */
const earlierUnnamed = async (
  transaction: Transaction,
  key: MessageKey,
  contentHash: string,
): Promise<IntakeRow | undefined> =>
  key.door === 'mllp'
    ? earlier(transaction, { ...key, application: NO_APPLICATION }, contentHash)
    : undefined;

/**
 * The message that this one repeats; undefined for a new one. Throws MESSAGE_ID_REUSED or
 * IDEMPOTENCY_KEY_REUSED (conflict) where an accepted one of the same id has other content.
 */
export const acceptedBefore = async (
  transaction: Transaction,
  key: MessageKey,
  contentHash: string,
): Promise<IntakeRow | undefined> =>
  (await earlierUnnamed(transaction, key, contentHash)) ??
  (await earlier(transaction, key, contentHash));
