import { assert } from '@caretab/kernel';
import { compare, inKeyOrder, keyText, tuple } from './keys';
import type {
  FindOptions,
  Group,
  GroupOptions,
  NumberField,
  Page,
  PageOptions,
  PlainRows,
  Rows,
  SumOptions,
  SumSource,
  Where,
} from './store';
import { copy, storedRow } from './stored-row';
import type { Table } from './tables';
import { conditions, fits } from './where';

/** More rows written at once are of no batch of messages: a rebuild must not hold its table in memory. */
const KEPT_AT_ONCE_MAX = 1_000;

/**
 * The rows of one table in one transaction, each read and written once: what is locked here no other
 * transaction changes, so that it is read again from memory, and what becomes of it is written by
 * one statement, before the next query of its table or the commit. A batch of messages thus costs
 * as many statements as one message.
 */
export class HeldRows<Row extends object> implements Rows<Row> {
  /** Locked or written by this transaction, by key; undefined: there was none when it was locked. */
  private readonly held = new Map<string, Row | undefined>();
  /** What is still to be written, by key. */
  private readonly inserted = new Map<string, Row>();
  private readonly changed = new Map<string, Row>();
  /** Read and not locked, by key; and which keys have a value of a field. */
  private readonly known = new Map<string, Row>();
  private readonly gathered = new Map<keyof Row & string, Map<unknown, Set<string>>>();

  constructor(
    private readonly rows: PlainRows<Row>,
    private readonly table: Table<Row>,
    private readonly flushing: {
      /** Writes what is still to be written in all tables of the transaction. */
      readonly all: () => Promise<void>;
      /** Writes what is still to be written of the rows on which these hang. */
      readonly before: () => Promise<void>;
    },
  ) {}

  async get(
    where: Where<Row>,
    options: Pick<FindOptions<Row>, 'lock'> = {},
  ): Promise<Row | undefined> {
    const key = this.keyIn(where);
    if (key !== undefined && this.held.has(key)) return copy(this.held.get(key));
    const known = options.lock ? undefined : this.knownOf(where);
    if (known) return copy(known[0]);
    await this.flush();
    const row = await this.rows.get(where, options);
    if (row && options.lock) this.hold(row);
    return row;
  }

  async find(where: Where<Row>, options: FindOptions<Row> = {}): Promise<Row[]> {
    const known = options.lock ? undefined : this.knownOf(where);
    if (known) return firstOf(known, options).map(copy);
    await this.flush();
    const rows = await this.rows.find(where, options);
    if (options.lock) rows.forEach((row) => this.hold(row));
    return rows;
  }

  async count(where: Where<Row>): Promise<number> {
    await this.flush();
    return this.rows.count(where);
  }

  async sum(where: Where<Row>, field: NumberField<Row>): Promise<number> {
    await this.flush();
    return this.rows.sum(where, field);
  }

  async group<By extends keyof Row & string, Sum extends NumberField<Row> = never>(
    where: Where<Row>,
    options: GroupOptions<By, Sum>,
  ): Promise<Group<Row, By, Sum>[]> {
    await this.flush();
    return this.rows.group(where, options);
  }

  async page(where: Where<Row>, options: PageOptions<Row>): Promise<Page<Row>> {
    await this.flush();
    const page = await this.rows.page(where, options);
    if (options.lock) page.rows.forEach((row) => this.hold(row));
    return page;
  }

  async pageFields<Field extends keyof Row & string>(
    fields: readonly Field[],
    where: Where<Row>,
    options: PageOptions<Row>,
  ): Promise<Page<Row, Pick<Row, Field>>> {
    await this.flush();
    return this.rows.pageFields(fields, where, options);
  }

  async gather(field: keyof Row & string, values: readonly unknown[]): Promise<void> {
    const keysOf = this.gathered.get(field) ?? new Map<unknown, Set<string>>();
    const fresh = [...new Set(values)].filter((value) => !keysOf.has(value));
    if (fresh.length === 0) return;
    await this.flush();
    const rows = await this.rows.find({ [field]: { in: fresh } } as Where<Row>);
    this.gathered.set(field, keysOf);
    for (const value of fresh) keysOf.set(value, new Set());
    for (const row of rows) {
      const key = keyText(this.table, row);
      if (!this.known.has(key)) this.known.set(key, row);
      keysOf.get(row[field])?.add(key);
    }
    for (const [key, row] of this.held) if (row) this.index(key, row);
  }

  async lockAll(keys: readonly Partial<Row>[]): Promise<Row[]> {
    const wanted = inKeyOrder(this.table, keys as readonly Row[]);
    const unknown = wanted.filter((key) => !this.held.has(keyText(this.table, key)));
    if (unknown.length > 0) {
      const locked = await this.rows.lockAll(unknown);
      for (const key of unknown) this.held.set(keyText(this.table, key), undefined);
      locked.forEach((row) => this.hold(row));
    }
    return wanted.flatMap((key) => copy(this.held.get(keyText(this.table, key))) ?? []);
  }

