import { assert } from '@caretab/kernel';
import type { EntitySchema, EntitySchemaColumnOptions } from 'typeorm';
import { UniqueViolation, type FindOptions, type Where } from './store';
import { conditions, type Condition } from './where';

/**
 * One table in memory: its rows by primary key, in the order they came, and the keys that must stay
 * unique.
 */
export class MemoryTable<Row extends object> {
  readonly name: string;
  private readonly columns: [keyof Row & string, EntitySchemaColumnOptions][];
  private readonly fields: ReadonlySet<string>;
  private readonly keyFields: string[];
  private readonly uniques: {
    readonly fields: readonly string[];
    readonly holders: Map<string, string>;
  }[];
  private readonly rows = new Map<string, Row>();

  constructor({ options }: EntitySchema<Row>) {
    this.name = options.tableName ?? options.name;
    this.columns = Object.entries(options.columns) as [
      keyof Row & string,
      EntitySchemaColumnOptions,
    ][];
    this.fields = new Set(this.columns.map(([field]) => field));
    this.keyFields = this.columns.filter(([, column]) => column.primary).map(([field]) => field);
    assert(this.keyFields.length > 0, `the table ${this.name} has a primary key`);
    const indices = (options.indices ?? []).filter(
      (index) => index.unique && index.where === undefined,
    );
    const declared = [...(options.uniques ?? []), ...indices]
      .map(({ columns }) => columns)
      .filter((columns) => Array.isArray(columns));
    const single = this.columns.filter(([, column]) => column.unique).map(([field]) => [field]);
    this.uniques = [...declared, ...single].map((fields) => ({
      fields: fields as string[],
      holders: new Map(),
    }));
  }

  /**
   * `own` lays the rows that one transaction has written (undefined: deleted) over those that are
   * stored.
   */
  find(
    where: Where<Row>,
    { orderBy, descending, countMax }: FindOptions<Row> = {},
    own?: ReadonlyMap<string, Row | undefined>,
  ): Row[] {
    const found = own && own.size > 0 ? this.overlaid(where, own) : this.candidates(where);
    if (orderBy) found.sort((a, b) => compare(a[orderBy], b[orderBy]) * (descending ? -1 : 1));
    return (countMax === undefined ? found : found.slice(0, countMax)).map(copy);
  }

  count(where: Where<Row>): number {
    return this.candidates(where).length;
  }

  /** The stored row of the same primary key, if any. */
  sameKey(row: Row): Row | undefined {
    return this.rows.get(this.keyOf(row));
  }

  /** Puts the row in, in place of the one with the same primary key. Returns how to undo that. */
  put(given: Row): () => void {
    const row = this.toStored(given);
    const key = this.keyOf(row);
    for (const { fields, holders } of this.uniques) {
      const holder = holders.get(tuple(fields, row) ?? '');
      if (holder !== undefined && holder !== key) throw new UniqueViolation(this.name);
    }
    const before = this.rows.get(key);
    if (before) this.forget(before);
    this.remember(key, row);
    return () => {
      this.forget(row);
      if (before) this.remember(key, before);
      else this.rows.delete(key);
    };
  }

  insert(row: Row): () => void {
    if (this.sameKey(row)) throw new UniqueViolation(this.name);
    return this.put(row);
  }

  delete(where: Where<Row>): () => void {
    const gone = this.candidates(where);
    for (const row of gone) {
      this.forget(row);
      this.rows.delete(this.keyOf(row));
    }
    return () => gone.forEach((row) => this.remember(this.keyOf(row), row));
  }

  deleteKey(key: string): void {
    const row = this.rows.get(key);
    if (!row) return;
    this.forget(row);
    this.rows.delete(key);
  }

  private remember(key: string, row: Row): void {
    this.rows.set(key, row);
    for (const { fields, holders } of this.uniques) {
      const held = tuple(fields, row);
      if (held !== undefined) holders.set(held, key);
    }
  }

  private forget(row: Row): void {
    for (const { fields, holders } of this.uniques) holders.delete(tuple(fields, row) ?? '');
  }

