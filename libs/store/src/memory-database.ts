import type { Clock } from '@caretab/kernel';
import { Locks } from './memory-locks';
import { MemoryTable } from './memory-table';
import type { Handled, Position } from './position';
import type { StoredMessage, TransactOptions } from './store';
import type { Table } from './tables';

export type OutboxEntry = Omit<StoredMessage, 'id' | 'headers' | 'value'> & {
  readonly id: number;
  readonly headers: string;
  readonly value: string;
};

/** That a message was handled: when, and a hash of its content. */
export interface Mark {
  readonly at: Date | undefined;
  readonly content: string | undefined;
}

/** What is committed, shared by every store that is connected to it, and which locks are held. */
export class MemoryDatabase {
  readonly locks = new Locks();
  readonly handled = new Map<string, Mark>();
  /** By id; ids are drawn before the commit, so a lower one may appear after a higher one. */
  readonly outbox = new Map<number, OutboxEntry>();
  /** How far each group has come, by group, topic and partition as JSON. */
  readonly positions = new Map<string, Position>();
  relayIsBusy = false;
  /** How many transactions were committed. */
  commits = 0;
  private readonly tables = new Map<string, MemoryTable<any>>();
  private lastId = 0;
  /** Takes back each asynchronous commit since the last durable one. */
  private undoes: (() => void)[] = [];

  constructor(readonly clock?: Clock) {}

  table<Row extends object>(declared: Table<Row>): MemoryTable<Row> {
    const known = this.tables.get(declared.name) ?? new MemoryTable(declared);
    this.tables.set(declared.name, known);
    return known as MemoryTable<Row>;
  }

  /** A copy of what is committed, as a backup is: a database of its own, without locks. */
  copied(): MemoryDatabase {
    const database = new MemoryDatabase(this.clock);
    for (const [name, table] of this.tables) database.tables.set(name, table.copied());
    for (const [key, mark] of this.handled) database.handled.set(key, mark);
    for (const [id, entry] of this.outbox) database.outbox.set(id, entry);
    for (const [key, position] of this.positions) database.positions.set(key, position);
    database.lastId = this.lastId;
    return database;
  }

  /** What was committed so far is on disk. */
  flush(): void {
    this.undoes = [];
  }

  /** A commit takes place; `undoing` says, beforehand, how it is taken back. */
  log({ commit }: TransactOptions, undoing: () => () => void): void {
    if (commit === 'asynchronous') this.undoes.push(undoing());
    else this.flush();
  }

  /**
   * The database crashes: of the asynchronous commits since the last durable one only the first ones
   * had reached the disk, a share of them from 0 to 1. Its connections are to be ended by `sever` of
   * each store. Returns how many commits were lost.
   */
  crash(share = 0): number {
    const lost = this.undoes.splice(Math.round(this.undoes.length * share));
    for (const undo of lost.reverse()) undo();
    this.flush();
    return lost.length;
  }

  place(position: Position): void {
    const { group, topic, partition } = position;
    this.positions.set(JSON.stringify([group, topic, partition]), position);
  }

  /** False where the position stays. */
  advance({ group, topic, range: { partition, from, next } }: Handled): boolean {
    const known = this.positions.get(JSON.stringify([group, topic, partition]));
    if (known && (known.offset < from || known.offset >= next)) return false;
    this.place({ group, topic, partition, offset: next });
    return true;
  }

  drawId(): number {
    return (this.lastId += 1);
  }

  /** Committed rows, themselves: for reading alone. */
  committed<Row extends object>(name: string): Readonly<Row>[] {
    return [...((this.tables.get(name) as MemoryTable<Row> | undefined)?.stored() ?? [])];
  }

  /** Every table with what is committed in it. */
  *everything(): Generator<readonly [table: string, rows: readonly object[]]> {
    for (const [name, table] of this.tables) yield [name, [...table.stored()] as object[]];
  }
}
