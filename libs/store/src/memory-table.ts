import { assert } from '@caretab/kernel';
import { compare, keyText, tuple } from './keys';
import { UniqueViolation, type FindOptions, type Where } from './store';
import { copy, storedRow } from './stored-row';
import type { Table } from './tables';
import { conditions, fits } from './where';

/** What one transaction has written, by key: undefined where it deleted. */
export type OwnRows<Row> = ReadonlyMap<string, Row | undefined>;

/**
 * One table in memory: its committed rows by primary key, in the order they came, and the keys that
 * must stay unique.
 */
export class MemoryTable<Row extends object> {
  private readonly uniques: {
    readonly fields: readonly string[];
    readonly holders: Map<string, string>;
  }[];
  private readonly rows = new Map<string, Row>();

  constructor(readonly declared: Table<Row>) {
    this.uniques = declared.uniques.map((fields) => ({ fields, holders: new Map() }));
  }

  get name(): string {
    return this.declared.name;
  }

  /** Copies of the rows that fit, those of `own` in place of the committed ones. */
  find(where: Where<Row>, options: FindOptions<Row>, own: OwnRows<Row>): Row[] {
    return this.firstOf(this.matches(where, own), options);
  }

  /** Copies of the first of these rows, in their order. */
  protected firstOf(
    found: Row[],
    {
      orderBy,
      descending,
      countMax,
    }: Pick<FindOptions<Row>, 'orderBy' | 'descending' | 'countMax'>,
  ): Row[] {
    if (orderBy) found.sort((a, b) => compare(a[orderBy], b[orderBy]) * (descending ? -1 : 1));
    return (countMax === undefined ? found : found.slice(0, countMax)).map(copy);
  }

  /** The row of this key where it fits, copied; the one of `own` in place of the committed one. */
  findKey(key: string, where: Where<Row>, own: OwnRows<Row>): Row | undefined {
    const row = own.has(key) ? own.get(key) : this.rows.get(key);
    return row && this.fitting(where)(row) ? copy(row) : undefined;
  }

  /** The rows that fit, themselves: for reading alone. */
  matches(where: Where<Row>, own: OwnRows<Row>): Row[] {
    const fits = this.fitting(where);
    const found = this.candidates(where).filter(fits);
    if (own.size === 0) return found;
    return [
      ...found.filter((row) => !own.has(this.keyOf(row))),
      ...[...own.values()].filter((row) => row !== undefined && fits(row)),
    ] as Row[];
  }

  /** As it is now; later changes of either do not show in the other. */
  copied(): MemoryTable<Row> {
    const table = new MemoryTable(this.declared);
    for (const row of this.rows.values()) table.put(copy(row));
    return table;
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  /** How to make the rows of these keys again what they are now. */
  undo(keys: Iterable<string>): () => void {
    const before = new Map([...keys].map((key) => [key, this.rows.get(key)]));
    return () => {
      for (const key of before.keys()) this.deleteKey(key);
      for (const row of before.values()) if (row) this.put(row);
    };
  }

  /** Commits a row in place of the one with the same primary key. */
  put(row: Row): void {
    const key = this.keyOf(row);
    const before = this.rows.get(key);
    if (before) this.forget(before);
    this.rows.set(key, row);
    for (const { fields, holders } of this.uniques) {
      const held = tuple(fields, row);
      if (held === undefined) continue;
      if (holders.has(held)) throw new UniqueViolation(this.name);
      holders.set(held, key);
    }
  }

  deleteKey(key: string): void {
    const row = this.rows.get(key);
    if (!row) return;
    this.forget(row);
    this.rows.delete(key);
  }

  private forget(row: Row): void {
    for (const { fields, holders } of this.uniques) holders.delete(tuple(fields, row) ?? '');
  }

  /** The committed row when the conditions name its whole primary key, else all. */
  private candidates(where: Where<Row>): Row[] {
    const named = Object.fromEntries(
      conditions(where).flatMap(([field, condition]) =>
        condition.kind === 'equals' ? [[field, condition.value]] : [],
      ),
    );
    const { key } = this.declared;
    if (!key.every((field) => field in named)) return [...this.rows.values()];
    const row = this.rows.get(tuple(key, named) ?? '');
    return row ? [row] : [];
  }

  private fitting(where: Where<Row>): (row: Row) => boolean {
    const all = conditions(where);
    for (const [field] of all)
      assert(this.declared.columns.has(field), `the table ${this.name} has the field ${field}`);
    return (row) => all.every(([field, condition]) => fits(row[field], condition));
  }

  /** Every committed row, itself: for reading alone. */
  stored(): IterableIterator<Readonly<Row>> {
    return this.rows.values();
  }

  /** Names of the unique values of a row, each with the key of the committed row that has it. */
  uniquesOf(row: Row): { readonly name: string; readonly holder: string | undefined }[] {
    return this.uniques.flatMap(({ fields, holders }) => {
      const held = tuple(fields, row);
      return held === undefined
        ? []
        : [{ name: `${this.name} ${fields.join()} ${held}`, holder: holders.get(held) }];
    });
  }

  keyOf(row: object): string {
    return keyText(this.declared, row);
  }

  toStored(given: Row): Row {
    return storedRow(this.declared, given);
  }
}
