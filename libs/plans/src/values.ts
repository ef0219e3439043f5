import { fenOf, isAmount, isRate, rateOf } from './amounts';
import { type Circumstances, missing, type Named, type Names } from './conditions';
import { type Finding, pointer } from './strict-json';

/** A band in whole fen and millionths; `upTo` Infinity is open. */
export interface Band {
  readonly upTo: number;
  readonly rate: number;
}
export type BandsText = readonly (readonly [string | null, string])[];

/** What stands in a file where a figure is wanted. */
export type ValueFile =
  | string
  | BandsText
  | { readonly by: readonly string[]; readonly rows: Rows }
  | { readonly table: string };
export type Rows = string | BandsText | { readonly [value: string]: Rows };

/** A figure for the circumstances; null: the table says "none". */
export interface Value<Leaf> {
  of(circumstances: Circumstances): Leaf | null;
  /** Every figure that it can be, with its place. */
  readonly leaves: readonly { readonly path: string; readonly leaf: Leaf }[];
}

interface Kind<Leaf> {
  /** What is wanted, for a complaint. */
  readonly what: string;
  read(text: unknown, path: string, findings: Finding[]): Leaf | undefined;
}

export const amountKind: Kind<number> = {
  what: 'an amount in yuan, as text such as "1500.00"',
  read: (text) => (isAmount(text) ? fenOf(text) : undefined),
};
export const rateKind: Kind<number> = {
  what: 'a percentage up to 100 %, as text such as "82%"',
  read: (text) => (isRate(text) ? rateOf(text) : undefined),
};
export const bandsKind: Kind<readonly Band[]> = {
  what: 'bands, such as [["40000", "82%"], [null, "90%"]]',
  read: (rows, path, findings) => {
    if (!Array.isArray(rows)) return undefined;
    const fault = (index: number, why: string, remedy: string): void =>
      void findings.push({ path: pointer(path, index), why, remedy });
    const bands = (rows as BandsText).map(([upTo, rate], index): Band => {
      if (!isRate(rate)) fault(index, 'A band has a percentage up to 100 %.', 'Correct it.');
      return {
        upTo: upTo === null ? Infinity : fenOf(upTo),
        rate: isRate(rate) ? rateOf(rate) : 0,
      };
    });
    for (const [index, { upTo }] of bands.entries()) {
      const before = bands[index - 1]?.upTo ?? 0;
      if (upTo <= before)
        fault(
          index,
          `This band ends at or before the one before it: a range would be paid twice.`,
          'Let bands rise.',
        );
    }
    if (bands.at(-1)?.upTo !== Infinity)
      fault(
        bands.length - 1,
        'The last band has an end, so nothing says what is paid above it.',
        'Add [null, "0%"], or the rate above.',
      );
    return bands;
  },
};

interface Reading<Leaf> {
  readonly kind: Kind<Leaf>;
  readonly names: Names;
  readonly leaves: { path: string; leaf: Leaf }[];
}
type Lookup<Leaf> = (circumstances: Circumstances) => Leaf | null;

const leafOf = <Leaf>(
  { kind, names, leaves }: Reading<Leaf>,
  text: unknown,
  path: string,
): Lookup<Leaf> => {
  if (text === 'none') return () => null;
  const leaf = kind.read(text, path, names.findings);
  if (leaf === undefined) {
    names.fault(path, `Here stands no ${kind.what.replace(/^an? /, '')}.`, `Write ${kind.what}.`);
    return () => null;
  }
  leaves.push({ path, leaf });
  return () => leaf;
};

const isRow = (rows: Rows): rows is { readonly [value: string]: Rows } =>
  typeof rows === 'object' && !Array.isArray(rows);

/** One word's rows: each of its values has one, or "*" stands for those that have none. */
const rowsOf = <Leaf>(
  reading: Reading<Leaf>,
  [word, ...further]: readonly string[],
  rows: Rows,
  path: string,
): Lookup<Leaf> => {
  if (word === undefined) return leafOf(reading, rows, path);
  const { names } = reading;
  const named = names.find(word);
  if (!named) {
    names.fault(path, `No word is called “${word}”.`, `There are: ${names.list()}.`);
    return () => null;
  }
  if (rows === 'none') return () => null;
  if (!isRow(rows)) {
    names.fault(path, `Rows by “${word}” are wanted here.`, 'Write {"value": …, "*": …}.');
    return () => null;
  }
  complete(word, named, rows, names, path);
  const lookups = new Map(
    Object.entries(rows).map(([value, below]) => [
      value,
      rowsOf(reading, further, below, pointer(path, value)),
    ]),
  );
  const others = lookups.get('*');
  return (circumstances) => {
    const value = named.read(circumstances);
    if (value === undefined) throw missing(word, names.plan, named);
    const lookup = lookups.get(String(value as string)) ?? others;
    return lookup ? lookup(circumstances) : null;
  };
};

const valuesOf = ({ type, values }: Named): readonly string[] | undefined =>
  type === 'boolean' ? ['true', 'false'] : values;

const complete = (word: string, named: Named, rows: object, names: Names, path: string): void => {
  const values = valuesOf(named);
  if (!values || named.type === 'codes') {
    const why = `“${word}” has no closed list of values, so no table by it is complete.`;
    names.fault(path, why, 'Make a word of it, with its cases.');
    return;
  }
  const given = Object.keys(rows);
  for (const stranger of given.filter((value) => value !== '*' && !values.includes(value)))
    names.fault(
      pointer(path, stranger),
      `“${word}” is never “${stranger}”: this row is never reached.`,
      `It is one of: ${values.join(', ')}.`,
    );
  const without = values.filter((value) => !given.includes(value));
  if (without.length > 0 && !given.includes('*'))
    names.fault(
      path,
      `The table has no row for “${word}” ${without.map((value) => `“${value}”`).join(', ')}.`,
      'Add the row, or "*" for all others; "none" says that nothing is paid.',
    );
  if (without.length === 0 && given.includes('*'))
    names.fault(
      pointer(path, '*'),
      `The row “*” is never reached: every value of “${word}” has its own.`,
      'Take it out.',
    );
};

export interface Tables {
  readonly [name: string]: ValueFile;
}

/** A figure of a plan, ready to be asked. A table by its name is read for what is wanted here. */
export const valueOf = <Leaf>(
  kind: Kind<Leaf>,
  file: ValueFile,
  { names, tables, path }: { names: Names; tables: Tables; path: string },
): Value<Leaf> => {
  const reading: Reading<Leaf> = { kind, names, leaves: [] };
  if (typeof file === 'object' && 'table' in file) {
    const table = tables[file.table];
    if (table !== undefined && !(typeof table === 'object' && 'table' in table))
      return valueOf(kind, table, { names, tables, path: pointer('/tables', file.table) });
    names.fault(path, `No table is called “${file.table}”.`, 'Add it to “tables”.');
    return { of: () => null, leaves: [] };
  }
  const of =
    typeof file === 'object' && 'by' in file
      ? rowsOf(reading, file.by, file.rows, pointer(path, 'rows'))
      : leafOf(reading, file, path);
  return { of, leaves: reading.leaves };
};
