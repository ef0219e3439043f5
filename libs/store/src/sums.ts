import { assert } from '@caretab/kernel';
import { comparable, tuple } from './keys';
import type { Origin, SumOptions, SumSource, Where } from './store';
import type { Table } from './tables';

/** The fields by which sources are added up, in one order. Breaks where sources name others. */
export const addedUpBy = <Row>(sources: readonly SumSource<Row>[]): (keyof Row & string)[] => {
  const [fields = [], ...others] = sources.flatMap(({ adds }) =>
    adds.map(({ to }) => Object.keys(to).sort()),
  );
  assert(
    others.every((other) => other.join() === fields.join()),
    'every source is added up by the same fields',
  );
  return fields as (keyof Row & string)[];
};

type Values = Readonly<Record<string, unknown>>;

const pairsOf = (
  { of, where, beside }: SumSource<never>,
  rowsOf: (table: Table, where: Where<any>) => readonly object[],
): { readonly of: Values; readonly beside: Values }[] => {
  const rows = rowsOf(of, where) as Values[];
  if (!beside) return rows.map((row) => ({ of: row, beside: {} }));
  return rows.flatMap((row) => {
    if (tuple(beside.on, row) === undefined) return [];
    const same = Object.fromEntries(beside.on.map((field) => [field, row[field]]));
    return rowsOf(beside.table, same).map((other) => ({ of: row, beside: other as Values }));
  });
};

const valueOf = (origin: Origin<any, any, unknown>, pair: ReturnType<typeof pairsOf>[number]) =>
  'is' in origin ? origin.is : 'of' in origin ? pair.of[origin.of] : pair.beside[origin.beside];

/** The rows that `insertSums` inserts, from rows in memory. */
export const sumsOver = <Row extends object>(
  sources: readonly SumSource<Row>[],
  { sum, every }: Pick<SumOptions<Row, never, keyof Row & string>, 'sum' | 'every'>,
  rowsOf: (table: Table, where: Where<any>) => readonly object[],
): Row[] => {
  const fields = addedUpBy(sources);
  const sums = new Map<string, { readonly values: Values; total: number }>();
  for (const source of sources)
    for (const pair of pairsOf(source as SumSource<never>, rowsOf))
      for (const { to, amount, sign } of source.adds) {
        const values = Object.fromEntries(
          fields.map((field) => [field, valueOf(to[field]!, pair)]),
        );
        const name = JSON.stringify(fields.map((field) => comparable(values[field])));
        const known = sums.get(name) ?? { values, total: 0 };
        known.total += sign * Number(valueOf(amount, pair) ?? 0);
        sums.set(name, known);
      }
  return [...sums.values()]
    .filter(({ total }) => total !== 0)
    .map(({ values, total }) => ({ ...every, ...values, [sum]: total }) as unknown as Row);
};
