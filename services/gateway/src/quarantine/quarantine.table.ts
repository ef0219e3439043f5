import {
  booleanColumn,
  bytesColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  table,
  textColumn,
} from '@caretab/store';
import type { Fault } from '../intake/fault';
import type { AnsweringDoor } from '../intake/submission';

export type QuarantineStatus = 'open' | 'replayed' | 'discarded';

/** One message that was refused, kept with its reason until an operator corrects or discards it. */
export interface QuarantineRow {
  /** Derived from sender and content: the same broken message sent again is the same row. */
  readonly id: string;
  /** Null while the sender is unknown. */
  readonly institutionId: string | null;
  /** SHA-256 of the certificate that it came by, while its sender is unknown; else null. */
  readonly certificate: string | null;
  readonly door: AnsweringDoor;
  /** Its sender's own id of it (MSH-10, Idempotency-Key); null where it has none. */
  readonly messageId: string | null;
  readonly reason: string;
  readonly faults: readonly Fault[];
  /** The bytes, sealed: of an unknown sender the first ones; null once they had to be forgotten. */
  readonly sealed: Buffer | null;
  /** Of the whole message, while it is kept. */
  readonly bytes: number;
  /** Whether the identifiers in it were indexed, so that it is found with its person. */
  readonly indexed: boolean;
  readonly forgotten: boolean;
  readonly receivedAt: Date;
  readonly lastSeenAt: Date;
  readonly timesSeen: number;
  readonly status: QuarantineStatus;
  /** Why an operator gave it up. */
  readonly why: string | null;
  readonly closedAt: Date | null;
}

export const quarantineTable = table<QuarantineRow>({
  name: 'quarantine',
  columns: {
    id: textColumn('id', { primary: true }),
    institutionId: textColumn('institution_id', { nullable: true }),
    certificate: textColumn('certificate', { nullable: true }),
    door: textColumn(),
    messageId: textColumn('message_id', { nullable: true }),
    reason: textColumn(),
    faults: jsonColumn(),
    sealed: bytesColumn('sealed', { nullable: true }),
    bytes: integerColumn(),
    indexed: booleanColumn(),
    forgotten: booleanColumn(),
    receivedAt: instantColumn('received_at'),
    lastSeenAt: instantColumn('last_seen_at'),
    timesSeen: integerColumn('times_seen'),
    status: textColumn(),
    why: textColumn('why', { nullable: true }),
    closedAt: instantColumn('closed_at', { nullable: true }),
  },
});

/**
 * How many different messages were refused for a reason; the same message sent again does not count
 * again.
 */
export interface RefusalRow {
  readonly door: AnsweringDoor;
  readonly reason: string;
  readonly count: number;
}

export const refusalTable = table<RefusalRow>({
  name: 'refusal',
  columns: {
    door: textColumn('door', { primary: true }),
    reason: textColumn('reason', { primary: true }),
    count: integerColumn(),
  },
});