  async insert(...rows: readonly Row[]): Promise<void> {
    for (const given of rows) {
      const key = keyText(this.table, given);
      // It is taken: the store refuses it.
      const isTaken = this.held.get(key) !== undefined;
      if (isTaken || (this.changed.size > 0 && this.table.uniques.length > 0)) await this.flush();
      if (isTaken) await this.rows.insert(given);
      const row = storedRow(this.table, given);
      this.inserted.set(key, row);
      this.keep(key, row);
    }
  }

  async insertIfAbsent(row: Row): Promise<boolean> {
    return (await this.insertAllAbsent([row])).length === 1;
  }

  async insertAllAbsent(rows: readonly Row[]): Promise<Row[]> {
    await this.flush();
    const inserted = await this.rows.insertAllAbsent(rows);
    // Of a key that is taken, another transaction may have inserted the row since it was looked for.
    for (const row of rows) {
      const key = keyText(this.table, row);
      if (this.held.get(key) === undefined) this.held.delete(key);
    }
    inserted.forEach((row) => this.hold(storedRow(this.table, row)));
    return inserted;
  }

  async save(...rows: readonly Row[]): Promise<void> {
    const unknown: Row[] = [];
    for (const given of inKeyOrder(this.table, rows)) {
      const key = keyText(this.table, given);
      const row = storedRow(this.table, given);
      const before = this.held.get(key);
      if (before && this.hasSameUniques(before, row))
        (this.inserted.has(key) ? this.inserted : this.changed).set(key, row);
      else if (!before && this.held.has(key)) await this.insert(row);
      else unknown.push(row);
      this.keep(key, row);
    }
    if (unknown.length === 0) return;
    await this.flush();
    await this.rows.save(...unknown);
    if (unknown.length <= KEPT_AT_ONCE_MAX || this.gathered.size > 0) return;
    for (const row of unknown) this.held.delete(keyText(this.table, row));
  }

  async update(where: Where<Row>, fields: Partial<Row>): Promise<void> {
    assert(!this.table.key.some((field) => field in fields), 'a primary key is never changed');
    await this.flush();
    await this.rows.update(where, fields);
    this.forget();
  }

  async insertSums<By extends keyof Row & string, Sum extends NumberField<Row>>(
    sources: readonly SumSource<Row>[],
    options: SumOptions<Row, By, Sum>,
  ): Promise<Group<Row, By, Sum>[]> {
    if (sources.length === 0) return [];
    await this.flushing.all();
    const groups = await this.rows.insertSums(sources, options);
    this.forget();
    return groups;
  }

  async delete(where: Where<Row>): Promise<void> {
    await this.flush();
    await this.rows.delete(where);
    this.forget();
  }

  /** Writes what is still to be written. */
  async flush(): Promise<void> {
    if (this.isWriting) await this.flushing.before();
    if (this.inserted.size > 0) await this.writeInserted();
    if (this.changed.size > 0) await this.writeChanged();
  }

  /** Whether something is still to be written. */
  get isWriting(): boolean {
    return this.inserted.size + this.changed.size > 0;
  }

  writeInserted(): Promise<void> {
    return this.rows.insert(...taken(this.inserted));
  }

  writeChanged(): Promise<void> {
    return this.rows.save(...taken(this.changed));
  }

  /** What many rows have become is read again. */
  private forget(): void {
    for (const kept of [this.held, this.known, this.gathered]) kept.clear();
  }

  private hold(row: Row): void {
    this.keep(keyText(this.table, row), copy(row));
  }

  private keep(key: string, row: Row): void {
    this.held.set(key, row);
    this.index(key, row);
  }

  private index(key: string, row: Row): void {
    for (const [field, keysOf] of this.gathered) keysOf.get(row[field])?.add(key);
  }

  /** The rows that fit, where a condition names a value whose rows were gathered. */
  private knownOf(where: Where<Row>): Row[] | undefined {
    if (this.gathered.size === 0) return undefined;
    const all = conditions(where);
    for (const [field, condition] of all) {
      if (condition.kind !== 'equals') continue;
      const keys = this.gathered.get(field)?.get(condition.value);
      if (!keys) continue;
      return [...keys].flatMap((key) => {
        const row = this.held.has(key) ? this.held.get(key) : this.known.get(key);
        return row && all.every(([of, one]) => fits(row[of], one)) ? [row] : [];
      });
    }
    return undefined;
  }

  /** The key where the conditions name it and nothing else. */
  private keyIn(where: Where<Row>): string | undefined {
    const named = conditions(where);
    const isKey =
      named.length === this.table.key.length &&
      named.every(([field, { kind }]) => kind === 'equals' && this.table.key.includes(field));
    return isKey ? tuple(this.table.key, where) : undefined;
  }

  /** What takes another's unique value over is written in its turn. */
  private hasSameUniques(before: Row, after: Row): boolean {
    return this.table.uniques.every((fields) => tuple(fields, before) === tuple(fields, after));
  }
}

const taken = <Row>(rows: Map<string, Row>): Row[] => {
  const all = [...rows.values()];
  rows.clear();
  return all;
};

const firstOf = <Row extends object>(
  rows: Row[],
  { orderBy, descending, countMax }: FindOptions<Row>,
): Row[] => {
  if (orderBy) rows.sort((a, b) => compare(a[orderBy], b[orderBy]) * (descending ? -1 : 1));
  return rows.slice(0, countMax);
};
