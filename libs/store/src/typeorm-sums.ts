import type { Origin, SumOptions, SumSource } from './store';
import { addedUpBy } from './sums';
import type { Table } from './tables';
import { columnOf, Parameters, readAs, tested } from './sql-text';
import { conditions } from './where';

/**
 * Before the statement: a table that has grown since its statistics were taken would be read whole,
 * each time. It lasts until the transaction ends: what follows on the same rows is read by index too.
 */
export const BY_INDEX = 'set local enable_seqscan = off';

/** The amounts of one source, a row each. What holds for a row holds for the row beside it too. */
const amountsOf = (source: SumSource<any>, to: Table, fields: readonly string[]) => {
  const { of, where, beside, adds } = source;
  return (parameters: Parameters): string => {
    const value = (origin: Origin<any, any, unknown>, field: string): string => {
      if ('is' in origin) return parameters.place(origin.is, columnOf(to, field).type);
      return 'of' in origin
        ? `a.${columnOf(of, origin.of).name}`
        : `b.${columnOf(beside!.table, origin.beside).name}`;
    };
    const rows = adds.map(({ to: into, amount, sign }) =>
      [
        ...fields.map((field) => value(into[field]!, field)),
        `${sign < 0 ? '-' : ''}${value(amount, '')}`,
      ].join(', '),
    );
    const tests = conditions(where).flatMap(([field, condition]) => [
      tested(`a.${columnOf(of, field).name}`, { condition, ...typed(of, field) }, parameters),
      ...(beside?.on.includes(field)
        ? [
            tested(
              `b.${columnOf(beside.table, field).name}`,
              { condition, ...typed(beside.table, field) },
              parameters,
            ),
          ]
        : []),
    ]);
    const joined = (beside?.on ?? []).map(
      (field) => `a.${columnOf(of, field).name} = b.${columnOf(beside!.table, field).name}`,
    );
    return [
      `select v.* from "${of.name}" a`,
      beside ? `join "${beside.table.name}" b on ${joined.join(' and ')}` : '',
      `cross join lateral (values ${rows.map((row) => `(${row})`).join(', ')}) v`,
      tests.length > 0 ? `where ${tests.join(' and ')}` : '',
    ].join(' ');
  };
};

const typed = (table: Table, field: string): { readonly type: string } => ({
  type: columnOf(table, field).type,
});

/** The statement of `insertSums`, which returns its groups: `by <field>`, `count`, `sum <field>`. */
export const sumsStatement = <Row extends object>(
  table: Table<Row>,
  sources: readonly SumSource<Row>[],
  { sum, every, by }: SumOptions<Row, keyof Row & string, keyof Row & string>,
): { readonly text: string; readonly parameters: readonly unknown[] } => {
  const parameters = new Parameters();
  const fields = addedUpBy(sources);
  const constants = Object.keys(every) as (keyof Row & string)[];
  const names = (some: readonly string[]): string =>
    some.map((field) => columnOf(table, field).name).join(', ');
  const amount = columnOf(table, sum).name;
  const fixed = constants.map((field) => parameters.place(every[field], typed(table, field).type));
  const amounts = sources.map((source) => amountsOf(source, table, fields)(parameters));
  const text = [
    `with inserted as (insert into "${table.name}" (${names([...constants, ...fields, sum])})`,
    `select ${[...fixed, names(fields)].join(', ')}, sum(${amount})`,
    `from (${amounts.join(' union all ')}) amounts (${names([...fields, sum])})`,
    `group by ${names(fields)} having sum(${amount}) <> 0`,
    `returning ${names([...new Set([...by, sum])])})`,
    `select ${readAs(table, by, (field) => `by ${field}`)},`,
    `count(*), sum(${amount}) as "sum ${sum}"`,
    `from inserted group by ${names(by)} order by ${names(by)}`,
  ].join(' ');
  return { text, parameters: parameters.values };
};
