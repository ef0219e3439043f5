import { assert } from '@caretab/kernel';
import { inKeyOrder, keyText } from './keys';
import { orderOf, pageOf, picked } from './pages';
import { queryFailure } from './query-failed';
import {
  amongText,
  columnOf,
  namesOf,
  orderText,
  pageText,
  Parameters,
  quoted,
  readAs,
  rowsOf,
  selectText,
  valueIn,
  whereText,
} from './sql-text';
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
  type Where,
} from './store';
import type { Table } from './tables';
import type { Session } from './typeorm-session';
import { BY_INDEX, sumsStatement } from './typeorm-sums';
import { type OnTaken, writeParameters, writeStatement } from './typeorm-writes';
import type { Failures } from './unit-of-work';

type Raw = Record<string, unknown>;

const LOCKS = { wait: 'for update', skip: 'for update skip locked' } as const;

/** One table inside a PostgreSQL transaction. */
export class TypeOrmRows<Row extends object> implements PlainRows<Row> {
  constructor(
    private readonly session: Session,
    private readonly table: Table<Row>,
    private readonly failures: Failures,
  ) {}

  async get(
    where: Where<Row>,
    options: Pick<FindOptions<Row>, 'lock'> = {},
  ): Promise<Row | undefined> {
    return (await this.find(where, { ...options, countMax: 1 }))[0];
  }

  find(
    where: Where<Row>,
    { orderBy, descending, countMax, lock }: FindOptions<Row> = {},
  ): Promise<Row[]> {
    return this.query(async () => {
      const parameters = new Parameters();
      const text = [
        whereText(this.table, where, parameters),
        orderBy === undefined ? '' : `order by ${orderText(this.table, [orderBy], descending)}`,
        `limit ${parameters.place(countMax ?? ROWS_MAX + 1, 'bigint')}`,
      ].join(' ');
      const rows = await this.select(text, { parameters, lock });
      return countMax === undefined ? this.allOf(rows) : rows;
    });
  }

  count(where: Where<Row>): Promise<number> {
    return this.query(async () => this.whole(await this.single('count(*)', where)));
  }

  sum(where: Where<Row>, field: NumberField<Row>): Promise<number> {
    const { name } = columnOf(this.table, field);
    return this.query(async () =>
      this.whole(await this.single(`coalesce(sum(${name}), 0)`, where)),
    );
  }

  group<By extends keyof Row & string, Sum extends NumberField<Row> = never>(
    where: Where<Row>,
    { by, sum = [] }: GroupOptions<By, Sum>,
  ): Promise<Group<Row, By, Sum>[]> {
    return this.query(async () => {
      const parameters = new Parameters();
      const sums = sum.map((field) => {
        const { name } = columnOf(this.table, field);
        return `coalesce(sum(${name}), 0) as ${quoted(`sum ${field}`)}`;
      });
      const columns = [readAs(this.table, by, (field) => `by ${field}`), 'count(*)', ...sums];
      const text = [
        `select ${columns.join(', ')} from ${quoted(this.table.name)}`,
        whereText(this.table, where, parameters),
        `group by ${namesOf(this.table, by)} order by ${namesOf(this.table, by)}`,
        `limit ${parameters.place(ROWS_MAX + 1, 'bigint')}`,
      ].join(' ');
      return this.groups(await this.session.read<Raw>(text, parameters.values), by, sum);
    });
  }

  page(where: Where<Row>, options: PageOptions<Row>): Promise<Page<Row>> {
    const fields = orderOf(this.table, options);
    return this.query(async () =>
      pageOf(await this.behind(where, options), fields, options.countMax),
    );
  }

  pageFields<Field extends keyof Row & string>(
    wanted: readonly Field[],
    where: Where<Row>,
    options: PageOptions<Row>,
  ): Promise<Page<Row, Pick<Row, Field>>> {
    const fields = orderOf(this.table, options);
    const read = [...new Set([...fields, ...wanted])];
    return this.query(async () => {
      const rows = await this.behind(where, options, read);
      const { rows: page, next } = pageOf<Row, Row>(rows, fields, options.countMax);
      return { rows: page.map((row) => picked(row, wanted)), next };
    });
  }

  /** The rows of a page and one more. */
  private behind(
    where: Where<Row>,
    options: PageOptions<Row>,
    read?: readonly (keyof Row & string)[],
  ): Promise<Row[]> {
    const parameters = new Parameters();
    const fields = orderOf(this.table, options);
    const text = pageText(this.table, fields, { ...options, where, parameters });
    return this.select(text, { parameters, lock: options.lock, read });
  }

  lockAll(keys: readonly Partial<Row>[]): Promise<Row[]> {
    if (keys.length === 0) return Promise.resolve([]);
    const fields = this.table.key;
    const parameters = new Parameters();
    const text = `${amongText(this.table, keys, parameters)} order by ${orderText(this.table, fields)}`;
    return this.query(() => this.select(text, { parameters, lock: 'wait' }));
  }

  async insert(...rows: readonly Row[]): Promise<void> {
    await this.write(rows, 'fail');
  }

