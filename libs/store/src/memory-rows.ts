import type { MemoryDatabase } from './memory-database';
import type { Locker } from './memory-locks';
import type { MemoryTable } from './memory-table';
import { type FindOptions, type Rows, UniqueViolation, type Where } from './store';

/** One transaction of a MemoryDatabase: what it has written and nobody else sees yet. */
export interface OpenTransaction extends Locker {
  readonly writes: Map<MemoryTable<any>, Map<string, any>>;
}

export type Operate = <Answer>(what: string, operation: () => Promise<Answer>) => Promise<Answer>;

/**
 * Rows at READ COMMITTED: each statement sees what is committed when it runs, and what its own
 * transaction has written.
 */
export class MemoryRows<Row extends object> implements Rows<Row> {
  private readonly own: Map<string, Row | undefined>;

  constructor(
    private readonly database: MemoryDatabase,
    private readonly transaction: OpenTransaction,
    private readonly table: MemoryTable<Row>,
    private readonly operate: Operate,
  ) {
    this.own = transaction.writes.get(table) ?? new Map<string, Row | undefined>();
    transaction.writes.set(table, this.own);
  }

  async get(
    where: Where<Row>,
    options: Pick<FindOptions<Row>, 'lock'> = {},
  ): Promise<Row | undefined> {
    return (await this.operating('get', () => this.select(where, { ...options, countMax: 1 })))[0];
  }

  find(where: Where<Row>, options: FindOptions<Row> = {}): Promise<Row[]> {
    return this.operating('find', () => this.select(where, options));
  }

  count(where: Where<Row>): Promise<number> {
    return this.operating('count', async () => this.table.find(where, {}, this.own).length);
  }

  insert(...rows: readonly Row[]): Promise<void> {
    return this.operating('insert', async () => {
      for (const given of rows)
        if (!(await this.insertOne(this.table.toStored(given))))
          throw new UniqueViolation(this.table.name);
    });
  }

  insertIfAbsent(row: Row): Promise<boolean> {
    return this.operating('insertIfAbsent', () => this.insertOne(this.table.toStored(row)));
  }

  save(...rows: readonly Row[]): Promise<void> {
    return this.operating('save', async () => {
      for (const given of rows) {
        const row = this.table.toStored(given);
        await this.lock(this.table.keyOf(row));
        await this.write(row);
      }
    });
  }

  delete(where: Where<Row>): Promise<void> {
    return this.operating('delete', async () => {
      for (const row of await this.select(where, { lock: 'wait' }))
        this.own.set(this.table.keyOf(row), undefined);
    });
  }

  private operating<Answer>(what: string, operation: () => Promise<Answer>): Promise<Answer> {
    return this.operate(`${what} ${this.table.name}`, operation);
  }

  /**
   * As SELECT … FOR UPDATE does: rows in their order, each locked, and each looked at again once it
   * is ours.
   */
  private async select(
    where: Where<Row>,
    { lock, countMax = Number.MAX_SAFE_INTEGER, ...order }: FindOptions<Row>,
  ): Promise<Row[]> {
    const seen = this.table.find(where, lock ? order : { ...order, countMax }, this.own);
    if (!lock) return seen;
    const locked: Row[] = [];
    for (const row of seen) {
      if (locked.length >= countMax) break;
      const key = this.table.keyOf(row);
      if (lock === 'skip' && !this.database.locks.isFree(this.transaction, this.lockName(key)))
        continue;
      await this.lock(key);
      const now = this.table
        .find(where, {}, this.own)
        .find((other) => this.table.keyOf(other) === key);
      if (now) locked.push(now);
    }
    return locked;
  }

  /** False, and nothing locked, when a row of this key is there. */
  private async insertOne(row: Row): Promise<boolean> {
    const key = this.table.keyOf(row);
    const isFresh = await this.lock(key);
    const isThere = this.own.has(key)
      ? this.own.get(key) !== undefined
      : this.table.sameKey(row) !== undefined;
    if (isThere) {
      if (isFresh) this.database.locks.release(this.transaction, this.lockName(key));
      return false;
    }
    await this.write(row);
    return true;
  }

  private async write(row: Row): Promise<void> {
    const key = this.table.keyOf(row);
    for (const { name } of this.table.uniquesOf(row)) {
      await this.database.locks.take(this.transaction, name);
      const { holder } = this.table.uniquesOf(row).find((unique) => unique.name === name)!;
      const heldByStored = holder !== undefined && holder !== key && !this.own.has(holder);
      const heldByOwn = [...this.own].some(
        ([other, written]) =>
          other !== key &&
          written &&
          this.table.uniquesOf(written).some((unique) => unique.name === name),
      );
      if (heldByStored || heldByOwn) throw new UniqueViolation(this.table.name);
    }
    this.own.set(key, row);
  }

  private lock(key: string): Promise<boolean> {
    return this.database.locks.take(this.transaction, this.lockName(key));
  }

  private lockName(key: string): string {
    return `${this.table.name} ${key}`;
  }
}
