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
}

export const checkpointTable = table<Checkpoint>({
  name: 'checkpoint',
  columns: {
    name: textColumn(undefined, { primary: true }),
    position: textColumn(),
    store: textColumn(undefined, { nullable: true }),
  },
});
