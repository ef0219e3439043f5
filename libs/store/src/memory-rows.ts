import { compareBy, inKeyOrder } from './keys';
import type { MemoryDatabase } from './memory-database';
import type { Locker } from './memory-locks';
import type { MemoryTable } from './memory-table';
import { orderOf, pageOf, picked } from './pages';
import {
  type FindOptions,
  type Group,
  type GroupOptions,
  type NumberField,
  type Page,
  type PageOptions,
  type PlainRows,
  ROWS_MAX,
  type SumOptions,
  type SumSource,
  TooManyRows,
  UniqueViolation,
  type Where,
} from './store';
import { sumsOver } from './sums';

/** One transaction of a MemoryDatabase: what it has written and no other sees yet. */
export interface OpenTransaction extends Locker {
  readonly writes: Map<MemoryTable<any>, Map<string, any>>;
}

export type Operate = <Answer>(what: string, operation: () => Promise<Answer>) => Promise<Answer>;

/**
 * Rows at READ COMMITTED: each statement sees what is committed when it runs, and what its own
 * transaction has written.
 */
export class MemoryRows<Row extends object> implements PlainRows<Row> {
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
    return this.operating('find', async () => {
      const rows = await this.select(where, options);
      return options.countMax === undefined ? this.allOf(rows) : rows;
    });
  }

  count(where: Where<Row>): Promise<number> {
    return this.operating('count', async () => this.table.matches(where, this.own).length);
  }

  sum(where: Where<Row>, field: NumberField<Row>): Promise<number> {
    return this.operating('sum', async () =>
      sumOf(this.table.matches(where, this.own), field as keyof Row),
    );
  }

  group<By extends keyof Row & string, Sum extends NumberField<Row> = never>(
    where: Where<Row>,
    { by, sum = [] }: GroupOptions<By, Sum>,
  ): Promise<Group<Row, By, Sum>[]> {
    return this.operating('group', async () =>
      this.allOf(groupsOf(this.table.matches(where, this.own), by, sum)),
    );
  }

  async pageFields<Field extends keyof Row & string>(
    fields: readonly Field[],
    where: Where<Row>,
    options: PageOptions<Row>,
  ): Promise<Page<Row, Pick<Row, Field>>> {
    const { rows, next } = await this.page(where, options);
    return { rows: rows.map((row) => picked(row, fields)), next };
  }

  page(where: Where<Row>, options: PageOptions<Row>): Promise<Page<Row>> {
    const { descending = false, countMax, after, lock } = options;
    const fields = orderOf(this.table.declared, options);
    const direction = descending ? -1 : 1;
    const compareRows = compareBy(fields);
    return this.operating('page', async () => {
      const behind = this.table
        .find(where, {}, this.own)
        .filter((row) => !after || compareRows(row, after) * direction > 0)
        .sort((a, b) => compareRows(a, b) * direction);
      const rows = lock
        ? await this.locking(behind, where, { lock, countMax: countMax + 1 })
        : behind.slice(0, countMax + 1);
      return pageOf(rows, fields, countMax);
    });
  }

  lockAll(keys: readonly Partial<Row>[]): Promise<Row[]> {
    return this.operating('lockAll', async () => {
      const locked: Row[] = [];
      for (const wanted of inKeyOrder(this.table.declared, keys)) {
        const key = this.table.keyOf(wanted);
        if (!this.table.findKey(key, {}, this.own)) continue;
        await this.lock(key);
        const row = this.table.findKey(key, {}, this.own);
        if (row) locked.push(row);
      }
      return locked;
    });
  }

  insert(...rows: readonly Row[]): Promise<void> {
    return this.operating('insert', async () => {
      for (const given of rows)
        if (!(await this.insertOne(this.table.toStored(given))))
          throw new UniqueViolation(this.table.name);
    });
  }

  async insertIfAbsent(row: Row): Promise<boolean> {
    return this.operating('insertIfAbsent', () => this.insertOne(this.table.toStored(row)));
  }

  insertAllAbsent(rows: readonly Row[]): Promise<Row[]> {
    return this.operating('insertAllAbsent', async () => {
      const inserted: Row[] = [];
      for (const given of inKeyOrder(this.table.declared, [...rows].reverse()))
        if (await this.insertOne(this.table.toStored(given))) inserted.push(given);
      return inserted;
    });
  }

  save(...rows: readonly Row[]): Promise<void> {
    return this.operating('save', async () => {
      for (const given of inKeyOrder(this.table.declared, rows)) {
        const row = this.table.toStored(given);
        await this.lock(this.table.keyOf(row));
        await this.write(row);
      }
    });
  }

  update(where: Where<Row>, fields: Partial<Row>): Promise<void> {
    return this.operating('update', async () => {
      for (const row of await this.select(where, { lock: 'wait' }))
        await this.write(this.table.toStored({ ...row, ...fields }));
    });
  }

  insertSums<By extends keyof Row & string, Sum extends NumberField<Row>>(
    sources: readonly SumSource<Row>[],
    options: SumOptions<Row, By, Sum>,
  ): Promise<Group<Row, By, Sum>[]> {
    return this.operating('insertSums', async () => {
      const rows = sumsOver(sources, options, (of, where) => {
        const table = this.database.table(of);
        return table.matches(where, this.transaction.writes.get(table) ?? new Map());
      });
      for (const row of rows)
        if (!(await this.insertOne(this.table.toStored(row))))
          throw new UniqueViolation(this.table.name);
      return this.allOf(groupsOf(rows, options.by, [options.sum]));
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

  private async select(where: Where<Row>, options: FindOptions<Row>): Promise<Row[]> {
    const { lock, countMax, ...order } = options;
    if (!lock) return this.table.find(where, options, this.own);
    return this.locking(this.table.find(where, order, this.own), where, { lock, countMax });
  }

  /**
   * As SELECT … FOR UPDATE does: rows in their order, each locked, and each looked at again once it
   * is locked.
   */
  private async locking(
    seen: readonly Row[],
    where: Where<Row>,
    { lock, countMax = Number.MAX_SAFE_INTEGER }: Pick<FindOptions<Row>, 'lock' | 'countMax'>,
  ): Promise<Row[]> {
    const locked: Row[] = [];
    for (const row of seen) {
      if (locked.length >= countMax) break;
      const key = this.table.keyOf(row);
      if (lock === 'skip' && !this.database.locks.isFree(this.transaction, this.lockName(key)))
        continue;
      await this.lock(key);
      const now = this.table.findKey(key, where, this.own);
      if (now) locked.push(now);
    }
    return locked;
  }

  /** False, and nothing locked, when a row of this key exists. */
  private async insertOne(row: Row): Promise<boolean> {
    const key = this.table.keyOf(row);
    const isFresh = await this.lock(key);
    const exists = this.own.has(key) ? this.own.get(key) !== undefined : this.table.has(key);
    if (exists) {
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

  private allOf<Item>(items: Item[]): Item[] {
    if (items.length > ROWS_MAX) throw new TooManyRows(this.table.name);
    return items;
  }
}

const sumOf = <Row>(rows: readonly Row[], field: keyof Row): number =>
  rows.reduce((total, row) => total + Number(row[field] ?? 0), 0);

const groupsOf = <Row extends object, By extends keyof Row & string, Sum extends keyof Row>(
  rows: readonly Row[],
  by: readonly By[],
  sum: readonly Sum[],
): Group<Row, By, Sum>[] => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = JSON.stringify(by.map((field) => row[field]));
    const members = groups.get(name) ?? [];
    members.push(row);
    groups.set(name, members);
  }
  return [...groups.values()]
    .sort(([a], [b]) => compareBy(by)(a!, b!))
    .map((members) => ({
      values: Object.fromEntries(by.map((field) => [field, members[0]![field]])) as Pick<Row, By>,
      count: members.length,
      sums: Object.fromEntries(sum.map((field) => [field, sumOf(members, field)])) as Record<
        Sum,
        number
      >,
    }));
};
