import { HeldRows } from './held-rows';
import type { PlainRows, Rows } from './store';
import type { Table } from './tables';

/** The rows of every table in one transaction. */
export class HeldTables {
  private readonly tables = new Map<Table, HeldRows<any>>();

  /** `make` is called once for a table. */
  rows<Row extends object>(table: Table<Row>, make: () => PlainRows<Row>): Rows<Row> {
    const known = this.tables.get(table) as HeldRows<Row> | undefined;
    const rows = known ?? new HeldRows(make(), table, this.flushing(table));
    this.tables.set(table, rows);
    return rows;
  }

  /** Rows that hang on those of another table are written after them, whichever is asked for first. */
  private flushing({ hangsOn }: Pick<Table, 'hangsOn'>) {
    return {
      all: () => this.flush(),
      before: async () => hangsOn && this.tables.get(hangsOn.table)?.flush(),
    };
  }

  async flush(): Promise<void> {
    for (const rows of this.tables.values()) await rows.flush();
  }

  get isWriting(): boolean {
    return [...this.tables.values()].some((rows) => rows.isWriting);
  }

  /** As `flush`, and nothing waits for what is before it: all has been asked for when this returns. */
  flushAtOnce(): Promise<void>[] {
    return [...this.tables.values()].flatMap((rows) => [rows.writeInserted(), rows.writeChanged()]);
  }
}