  private overlaid(where: Where<Row>, own: ReadonlyMap<string, Row | undefined>): Row[] {
    const all = conditions(where);
    const stored = this.candidates(where).filter((row) => !own.has(this.keyOf(row)));
    return [
      ...stored,
      ...[...own.values()].filter(
        (row) =>
          row !== undefined && all.every(([field, condition]) => fits(row[field], condition)),
      ),
    ] as Row[];
  }

  /**
   * The row itself when the conditions name its whole primary key, else all that fit. Not copied.
   */
  private candidates(where: Where<Row>): Row[] {
    const all = conditions(where);
    const named: Record<string, unknown> = {};
    for (const [field, condition] of all) {
      assert(this.fields.has(field), `the table ${this.name} has the field ${field}`);
      if (condition.kind === 'equals') named[field] = condition.value;
    }
    const key = this.keyFields.every((field) => field in named)
      ? tuple(this.keyFields, named)
      : undefined;
    const found: Row[] = [];
    const keepIfFits = (row: Row): void =>
      void (all.every(([field, condition]) => fits(row[field], condition)) && found.push(row));
    if (key === undefined) this.rows.forEach(keepIfFits);
    else if (this.rows.has(key)) keepIfFits(this.rows.get(key)!);
    return found;
  }

  /** Every stored row, itself: for an onlooker who changes nothing. */
  stored(): IterableIterator<Readonly<Row>> {
    return this.rows.values();
  }

  /** Names of the unique values that a row takes, with the key of the stored row that has each. */
  uniquesOf(row: Row): { readonly name: string; readonly holder: string | undefined }[] {
    return this.uniques.flatMap(({ fields, holders }) => {
      const held = tuple(fields, row);
      return held === undefined
        ? []
        : [{ name: `${this.name} ${fields.join()} ${held}`, holder: holders.get(held) }];
    });
  }

  keyOf(row: object): string {
    const key = tuple(this.keyFields, row);
    assert(key !== undefined, `a row of ${this.name} has its primary key`);
    return key;
  }

  /**
   * As the database would keep it: the declared fields alone, absent ones with their default or
   * NULL, JSON without undefined.
   */
  toStored(given: Row): Row {
    const row: Record<string, unknown> = {};
    for (const [field, column] of this.columns) {
      const value = given[field] ?? (given[field] === undefined ? column.default : null) ?? null;
      if (value === null) assert(column.nullable, `${field} of ${this.name} is not null`);
      row[field] =
        column.type === 'jsonb' && value !== null
          ? (JSON.parse(JSON.stringify(value)) as unknown)
          : copy(value);
    }
    return row as Row;
  }
}

/** A key over fields as text; undefined when one is NULL, because NULLs are distinct. */
const tuple = (fields: readonly string[], row: object): string | undefined => {
  const values: unknown[] = [];
  for (const field of fields) {
    const value = comparable((row as Record<string, unknown>)[field]);
    if (value === null || value === undefined) return undefined;
    values.push(value);
  }
  return JSON.stringify(values);
};

const comparable = (value: unknown): unknown => {
  if (value instanceof Date) return value.getTime();
  return Buffer.isBuffer(value) ? value.toString('base64') : value;
};

const fits = (value: unknown, condition: Condition): boolean => {
  if (condition.kind === 'in')
    return value !== null && condition.values.some((one) => comparable(one) === comparable(value));
  if (condition.kind === 'equals') return comparable(value) === comparable(condition.value);
  if (value === null || condition.value === null) return false;
  return condition.kind === 'gt'
    ? compare(value, condition.value) > 0
    : compare(value, condition.value) <= 0;
};

/** As the database orders: NULL last, text by code point. */
const compare = (left: unknown, right: unknown): number => {
  const [a, b] = [comparable(left), comparable(right)] as [never, never];
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
};

/** Nobody outside holds what is stored. Plain data, dates and buffers. */
const copy = <Value>(value: Value): Value => {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date) return new Date(value) as Value;
  if (Buffer.isBuffer(value)) return Buffer.from(value) as never;
  if (Array.isArray(value)) return value.map(copy) as Value;
  const copied: Record<string, unknown> = {};
  for (const field of Object.keys(value))
    copied[field] = copy((value as Record<string, unknown>)[field]);
  return copied as Value;
};
