import { HeldTables } from './held-tables';
import { compareBy } from './keys';
import type { MemoryDatabase } from './memory-database';
import { MemoryRows, type OpenTransaction, type Operate } from './memory-rows';
import { refuseConflict } from './message-conflict';
import type { HandledMessage, OutgoingMessage, Rows, TransactOptions, Transaction } from './store';
import type { Table } from './tables';
import { NarrowedTable } from './narrowed-table';
import { assertDurable, Failures } from './unit-of-work';
import { isNarrow, type Whose } from './within';

/** What one transaction has written so far, and how it is committed. */
export class Unit implements Transaction, OpenTransaction {
  readonly writes: OpenTransaction['writes'] = new Map();
  readonly marks = new Map<string, string | undefined>();
  readonly messages: OutgoingMessage[] = [];
  waiting: OpenTransaction['waiting'];
  readonly failures = new Failures();
  private ids: readonly number[] = [];
  private readonly held = new HeldTables();

  constructor(
    private readonly database: MemoryDatabase,
    private readonly options: TransactOptions,
    private readonly at: (what: string) => Promise<void> | void,
  ) {
    if (options.handles) assertDurable(options);
  }

  rows<Row extends object>(table: Table<Row>): Rows<Row> {
    const { within } = this.options;
    const seen = isNarrow(within) ? this.narrowed(table, within) : this.database.table(table);
    return this.held.rows(table, () => new MemoryRows(this.database, this, seen, this.operate));
  }

  private narrowed<Row extends object>(
    table: Table<Row>,
    within: readonly Whose[],
  ): NarrowedTable<Row> {
    const hangsOn = table.hangsOn && this.narrowed(table.hangsOn.table, within);
    return new NarrowedTable(this.database.table(table), within, hangsOn);
  }

  async markHandled(group: string, messageId: string, content?: string): Promise<boolean> {
    const [isFresh] = await this.markAllHandled(group, [{ messageId, content }]);
    return isFresh!;
  }

  markAllHandled(group: string, messages: readonly HandledMessage[]): Promise<boolean[]> {
    assertDurable(this.options);
    return this.operate(`mark ${group}`, async () => {
      const fresh = new Set<HandledMessage>();
      for (const one of [...messages].sort(compareBy(['messageId'])))
        if (await this.mark(group, one)) fresh.add(one);
      return messages.map((one) => fresh.has(one));
    });
  }

  private async mark(group: string, { messageId, content }: HandledMessage): Promise<boolean> {
    const id = JSON.stringify([group, messageId]);
    const isFresh = await this.database.locks.take(this, `mark ${id}`);
    const known = this.database.handled.get(id);
    if (known || this.marks.has(id)) {
      if (isFresh) this.database.locks.release(this, `mark ${id}`);
      refuseConflict(messageId, known ? known.content : this.marks.get(id), content);
      return false;
    }
    this.marks.set(id, content);
    return true;
  }

  publish(...more: readonly OutgoingMessage[]): void {
    assertDurable(this.options);
    this.messages.push(...more);
  }

  get hasWritten(): boolean {
    return (
      this.marks.size > 0 ||
      this.options.handles !== undefined ||
      this.messages.length > 0 ||
      [...this.writes.values()].some((rows) => rows.size > 0)
    );
  }

  /** Draws the messages' ids last, under every lock that the transaction took. */
  async prepare(): Promise<void> {
    this.failures.throwIfAny();
    await this.held.flush();
    this.ids = this.messages.map(() => this.database.drawId());
  }

  commit(): void {
    if (this.hasWritten) {
      this.database.commits += 1;
      this.database.log(this.options, () => this.undoing());
    }
    for (const [table, rows] of this.writes) {
      for (const [key, row] of rows) if (row === undefined) table.deleteKey(key);
      for (const row of rows.values()) if (row !== undefined) table.put(row);
    }
    if (this.options.handles) this.database.advance(this.options.handles);
    for (const [id, content] of this.marks)
      this.database.handled.set(id, { at: this.database.clock?.now(), content });
    this.messages.forEach(({ topic, key, headers, value }, index) => {
      const id = this.ids[index]!;
      this.database.outbox.set(id, {
        id,
        topic,
        key,
        headers: JSON.stringify(headers),
        value: JSON.stringify(value ?? null),
      });
    });
  }

  private undoing(): () => void {
    const undoes = [...this.writes].map(([table, rows]) => table.undo(rows.keys()));
    return () => {
      for (const undo of undoes) undo();
      for (const id of this.marks.keys()) this.database.handled.delete(id);
      for (const id of this.ids) this.database.outbox.delete(id);
    };
  }

  private readonly operate: Operate = (what, operation) =>
    this.failures.watch(async () => {
      await this.at(what);
      this.failures.throwIfAny();
      return operation();
    });
}
