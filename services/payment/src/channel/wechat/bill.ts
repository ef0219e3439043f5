import { DomainError, parseYuan } from '@caretab/kernel';
import type { StatementEntry } from '../channel';
import { idOf } from '../order-number';

/** Columns of the bill of trades that a row of ours is made of, by their printed headings. */
const COLUMNS = {
  order: '商户订单号',
  state: '交易状态',
  paid: '应结订单金额',
  refund: '商户退款单号',
  refunded: '退款金额',
} as const;
type Column = keyof typeof COLUMNS;

const fenOf = (text: string): number | null => {
  try {
    return parseYuan(text);
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
};

/** Cells of a row: each begins with a grave accent, and none holds a comma. */
const cellsOf = (line: string): string[] =>
  line.split(',').map((cell) => cell.trim().replace(/^`/, ''));

const entryOf = (cells: readonly string[], at: Readonly<Record<Column, number>>, row: number) => {
  const cell = (column: Column): string => cells[at[column]] ?? '';
  const kind = { SUCCESS: 'capture', REFUND: 'refund' }[cell('state')];
  const id = idOf(cell(kind === 'refund' ? 'refund' : 'order'));
  const amountFen = fenOf(cell(kind === 'refund' ? 'refunded' : 'paid'));
  return kind !== undefined && id !== '' && amountFen !== null
    ? { kind, id, amountFen }
    : { kind: 'unreadable', id: id === '' ? `row ${row}` : id.slice(0, 120), amountFen };
};

/**
 * The rows of a bill of trades: CSV with a heading, a row a movement, then a heading and a row of
 * sums. A row that cannot be read is of the kind `unreadable`. Undefined: it is no such bill, or its
 * sums count other rows.
 */
export const entriesOfBill = (text: string): readonly StatementEntry[] | undefined => {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const heading = cellsOf(lines[0] ?? '');
  const at = Object.fromEntries(
    Object.entries(COLUMNS).map(([column, title]) => [column, heading.indexOf(title)]),
  ) as Record<Column, number>;
  if (Object.values(at).includes(-1)) return undefined;
  const sums = lines.findIndex((line) => line.startsWith('总交易单数'));
  if (sums === -1) return undefined;
  const rows = lines.slice(1, sums);
  if (Number(cellsOf(lines[sums + 1] ?? '')[0]) !== rows.length) return undefined;
  return rows.map((line, index) => entryOf(cellsOf(line), at, index + 1));
};
