import type { Clock } from '@caretab/kernel';
import type { EntitySchema } from 'typeorm';
import { Locks } from './memory-locks';
import { MemoryTable } from './memory-table';
import type { StoredMessage } from './store';

export type OutboxEntry = Omit<StoredMessage, 'id' | 'headers' | 'value'> & {
  readonly id: number;
  readonly headers: string;
  readonly value: string;
};

/** That a message was handled: when, and what it said. */
export interface Mark {
  readonly at: Date | undefined;
  readonly content: string | undefined;
}

/** What is committed, shared by every store that is connected to it, and who holds which lock. */
export class MemoryDatabase {
  readonly locks = new Locks();
  readonly handled = new Map<string, Mark>();
  /** By id; ids are drawn before the commit, so a lower one may appear after a higher one. */
  readonly outbox = new Map<number, OutboxEntry>();
  relayIsBusy = false;
  /** How many transactions were committed: whether there is anything new to look at. */
  commits = 0;
  private readonly tables = new Map<string, MemoryTable<any>>();
  private lastId = 0;

  constructor(readonly clock?: Clock) {}

  table<Row extends object>(schema: EntitySchema<Row>): MemoryTable<Row> {
    const known = this.tables.get(schema.options.name) ?? new MemoryTable(schema);
    this.tables.set(schema.options.name, known);
    return known as MemoryTable<Row>;
  }

  drawId(): number {
    return (this.lastId += 1);
  }

  /**
   * What is committed, for whoever looks on from outside and changes nothing: the rows themselves,
   * no locks, no time.
   */
  committed<Row extends object>(name: string): Readonly<Row>[] {
    return [...((this.tables.get(name) as MemoryTable<Row> | undefined)?.stored() ?? [])];
  }

  /** Every table with what is committed in it. */
  *everything(): Generator<readonly [table: string, rows: readonly object[]]> {
    for (const [name, table] of this.tables) yield [name, [...table.stored()] as object[]];
  }
}
