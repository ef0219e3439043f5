import { assert } from '@caretab/kernel';
import { nothing, type Scoped } from './bill';
import type { LineStep } from './lines';

/**
 * Which lines every layer of every plan treats alike: the layers with a condition for lines that
 * take them (`plan/layer`), and the day of service where a plan splits stays at the year's end.
 */
export interface Group {
  readonly day: string | undefined;
  readonly layers: ReadonlySet<string>;
}

/** A line in its scopes. */
export interface SortedLine {
  /** The key of its group. */
  readonly group: string;
  readonly scopes: Scoped;
  /** What rules for lines used of counters of quantities, by key. */
  readonly units: readonly (readonly [key: string, used: number])[];
  readonly steps: readonly LineStep[];
}

/** Sums of sorted lines: as much of them as payers look at. */
export interface Tally {
  readonly groups: ReadonlyMap<string, { readonly lines: number; readonly scopes: Scoped }>;
  readonly units: ReadonlyMap<string, number>;
}

export const emptyTally: Tally = { groups: new Map(), units: new Map() };

export const groupKey = ({ day = '', layers }: Group): string => `${day}|${[...layers].join(',')}`;

export const groupOf = (key: string): Group => {
  const [day = '', layers = ''] = key.split('|');
  return {
    day: day === '' ? undefined : day,
    layers: new Set(layers === '' ? [] : layers.split(',')),
  };
};

type Summed = Pick<SortedLine, 'group' | 'scopes' | 'units'>;

type Groups = Map<string, { readonly lines: number; readonly scopes: Scoped }>;
type Amounts = Map<string, number>;

const combine = (
  groups: Groups,
  used: Amounts,
  { group, scopes, units }: Summed,
  sign: 1 | -1,
): void => {
  const row = groups.get(group) ?? { lines: 0, scopes: nothing() };
  const next = {
    lines: row.lines + sign,
    scopes: row.scopes.map((fen, scope) => fen + sign * scopes[scope]!),
  };
  assert(
    next.lines >= 0 && next.scopes.every((fen) => fen >= 0),
    'only what was added to a tally is taken out of it',
  );
  if (next.lines === 0) groups.delete(group);
  else groups.set(group, next);
  for (const [key, amount] of units) used.set(key, (used.get(key) ?? 0) + sign * amount);
};

/** A tally that takes lines one after the other. */
export class GrowingTally implements Tally {
  readonly groups: Groups = new Map();
  readonly units: Amounts = new Map();

  add(line: Summed): void {
    combine(this.groups, this.units, line, 1);
  }
}

const changed = (tally: Tally, line: Summed, sign: 1 | -1): Tally => {
  const groups = new Map(tally.groups);
  const units = line.units.length === 0 ? (tally.units as Amounts) : new Map(tally.units);
  combine(groups, units, line, sign);
  return { groups, units };
};

/** The tally with one line more: as cheap for the thousandth line as for the first. */
export const withLine = (tally: Tally, line: Summed): Tally => changed(tally, line, 1);

/** The tally without a line that is in it. */
export const withoutLine = (tally: Tally, line: Summed): Tally => changed(tally, line, -1);

export const tallyOf = (lines: readonly Summed[]): Tally => lines.reduce(withLine, emptyTally);
