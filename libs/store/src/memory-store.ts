import type { Clock } from '@caretab/kernel';
import type { EntitySchema } from 'typeorm';
import type { Mark } from './memory-database';
import { MemoryTable } from './memory-table';
import { refuseConflict } from './message-conflict';
import type {
  FindOptions,
  OutgoingMessage,
  Rows,
  Store,
  StoredMessage,
  Transaction,
  Where,
} from './store';
import { Failures, UnitsOfWork } from './unit-of-work';

/**
 * Where a simulation may let time pass or a process die: before each operation, before the commit,
 * and after it.
 */
export type StorePoint = 'operation' | 'commit' | 'committed';

export interface MemoryStoreOptions {
  /** Dates the marks of what was handled; without it they have no date and are never pruned. */
  readonly clock?: Clock;
  /**
   * Awaited at each point. Throwing before the commit undoes the transaction; after it, the work
   * stays done and the caller sees the error.
   */
  readonly at?: (point: StorePoint) => Promise<void> | void;
}

/**
 * The twin of TypeOrmStore: rows in Maps, transactions one after the other, undone whole when they
 * throw. Unique indices with a condition (`where`) are not enforced.
 */
export class MemoryStore implements Store {
  private readonly units = new UnitsOfWork();
  private readonly tables = new Map<EntitySchema<any>, MemoryTable<any>>();
  private readonly handled = new Map<string, Mark>();
  private readonly outbox = new Map<
    string,
    {
      readonly topic: string;
      readonly key: string;
      readonly headers: string;
      readonly value: string;
    }
  >();
  private lastId = 0;
  private tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: MemoryStoreOptions = {}) {}

  transact<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return this.units
      .run(() => {
        const turn = this.tail.then(() => this.unit(work));
        // The caller hears of it; the next transaction need not.
        this.tail = turn.catch(() => undefined);
        return turn;
      })
      .then(async ({ result, published }) => {
        if (published) this.units.published();
        await this.options.at?.('committed');
        return result;
      });
  }

  private async unit<Result>(
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<{ result: Result; published: boolean }> {
    const undo: (() => void)[] = [];
    const messages: OutgoingMessage[] = [];
    const failures = new Failures();
    const operate = <Answer>(operation: () => Answer): Promise<Answer> =>
      failures.watch(async () => {
        await this.options.at?.('operation');
        return operation();
      });
    try {
      const result = await work({
        rows: (table) => new MemoryRows(this.table(table), operate, undo),
        markHandled: (group, messageId, content) =>
          operate(() => this.mark({ group, messageId, content }, undo)),
        publish: (...more) => void messages.push(...more),
      });
      failures.throwIfAny();
      await this.options.at?.('commit');
      for (const { topic, key, headers, value } of messages) {
        this.outbox.set(String(++this.lastId), {
          topic,
          key,
          headers: JSON.stringify(headers),
          value: JSON.stringify(value ?? null),
        });
      }
      return { result, published: messages.length > 0 };
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
  }

  private mark(
    {
      group,
      messageId,
      content,
    }: { group: string; messageId: string; content: string | undefined },
    undo: (() => void)[],
  ): boolean {
    const id = JSON.stringify([group, messageId]);
    const known = this.handled.get(id);
    if (known) {
      refuseConflict(messageId, known.content, content);
      return false;
    }
    this.handled.set(id, { at: this.options.clock?.now(), content });
    undo.push(() => this.handled.delete(id));
    return true;
  }

  private table<Row extends object>(schema: EntitySchema<Row>): MemoryTable<Row> {
    const known = this.tables.get(schema) ?? new MemoryTable(schema);
    this.tables.set(schema, known);
    return known as MemoryTable<Row>;
  }

  async unpublished(countMax: number): Promise<readonly StoredMessage[]> {
    const oldest = [...this.outbox].slice(0, countMax);
    return oldest.map(([id, { headers, value, ...place }]) => ({
      id,
      ...place,
      headers: JSON.parse(headers) as Record<string, string>,
      value: JSON.parse(value) as unknown,
    }));
  }

  async markPublished(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.outbox.delete(id);
  }

  async pending(countMax: number): Promise<number> {
    return Math.min(this.outbox.size, countMax);
  }

  onPublish(listener: () => void): () => void {
    return this.units.onPublish(listener);
  }

  async pruneHandled(olderThan: Date): Promise<number> {
    const old = [...this.handled].filter(([, { at }]) => at !== undefined && at < olderThan);
    for (const [id] of old) this.handled.delete(id);
    return old.length;
  }

  async close(): Promise<void> {
    await this.tail;
  }
}

class MemoryRows<Row extends object> implements Rows<Row> {
  constructor(
    private readonly table: MemoryTable<Row>,
    private readonly operate: <Answer>(operation: () => Answer) => Promise<Answer>,
    private readonly undo: (() => void)[],
  ) {}

  get(where: Where<Row>): Promise<Row | undefined> {
    return this.operate(() => this.table.find(where, { countMax: 1 })[0]);
  }

  /**
   * Transactions run one after the other, so every row is as good as locked, and none is held by
   * another.
   */
  find(where: Where<Row>, options?: FindOptions<Row>): Promise<Row[]> {
    return this.operate(() => this.table.find(where, options));
  }

  count(where: Where<Row>): Promise<number> {
    return this.operate(() => this.table.count(where));
  }

  insert(...rows: readonly Row[]): Promise<void> {
    return this.operate(() => rows.forEach((row) => this.undo.push(this.table.insert(row))));
  }

  insertIfAbsent(row: Row): Promise<boolean> {
    return this.operate(() => {
      if (this.table.sameKey(row)) return false;
      this.undo.push(this.table.insert(row));
      return true;
    });
  }

  save(...rows: readonly Row[]): Promise<void> {
    return this.operate(() => rows.forEach((row) => this.undo.push(this.table.put(row))));
  }

  delete(where: Where<Row>): Promise<void> {
    return this.operate(() => void this.undo.push(this.table.delete(where)));
  }
}
