import { EntitySchema } from 'typeorm';

export type ParkedStatus = 'parked' | 'replayed' | 'discarded';

/** A message that a group could not handle, kept whole until an operator replays or discards it. */
export interface ParkedRow {
  /** Derived from group and content: the same message parked twice leaves one row. */
  readonly id: string;
  readonly groupName: string;
  readonly topic: string;
  readonly partition: number;
  readonly offsetNo: number;
  readonly key: string;
  /** The event's id, or null when the message could not be read. */
  readonly messageId: string | null;
  /** JSON text. */
  readonly headers: string;
  /** May be anything from outside: shown by `show` alone, never logged. */
  readonly value: string;
  readonly code: string;
  /** Why, without personal data. */
  readonly reason: string;
  readonly traceId: string | null;
  readonly parkedAt: Date;
  /** Sorts by time of parking, then by offset: the order of replays, and the cursor of lists. */
  readonly place: string;
  /** How often the handler was tried, replays included. */
  readonly attempts: number;
  readonly status: ParkedStatus;
  readonly settledAt: Date | null;
  /** The operator's words for a discard, or for mending. */
  readonly why: string | null;
  /**
   * What it was replayed with in the place of what was sent, as JSON text; null where it was
   * replayed as it was.
   */
  readonly mended: string | null;
}

const asNumber = {
  to: (value: number): number => value,
  from: (value: string | number): number => Number(value),
};

export const parkedTable = new EntitySchema<ParkedRow>({
  name: 'parked',
  tableName: 'parked',
  columns: {
    id: { type: 'text', primary: true },
    groupName: { type: 'text', name: 'group_name' },
    topic: { type: 'text' },
    partition: { type: 'integer' },
    offsetNo: { type: 'bigint', name: 'offset_no', transformer: asNumber },
    key: { type: 'text' },
    messageId: { type: 'text', name: 'message_id', nullable: true },
    headers: { type: 'text' },
    value: { type: 'text' },
    code: { type: 'text' },
    reason: { type: 'text' },
    traceId: { type: 'text', name: 'trace_id', nullable: true },
    parkedAt: { type: 'timestamptz', name: 'parked_at' },
    place: { type: 'text' },
    attempts: { type: 'integer' },
    status: { type: 'text' },
    settledAt: { type: 'timestamptz', name: 'settled_at', nullable: true },
    why: { type: 'text', nullable: true },
    mended: { type: 'text', nullable: true },
  },
});
