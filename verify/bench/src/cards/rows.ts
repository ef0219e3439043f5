import { idNumberOf } from '../identity/persons';

const PLANTED_MAX = 1_000;
const EACH_OF_FEW = 20;
export const HOLDER_NAME = '林清和';

/** A row of the file. */
export interface CardRow {
  readonly idNumber: string;
  readonly name: string;
  readonly medium: string;
  readonly number: string;
}

/** What can be wrong with a row, in turn. */
const WRONG: readonly ((row: CardRow) => CardRow)[] = [
  (row) => ({ ...row, name: '王大力' }),
  (row) => ({ ...row, idNumber: `${row.idNumber.slice(0, 17)}*` }),
  (row) => ({ ...row, number: '№ 1' }),
  (row) => ({ ...row, medium: 'paper' }),
  (row) => ({ ...row, number: row.idNumber }),
];

/** How far the wrong rows are apart. */
const strideOf = (rows: number): number => Math.max(EACH_OF_FEW, Math.floor(rows / PLANTED_MAX));

/** Whether a row of a file of so many, counted from 1, has to be rejected. */
export const isPlanted = (row: number, rows: number): boolean =>
  row % strideOf(rows) === 0 && row / strideOf(rows) <= PLANTED_MAX;

/** A row of a file of so many, counted from 1. */
export const rowOf = (row: number, rows: number): CardRow => {
  const right: CardRow = {
    ...{ idNumber: idNumberOf(row - 1), name: HOLDER_NAME, medium: 'physical' },
    number: `HC-BENCH-${String(row).padStart(9, '0')}`,
  };
  return isPlanted(row, rows) ? WRONG[(row / strideOf(rows)) % WRONG.length]!(right) : right;
};
