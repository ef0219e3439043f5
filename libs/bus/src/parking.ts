import { read, type Topic } from '@caretab/contracts';
import {
  type Clock,
  contentHash,
  derivedId,
  DomainError,
  InvariantViolation,
} from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Authors } from './authors';
import type { ReceivedMessage } from './bus';
import { type ParkedRow, parkedTable } from './parked.table';
import { traceIdOf } from './tracing';
import { keptHeaders, keptKey, keptValue } from './unreadable-content';

const REASON_LENGTH_MAX = 1000;
export const MESSAGE_CONFLICT = 'MESSAGE_CONFLICT';
const FORGED: readonly string[] = ['AUTHOR_FORBIDDEN', 'SIGNATURE_INVALID'];

/** An event of any topic, as far as messaging looks into it. */
export interface AnyEvent {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

/**
 * A hash of an event's content. It distinguishes a repetition from another event under the same id.
 */
export const contentOf = ({ data }: AnyEvent): string => contentHash(data);

/** Marks a batch of events as handled by a group, and returns those that were not handled before. */
export const freshOf = async <Event extends AnyEvent>(
  transaction: Transaction,
  group: string,
  events: readonly Event[],
): Promise<Event[]> => {
  const marks = events.map((event) => ({ messageId: event.id, content: contentOf(event) }));
  const isFresh = await transaction.markAllHandled(group, marks);
  return events.filter((_event, index) => isFresh[index]);
};

/**
 * The contracts' `read` for a topic that is known only at run time; spelled out, because its
 * generic type would be expanded without end.
 */
export const readAny = read as unknown as (topic: Topic, message: ReceivedMessage) => AnyEvent;

/** A message with its event, or with why it cannot be read. */
export type Decoded =
  | { readonly message: ReceivedMessage; readonly event: AnyEvent }
  | { readonly message: ReceivedMessage; readonly error: unknown };

/**
 * Never throws: what cannot even be refused by name is parked all the same, for a message that
 * broke its batch would hold its partition up for ever.
 */
export const decode = (
  topic: Topic,
  message: ReceivedMessage,
  authors: Pick<Authors, 'verify'>,
): Decoded => {
  try {
    authors.verify(topic, message);
    return { message, event: readAny(topic, message) };
  } catch (error) {
    return { message, error };
  }
};

/**
 * Whether something that is needed is away: no message is to blame, and each would meet the same.
 */
export const isAway = (error: unknown): boolean => {
  const kind = (error as { readonly kind?: unknown } | undefined)?.kind;
  return kind === 'unavailable' || kind === 'overloaded';
};

/** Whether the message refers to what may come by another topic: it waits, and no other key does. */
export const isAwaited = (error: unknown): boolean =>
  error instanceof DomainError && error.kind === 'awaited';

/** Whether trying again cannot help: the handler or the contract said no, by name. */
export const isFinal = (error: unknown): error is DomainError =>
  error instanceof DomainError && !isAway(error) && !isAwaited(error);

/** Whether another message was handled under the same id. */
export const isConflict = (error: unknown): boolean =>
  error instanceof DomainError && error.code === MESSAGE_CONFLICT;

/** Whether no author of the topic wrote it as it is. */
export const isForged = (error: unknown): boolean =>
  error instanceof DomainError && FORGED.includes(error.code);

/** Whether something is wrong with the messages of this key alone. */
export const isOfItsKey = (error: unknown): boolean =>
  (error as { readonly kind?: unknown } | null)?.kind === 'key-at-fault';

const nameOf = (error: Error): string => `${error.name}${sqlStateOf(error)}`;

const sqlStateOf = (error: Error): string => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? ` ${code}` : '';
};

/**
 * Code and reason of a failure. What is away, and a key at fault, say so in our own words. Foreign
 * errors are named by class and code alone: their text may quote the data that broke them.
 */
export const reasonOf = (error: unknown): { readonly code: string; readonly reason: string } => {
  if (error instanceof DomainError)
    return { code: error.code, reason: error.message.slice(0, REASON_LENGTH_MAX) };
  if (error instanceof InvariantViolation)
    return { code: 'INVARIANT_BROKEN', reason: error.message.slice(0, REASON_LENGTH_MAX) };
  if (!(error instanceof Error)) return { code: 'HANDLER_FAILED', reason: 'not an error' };
  const reason = isAway(error) || isOfItsKey(error) ? error.message : nameOf(error);
  return { code: 'HANDLER_FAILED', reason: reason.slice(0, REASON_LENGTH_MAX) };
};

/** What an outage has in common for all whom it concerns; undefined for any other failure. */
export const outageCauseOf = (error: unknown): string | undefined =>
  isAway(error) ? reasonOf(error).code : undefined;

/** In a word: the code, or of an error without one its reason. */
export const whyOf = (error: unknown): string => {
  const { code, reason } = reasonOf(error);
  return code === 'HANDLER_FAILED' ? reason : code;
};

/**
 * PostgreSQL stores no U+0000: in JSON it is escaped, so that the message is refused again for what
 * it is when it is replayed.
 */
const storable = (text: string, instead: string): string => text.replaceAll('\0', instead);

const unreadable = (
  contract: Topic | undefined,
  { key, headers, value }: ReceivedMessage,
): Pick<ReceivedMessage, 'key' | 'headers' | 'value'> => ({
  key: keptKey(key),
  headers: keptHeaders(headers),
  value: keptValue(contract, value),
});

export interface ParkOptions {
  readonly group: string;
  readonly decoded: Decoded;
  /** Its contract: of a message that cannot be read, only what the contract has is kept. */
  readonly contract?: Topic;
  readonly error: unknown;
  readonly attempts: number;
  /** It holds its key, and is tried again at this time. */
  readonly retryAt?: Date;
}

/**
 * Writes a message to the parked table, once per group and content, however often it is sent. True
 * when it was not there yet.
 */
export const park = (
  transaction: Transaction,
  clock: Clock,
  { group, decoded, contract, error, attempts, retryAt }: ParkOptions,
): Promise<boolean> => {
  const { message } = decoded;
  const { topic, partition, offset } = message;
  const kept = 'error' in decoded ? unreadable(contract, message) : message;
  const parkedAt = clock.now();
  const row: ParkedRow = {
    // By content: a broken message that is sent again is the same trouble, not another. A forged one
    // never takes the place of its author's.
    id: derivedId(
      isForged(error) ? 'Forged' : 'Parked',
      group,
      topic,
      message.key,
      message.headers['ce_id'] ?? '',
      message.headers['ce_type'] ?? '',
      message.value,
    ),
    groupName: group,
    topic,
    partition,
    offsetNo: Number(offset),
    key: storable(kept.key, '\u2400'),
    messageId: 'event' in decoded ? decoded.event.id : null,
    headers: JSON.stringify(kept.headers),
    value: storable(kept.value, '\\u0000'),
    ...reasonOf(error),
    traceId: traceIdOf(message),
    parkedAt,
    place: [
      parkedAt.toISOString(),
      topic,
      String(partition).padStart(5, '0'),
      String(offset).padStart(19, '0'),
      group,
    ].join('/'),
    attempts,
    status: 'parked',
    settledAt: null,
    why: null,
    mended: null,
    holds: retryAt !== undefined,
    retryAt: retryAt ?? null,
  };
  return transaction.rows(parkedTable).insertIfAbsent(row);
};
