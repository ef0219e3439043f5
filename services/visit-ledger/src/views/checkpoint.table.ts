import { textColumn, table } from '@caretab/store';

/**
 * How far a reader of the event store has come; written in the transaction of what it made of the
 * events.
 */
export interface Checkpoint {
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

export const checkpointTable = table<Checkpoint>({
  name: 'checkpoint',
  columns: {
    name: textColumn(undefined, { primary: true }),
    position: textColumn(),
    store: textColumn(undefined, { nullable: true }),
    eventId: textColumn('event_id', { nullable: true }),
    before: textColumn('before_it', { nullable: true }),
  },
});
