import { assert } from '@caretab/kernel';
import {
  Any,
  type EntityManager,
  type EntityMetadata,
  Equal,
  type FindOperator,
  type FindOptionsOrder,
  type FindOptionsWhere,
  IsNull,
  LessThanOrEqual,
  MoreThan,
  type SelectQueryBuilder,
} from 'typeorm';
import { inKeyOrder, keyText } from './keys';
import { orderOf, pageOf, picked } from './pages';
import { queryFailure } from './query-failed';
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
import { SQL_TYPES } from './typeorm-schema';
import { BY_INDEX, sumsStatement } from './typeorm-sums';
import { type OnTaken, writeParameters, writeStatement } from './typeorm-writes';
import type { Failures } from './unit-of-work';
import { conditions, type Condition } from './where';

/** One table inside a PostgreSQL transaction. */
export class TypeOrmRows<Row extends object> implements PlainRows<Row> {
  private readonly metadata: EntityMetadata;

  constructor(
    private readonly manager: EntityManager,
    private readonly table: Table<Row>,
    private readonly failures: Failures,
  ) {
    this.metadata = manager.dataSource.getMetadata(table.name);
  }

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
      const rows = await this.manager.find<Row>(this.table.name, {
        where: findWhere(where),
        ...(orderBy === undefined
          ? {}
          : { order: { [orderBy]: descending ? 'DESC' : 'ASC' } as FindOptionsOrder<Row> }),
        take: countMax ?? ROWS_MAX + 1,
        ...(lock === undefined
          ? {}
          : {
              lock: {
                mode: 'pessimistic_write',
                ...(lock === 'skip' ? { onLocked: 'skip_locked' } : {}),
              },
            }),
      });
      return countMax === undefined ? this.allOf(rows) : rows;
    });
  }

  count(where: Where<Row>): Promise<number> {
    return this.query(() => this.select(where).getCount());
  }

  sum(where: Where<Row>, field: NumberField<Row>): Promise<number> {
    return this.query(async () => {
      const raw = await this.select(where)
        .select(`coalesce(sum(row.${field}), 0)`, 'sum')
        .getRawOne<{ sum: string }>();
      return this.whole(raw!.sum);
    });
  }

  group<By extends keyof Row & string, Sum extends NumberField<Row> = never>(
    where: Where<Row>,
    { by, sum = [] }: GroupOptions<By, Sum>,
  ): Promise<Group<Row, By, Sum>[]> {
    return this.query(async () => {
      const query = this.select(where).select('count(*)', 'count');
      for (const field of by)
        query.addSelect(`row.${field}`, `by ${field}`).addGroupBy(`row.${field}`);
      for (const field of by) query.addOrderBy(`row.${field}`);
      for (const field of sum) query.addSelect(`coalesce(sum(row.${field}), 0)`, `sum ${field}`);
      return this.groups(await query.limit(ROWS_MAX + 1).getRawMany(), by, sum);
    });
  }

  page(where: Where<Row>, options: PageOptions<Row>): Promise<Page<Row>> {
    const fields = orderOf(this.table, options);
    return this.query(async () =>
      pageOf(await this.behind(where, options).getMany(), fields, options.countMax),
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
      const query = this.behind(where, options).select([]);
      for (const field of read) query.addSelect(`row.${field}`, field);
      const raws = await query.getRawMany<Record<string, unknown>>();
      const rows = raws.map((raw) => this.hydrated(read, (field) => raw[field]) as Row);
      const { rows: page, next } = pageOf<Row, Row>(rows, fields, options.countMax);
      return { rows: page.map((row) => picked(row, wanted)), next };
    });
  }

  /** The rows of a page and one more. */
  private behind(where: Where<Row>, options: PageOptions<Row>): SelectQueryBuilder<Row> {
    const { descending = false, countMax, after, lock } = options;
    const fields = orderOf(this.table, options);
    const query = this.select(where).limit(countMax + 1);
    for (const field of fields) query.addOrderBy(`row.${field}`, descending ? 'DESC' : 'ASC');
    if (after)
      query.andWhere(
        `(${fields.map((field) => `row.${field}`).join(', ')}) ${descending ? '<' : '>'} ` +
          `(${fields.map((field) => `:after_${field}`).join(', ')})`,
        Object.fromEntries(fields.map((field) => [`after_${field}`, after[field]])),
      );
    if (lock) query.setLock('pessimistic_write');
    if (lock === 'skip') query.setOnLocked('skip_locked');
    return query;
  }

  lockAll(keys: readonly Partial<Row>[]): Promise<Row[]> {
    if (keys.length === 0) return Promise.resolve([]);
    const fields = this.table.key;
    return this.query(() => {
      const query = this.manager
        .createQueryBuilder<Row>(this.table.name, 'row')
        .where(
          `(${fields.map((field) => `row.${field}`).join(', ')}) in (select * from unnest(${fields
            .map(
              (field) => `cast(:${field} as ${SQL_TYPES[this.table.columns.get(field)!.type]}[])`,
            )
            .join(', ')}))`,
          Object.fromEntries(fields.map((field) => [field, keys.map((key) => key[field])])),
        );
      for (const field of fields) query.addOrderBy(`row.${field}`);
      return query.setLock('pessimistic_write').getMany();
    });
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
    const written = (await this.write(firsts, 'skip')).map((raw) =>
      keyText(
        this.table,
        this.hydrated(key, (field) => raw[this.table.columns.get(field)!.name]),
      ),
    );
    const fresh = new Set(written);
    return firsts.filter((row) => fresh.has(keyText(this.table, row)));
  }

  async save(...rows: readonly Row[]): Promise<void> {
    await this.write(inKeyOrder(this.table, rows), 'replace');
  }

  async update(where: Where<Row>, fields: Partial<Row>): Promise<void> {
    const rows = this.manager.createQueryBuilder().update(this.table.name).set(fields);
    await this.query(() =>
      (Object.keys(where).length === 0 ? rows : rows.where(findWhere(where))).execute(),
    );
  }

  insertSums<By extends keyof Row & string, Sum extends NumberField<Row>>(
    sources: readonly SumSource<Row>[],
    options: SumOptions<Row, By, Sum>,
  ): Promise<Group<Row, By, Sum>[]> {
    const { text, parameters } = sumsStatement(this.table, sources, options);
    return this.query(async () => {
      await this.manager.query(BY_INDEX);
      const raws = await this.manager.query<Record<string, unknown>[]>(text, [...parameters]);
      return this.groups(raws, options.by, [options.sum]);
    });
  }

  async delete(where: Where<Row>): Promise<void> {
    const rows = this.manager.createQueryBuilder().delete().from(this.table.name);
    // TypeORM takes a condition without fields for a mistake; the port means every row, as `find`
    // does.
    await this.query(() =>
      (Object.keys(where).length === 0 ? rows : rows.where(findWhere(where))).execute(),
    );
  }

  private select(where: Where<Row>): SelectQueryBuilder<Row> {
    const query = this.manager.createQueryBuilder<Row>(this.table.name, 'row');
    return Object.keys(where).length === 0 ? query : query.where(findWhere(where));
  }

  private async write(rows: readonly Row[], onTaken: OnTaken): Promise<Record<string, unknown>[]> {
    const statement = writeStatement(this.table, onTaken);
    const returned: Record<string, unknown>[] = [];
    for (const parameter of writeParameters(this.table, rows))
      returned.push(
        ...(await this.query(() =>
          this.manager.query<Record<string, unknown>[]>(statement, [parameter]),
        )),
      );
    return returned;
  }

  private groups<By extends keyof Row & string, Sum extends NumberField<Row>>(
    raws: Record<string, unknown>[],
    by: readonly By[],
    sum: readonly Sum[],
  ): Group<Row, By, Sum>[] {
    return this.allOf(raws).map((raw) => ({
      values: this.hydrated(by, (field) => raw[`by ${field}`]),
      count: this.whole(raw['count']),
      sums: Object.fromEntries(
        sum.map((field) => [field, this.whole(raw[`sum ${field}`])]),
      ) as Record<Sum, number>,
    }));
  }

  /** Raw values of columns as a row has them. */
  private hydrated<Field extends keyof Row & string>(
    fields: readonly Field[],
    raw: (field: Field) => unknown,
  ): Pick<Row, Field> {
    const { driver } = this.manager.dataSource;
    return Object.fromEntries(
      fields.map((field) => {
        const column = this.metadata.findColumnWithPropertyName(field)!;
        return [field, driver.prepareHydratedValue(raw(field), column) as unknown];
      }),
    ) as Pick<Row, Field>;
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

const findWhere = <Row extends object>(where: Where<Row>): FindOptionsWhere<Row> =>
  Object.fromEntries(
    conditions(where).map(([field, condition]) => [field, operator(condition)]),
  ) as FindOptionsWhere<Row>;

const operator = (condition: Condition): FindOperator<unknown> => {
  if (condition.kind === 'lte') return LessThanOrEqual(condition.value);
  if (condition.kind === 'gt') return MoreThan(condition.value);
  if (condition.kind === 'in') return Any(condition.values) as FindOperator<unknown>;
  return condition.value === null ? IsNull() : Equal(condition.value);
};