  async insertIfAbsent(row: Row): Promise<boolean> {
    return (await this.insertAllAbsent([row])).length === 1;
  }

  async insertAllAbsent(rows: readonly Row[]): Promise<Row[]> {
    const firsts = inKeyOrder(this.table, [...rows].reverse());
    const { key } = this.table;
    const written = await this.write(firsts, 'skip');
    const fresh = new Set(
      written.map((raw) =>
        keyText(
          this.table,
          this.valuesIn(key, (field) => raw[field]),
        ),
      ),
    );
    return firsts.filter((row) => fresh.has(keyText(this.table, row)));
  }

  async save(...rows: readonly Row[]): Promise<void> {
    await this.write(inKeyOrder(this.table, rows), 'replace');
  }

  async update(where: Where<Row>, fields: Partial<Row>): Promise<void> {
    const parameters = new Parameters();
    const sets = Object.entries(fields).map(([field, value]) => {
      const { name, type } = columnOf(this.table, field);
      return `${name} = ${value === null ? 'null' : parameters.place(value, type)}`;
    });
    await this.run(
      `update ${quoted(this.table.name)} set ${sets.join(', ')} ${whereText(this.table, where, parameters)}`,
      parameters.values,
    );
  }

  insertSums<By extends keyof Row & string, Sum extends NumberField<Row>>(
    sources: readonly SumSource<Row>[],
    options: SumOptions<Row, By, Sum>,
  ): Promise<Group<Row, By, Sum>[]> {
    const { text, parameters } = sumsStatement(this.table, sources, options);
    return this.query(async () => {
      await this.session.run(BY_INDEX, []);
      const raws = await this.session.run<Raw>(text, parameters);
      return this.groups(raws, options.by, [options.sum]);
    });
  }

  async delete(where: Where<Row>): Promise<void> {
    const parameters = new Parameters();
    const fitting = whereText(this.table, where, parameters);
    await this.run(`delete from ${quoted(this.table.name)} ${fitting}`, parameters.values);
  }

  private async write(rows: readonly Row[], onTaken: OnTaken): Promise<Raw[]> {
    const statement = writeStatement(this.table, onTaken);
    // All are asked for at once: what goes out with the commit must be before it.
    const asked = writeParameters(this.table, rows).map((parameter) =>
      this.run(statement, [parameter]),
    );
    return (await Promise.all(asked)).flat();
  }

  private run(text: string, values: readonly unknown[]): Promise<Raw[]> {
    return this.query(() => this.session.run<Raw>(text, values));
  }

  /** `text`: what follows the table's name. */
  private async select(
    text: string,
    {
      parameters: { values },
      lock,
      read,
    }: {
      readonly parameters: Parameters;
      readonly lock: 'wait' | 'skip' | undefined;
      readonly read?: readonly (keyof Row & string)[] | undefined;
    },
  ): Promise<Row[]> {
    const whole = `${selectText(this.table, read)} ${text}`;
    const lists = await (lock
      ? this.session.run<unknown[]>(`${whole} ${LOCKS[lock]}`, values, 'array')
      : this.session.read<unknown[]>(whole, values, 'array'));
    return rowsOf(this.table, read ?? [...this.table.columns.keys()], lists) as Row[];
  }

  private async single(expression: string, where: Where<Row>): Promise<unknown> {
    const parameters = new Parameters();
    const text =
      `select ${expression} as value from ${quoted(this.table.name)} ` +
      whereText(this.table, where, parameters);
    const [row] = await this.session.read<{ value: unknown }>(text, parameters.values);
    return row!.value;
  }

  private groups<By extends keyof Row & string, Sum extends NumberField<Row>>(
    raws: Raw[],
    by: readonly By[],
    sum: readonly Sum[],
  ): Group<Row, By, Sum>[] {
    return this.allOf(raws).map((raw) => ({
      values: this.valuesIn(by, (field) => raw[`by ${field}`]),
      count: this.whole(raw['count']),
      sums: Object.fromEntries(
        sum.map((field) => [field, this.whole(raw[`sum ${field}`])]),
      ) as Record<Sum, number>,
    }));
  }

  /** Values of columns as a row has them. */
  private valuesIn<Field extends keyof Row & string>(
    fields: readonly Field[],
    raw: (field: Field) => unknown,
  ): Pick<Row, Field> {
    const values: Raw = {};
    for (const field of fields) values[field] = valueIn(raw(field), this.table.columns.get(field)!);
    return values as Pick<Row, Field>;
  }

  private allOf<Item>(items: Item[]): Item[] {
    if (items.length > ROWS_MAX) throw new TooManyRows(this.table.name);
    return items;
  }

  /** A count or sum: PostgreSQL returns it as text, because it may exceed 2^53. */
  private whole(text: unknown): number {
    const value = Number(text);
    assert(Number.isSafeInteger(value), `a sum over ${this.table.name} is a safe integer`);
    return value;
  }

  private query<Result>(run: () => Promise<Result>): Promise<Result> {
    return this.failures.watch(async () => {
      try {
        return await run();
      } catch (error) {
        throw queryFailure(error, this.table.name);
      }
    });
  }
}
