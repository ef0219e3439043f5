import { EntitySchema } from 'typeorm';

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

export const checkpointTable = new EntitySchema<Checkpoint>({
  name: 'checkpoint',
  columns: {
    name: { type: 'text', primary: true },
    position: { type: 'text' },
    store: { type: 'text', nullable: true },
  },
});
