import {
  bigintColumn,
  booleanColumn,
  instantColumn,
  integerColumn,
  textColumn,
  table,
} from '@caretab/store';

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
  /** The operator's reason for a discard or a correction. */
  readonly why: string | null;
  /**
   * What it was replayed with in the place of what was sent, as JSON text; null where it was
   * replayed as it was.
   */
  readonly mended: string | null;
  /** Later messages of its key are parked behind it, until it is replayed or discarded. */
  readonly holds: boolean;
  /** When it is tried again without an operator; null where that is over, or was never due. */
  readonly retryAt: Date | null;
}

export const parkedTable = table<ParkedRow>({
  name: 'parked',
  columns: {
    id: textColumn(undefined, { primary: true }),
    groupName: textColumn('group_name'),
    topic: textColumn(),
    partition: integerColumn(),
    offsetNo: bigintColumn('offset_no'),
    key: textColumn(),
    messageId: textColumn('message_id', { nullable: true }),
    headers: textColumn(),
    value: textColumn(),
    code: textColumn(),
    reason: textColumn(),
    traceId: textColumn('trace_id', { nullable: true }),
    parkedAt: instantColumn('parked_at'),
    place: textColumn(),
    attempts: integerColumn(),
    status: textColumn(),
    settledAt: instantColumn('settled_at', { nullable: true }),
    why: textColumn(undefined, { nullable: true }),
    mended: textColumn(undefined, { nullable: true }),
    holds: booleanColumn(),
    retryAt: instantColumn('retry_at', { nullable: true }),
  },
});
