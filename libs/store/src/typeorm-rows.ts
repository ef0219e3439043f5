import {
  type EntityManager,
  type EntityMetadata,
  type EntitySchema,
  Equal,
  type FindOperator,
  type FindOptionsOrder,
  type FindOptionsWhere,
  In,
  IsNull,
  LessThanOrEqual,
  MoreThan,
} from 'typeorm';
import type { FindOptions, Rows, Where } from './store';
import { bulkUpsert } from './typeorm-bulk';
import { queryFailure } from './query-failed';
import type { Failures } from './unit-of-work';
import { conditions, type Condition } from './where';

/** PostgreSQL takes 65 535 parameters per statement; 500 rows leave room for 130 columns. */
const ROWS_PER_STATEMENT_MAX = 500;

/** One table inside a PostgreSQL transaction. */
export class TypeOrmRows<Row extends object> implements Rows<Row> {
  private readonly metadata: EntityMetadata;

  constructor(
    private readonly manager: EntityManager,
    private readonly table: EntitySchema<Row>,
    private readonly failures: Failures,
  ) {
    this.metadata = manager.dataSource.getMetadata(table);
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
    return this.query(() =>
      this.manager.find(this.table, {
        where: findWhere(where),
        ...(orderBy === undefined
          ? {}
          : { order: { [orderBy]: descending ? 'DESC' : 'ASC' } as FindOptionsOrder<Row> }),
        ...(countMax === undefined ? {} : { take: countMax }),
        ...(lock === undefined
          ? {}
          : {
              lock: {
                mode: 'pessimistic_write',
                ...(lock === 'skip' ? { onLocked: 'skip_locked' } : {}),
              },
            }),
      }),
    );
  }

  count(where: Where<Row>): Promise<number> {
    return this.query(() => this.manager.count(this.table, { where: findWhere(where) }));
  }

  async insert(...rows: readonly Row[]): Promise<void> {
    for (const part of parts(rows)) await this.query(() => this.inserting(part).execute());
  }

  async insertIfAbsent(row: Row): Promise<boolean> {
    const keys = this.keyColumns();
    const { raw } = await this.query(() =>
      this.inserting([row])
        .orUpdate([], keys)
        .returning(keys.map((key) => `"${key}"`).join(', '))
        .execute(),
    );
    return (raw as unknown[]).length === 1;
  }

  async save(...rows: readonly Row[]): Promise<void> {
    const keys = this.keyColumns();
    const others = this.metadata.columns
      .filter((column) => !column.isPrimary)
      .map((column) => column.databaseName);
    for (const part of parts(this.lastOfEachKey(rows))) {
      const bulk = bulkUpsert(this.metadata, part);
      await this.query<unknown>(() =>
        bulk
          ? this.manager.query(bulk.statement, [bulk.parameter])
          : this.inserting(part).orUpdate(others, keys).execute(),
      );
    }
  }

  async delete(where: Where<Row>): Promise<void> {
    const rows = this.manager.createQueryBuilder().delete().from(this.table);
    // TypeORM takes a condition without fields for a mistake; the port means every row, as `find`
    // does.
    await this.query(() =>
      (Object.keys(where).length === 0 ? rows : rows.where(findWhere(where))).execute(),
    );
  }

  private inserting(rows: readonly Row[]) {
    return this.manager
      .createQueryBuilder()
      .insert()
      .into(this.table)
      .values(rows as never)
      .updateEntity(false);
  }

  private keyColumns(): string[] {
    return this.metadata.primaryColumns.map((column) => column.databaseName);
  }

  /** One statement cannot replace the same row twice. */
  private lastOfEachKey(rows: readonly Row[]): Row[] {
    const fields = this.metadata.primaryColumns.map((column) => column.propertyName as keyof Row);
    return [
      ...new Map(
        rows.map((row) => [JSON.stringify(fields.map((field) => row[field])), row]),
      ).values(),
    ];
  }

  private query<Result>(run: () => Promise<Result>): Promise<Result> {
    return this.failures.watch(async () => {
      try {
        return await run();
      } catch (error) {
        throw queryFailure(error, this.metadata.tableName);
      }
    });
  }
}

const parts = <Item>(items: readonly Item[]): Item[][] => {
  const result: Item[][] = [];
  for (let from = 0; from < items.length; from += ROWS_PER_STATEMENT_MAX)
    result.push(items.slice(from, from + ROWS_PER_STATEMENT_MAX));
  return result;
};

const findWhere = <Row extends object>(where: Where<Row>): FindOptionsWhere<Row> =>
  Object.fromEntries(
    conditions(where).map(([field, condition]) => [field, operator(condition)]),
  ) as FindOptionsWhere<Row>;

const operator = (condition: Condition): FindOperator<unknown> => {
  if (condition.kind === 'lte') return LessThanOrEqual(condition.value);
  if (condition.kind === 'gt') return MoreThan(condition.value);
  if (condition.kind === 'in') return In(condition.values as unknown[]);
  return condition.value === null ? IsNull() : Equal(condition.value);
};
