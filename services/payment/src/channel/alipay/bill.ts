import { unzipSync } from 'fflate';
import { DomainError, parseYuan } from '@caretab/kernel';
import type { StatementEntry } from '../channel';
import { idOf } from '../order-number';

/** Columns of the bill of trades that a row of ours is made of, by their printed headings. */
const COLUMNS = {
  order: '商户订单号',
  kind: '业务类型',
  refund: '退款批次号/请求号',
  amount: '订单金额（元）',
} as const;
type Column = keyof typeof COLUMNS;
const KINDS: Readonly<Record<string, string>> = { 交易: 'capture', 退款: 'refund' };
/** A file of a bill, unpacked: some three hundred thousand movements. */
const UNPACKED_BYTES_MAX = 128 * 1024 * 1024;

const fenOf = (text: string): number | null => {
  try {
    return Math.abs(parseYuan(text));
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
};

const entryOf = (cells: readonly string[], at: Readonly<Record<Column, number>>, row: number) => {
  const cell = (column: Column): string => cells[at[column]] ?? '';
  const kind = KINDS[cell('kind')];
  const id = idOf(cell(kind === 'refund' ? 'refund' : 'order'));
  const amountFen = fenOf(cell('amount'));
  return kind !== undefined && id !== '' && amountFen !== null
    ? { kind, id, amountFen }
    : { kind: 'unreadable', id: id === '' ? `row ${row}` : id.slice(0, 120), amountFen };
};

/** A row of the file: cells between commas, each followed by tabs. */
const cellsOf = (line: string): string[] => line.split(',').map((cell) => cell.trim());

/**
 * The rows of a bill of trades: CSV between lines that begin with `#`. Undefined: it is no such bill,
 * or was cut off.
 */
export const entriesOfBill = (text: string): readonly StatementEntry[] | undefined => {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const from = lines.findIndex(
    (line) => line.startsWith(COLUMNS.order) || line.includes(`,${COLUMNS.order}`),
  );
  const to = lines.findIndex((line, index) => index > from && line.startsWith('#'));
  if (from === -1 || to === -1) return undefined;
  const heading = cellsOf(lines[from]!);
  const at = Object.fromEntries(
    Object.entries(COLUMNS).map(([column, title]) => [column, heading.indexOf(title)]),
  ) as Record<Column, number>;
  if (Object.values(at).includes(-1)) return undefined;
  return lines.slice(from + 1, to).map((line, index) => entryOf(cellsOf(line), at, index + 1));
};

/** The bill of details in a ZIP file, in GBK; the sums beside it are not read. */
export const billIn = (zipped: Uint8Array): readonly StatementEntry[] | undefined => {
  let unpacked = 0;
  try {
    const files = unzipSync(zipped, {
      filter: ({ originalSize }) => (unpacked += originalSize) <= UNPACKED_BYTES_MAX,
    });
    for (const bytes of Object.values(files)) {
      const entries = entriesOfBill(new TextDecoder('gbk').decode(bytes));
      if (entries) return entries;
    }
  } catch {
    // No ZIP file, or a damaged one.
  }
  return undefined;
};
