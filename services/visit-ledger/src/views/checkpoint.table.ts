import { bigintColumn, table, textColumn } from '@caretab/store';

/** How far a reader of the event store has come. */
export interface ReadTo {
  readonly name: string;
  readonly position: string;
  /**
   * The event store whose positions these are (`postgres:<schema>`, `eventstoredb:<namespace>`);
   * null while nothing was read.
   */
  readonly store: string | null;
  /** Id of the event at the position: by it the place is proven. Null in rows of earlier releases. */
  readonly eventId: string | null;
  /** Position of an event before it, from which it is read again. */
  readonly before: string | null;
}

/** Written in the transaction of what the reader made of the events, by the process that leads. */
export interface Checkpoint extends ReadTo {
  /** Grows with each process that takes the lead: what a former leader commits does not count. */
  readonly epoch: number;
  /** The process that leads; null where none does. */
  readonly owner: string | null;
  /** The leader's signs of life. */
  readonly beat: number;
}

export const checkpointTable = table<Checkpoint>({
  name: 'checkpoint',
  columns: {
    name: textColumn(undefined, { primary: true }),
    position: textColumn(),
    store: textColumn(undefined, { nullable: true }),
    eventId: textColumn('event_id', { nullable: true }),
    before: textColumn('before_it', { nullable: true }),
    epoch: bigintColumn(),
    owner: textColumn(undefined, { nullable: true }),
    beat: bigintColumn(),
  },
});

/** The rows that the migrations insert: a row is the lock of its reader, also before it has read. */
export const CHECKPOINTS_AT_FIRST: readonly Checkpoint[] = ['views', 'publication'].map((name) => ({
  ...{ name, position: '0', store: null, eventId: null, before: null },
  ...{ epoch: 0, owner: null, beat: 0 },
}));
