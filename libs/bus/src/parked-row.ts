import { UNREADABLE } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Transaction, Where } from '@caretab/store';
import type { ReceivedMessage } from './bus';
import { type ParkedRow, type ParkedStatus, parkedTable } from './parked.table';

export interface ParkedFilter {
  readonly status?: ParkedStatus;
  readonly group?: string;
  readonly topic?: string;
  readonly key?: string;
  readonly code?: string;
  /** Those alone that hold their key, or do not. */
  readonly holds?: boolean;
}

/** A parked message without what came from outside. */
export type ParkedSummary = Omit<ParkedRow, 'value' | 'headers' | 'mended' | 'place'>;

/**
 * What an operator puts in the place of what was sent: the whole value, headers by name. The
 * message's key stays.
 */
export interface Mended {
  readonly value?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The operator's words. */
  readonly why: string;
}

export const whereOf = ({
  status = 'parked',
  group,
  topic,
  key,
  code,
  holds,
}: ParkedFilter): Where<ParkedRow> => ({
  status,
  ...(group !== undefined && { groupName: group }),
  ...(topic !== undefined && { topic }),
  ...(key !== undefined && { key }),
  ...(code !== undefined && { code }),
  ...(holds !== undefined && { holds }),
});

export const summaryOf = ({
  value: _value,
  headers: _headers,
  mended: _mended,
  place: _place,
  ...summary
}: ParkedRow): ParkedSummary => summary;

/** The message as it came, or as it was corrected. */
export const messageOf = (row: ParkedRow, mended?: Mended): ReceivedMessage => {
  const { [UNREADABLE]: unreadable, ...readable } = JSON.parse(row.headers) as Record<
    string,
    string
  >;
  return {
    topic: row.topic,
    partition: row.partition,
    offset: BigInt(row.offsetNo),
    key: row.key,
    value: mended?.value ?? row.value,
    // The operator who corrects it has read what the bytes kept us from reading.
    headers: {
      ...readable,
      ...(unreadable !== undefined && !mended && { [UNREADABLE]: unreadable }),
      ...mended?.headers,
    },
  };
};

/** Throws PARKED_UNKNOWN (not-found). */
export const parkedRow = async (
  transaction: Transaction,
  { service, id, lock }: { readonly service: string; readonly id: string; readonly lock?: 'wait' },
): Promise<ParkedRow> => {
  const row = await transaction.rows(parkedTable).get({ id }, lock ? { lock } : {});
  if (!row) throw new DomainError('PARKED_UNKNOWN', 'not-found', { service });
  return row;
};

/** Locks it. Throws PARKED_UNKNOWN (not-found) or PARKED_CLOSED (conflict). */
export const openRow = async (
  transaction: Transaction,
  one: { readonly service: string; readonly id: string },
): Promise<ParkedRow> => {
  const row = await parkedRow(transaction, { ...one, lock: 'wait' });
  if (row.status !== 'parked')
    throw new DomainError('PARKED_CLOSED', 'conflict', { status: row.status });
  return row;
};
