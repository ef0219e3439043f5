import { closeSync, createReadStream, openSync, statSync, writeSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError, parseYuan } from '@caretab/kernel';
import { type KeyDifference, KeyTotals } from './key-totals';

/** A file of delimited rows with a header, UTF-8, without quotes. */
export interface RowFile {
  readonly path: string;
  readonly delimiter: string;
  /** The column by which rows of both sides belong together. */
  readonly key: string;
  /** The column of the amount: yuan with at most two decimals. */
  readonly amount: string;
}

export interface FilesCompared {
  readonly leftRows: number;
  readonly rightRows: number;
  /** Keys that balance, by how many rows stand against how many. */
  readonly balanced: Readonly<Record<'1:1' | '1:n' | 'n:1' | 'n:m', number>>;
  readonly institutionMore: number;
  readonly centreMore: number;
  readonly differ: number;
  /** Left less right; zero, where all balances. */
  readonly differenceFen: number;
  /** Rows that have no key or no amount: they are compared with nothing. */
  readonly unreadable: number;
  /** Their line numbers, the first of each side. */
  readonly unreadableLines: { readonly left: readonly number[]; readonly right: readonly number[] };
  /** Nothing differs, and every row was read. */
  readonly agrees: boolean;
}

/** Bytes of rows that one comparison holds, about. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_MAX = 256;
const WRITE_BYTES = 64 * 1024;
const LINE_MAX = 10_000;
const LINES_SHOWN = 20;
const KEY_MAX = 200;

type Side = 'left' | 'right';

const partOf = (key: string, parts: number): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++)
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % parts;
};

/** Files of one side, a part of its rows each: equal keys lie in the part of one number. */
class Parts {
  private readonly waiting: string[];
  private readonly files: readonly number[];

  constructor(
    private readonly folder: string,
    private readonly side: Side,
    private readonly count: number,
  ) {
    this.waiting = Array.from({ length: count }, () => '');
    this.files = this.waiting.map((_, part) => openSync(this.pathOf(part), 'w', 0o600));
  }

  add(key: string, amountFen: number): void {
    const part = partOf(key, this.count);
    this.waiting[part] += `${key}\t${amountFen}\n`;
    if (this.waiting[part]!.length >= WRITE_BYTES) this.flush(part);
  }

  close(): void {
    for (const [part, file] of this.files.entries()) {
      this.flush(part);
      closeSync(file);
    }
  }

  async read(part: number, add: (key: string, amountFen: number) => void): Promise<void> {
    const text = await readFile(this.pathOf(part), 'utf8');
    for (let from = 0; from < text.length;) {
      const tab = text.indexOf('\t', from);
      const end = text.indexOf('\n', tab);
      add(text.slice(from, tab), Number(text.slice(tab + 1, end)));
      from = end + 1;
    }
  }

  private flush(part: number): void {
    writeSync(this.files[part]!, this.waiting[part]!);
    this.waiting[part] = '';
  }

  private pathOf(part: number): string {
    return join(this.folder, `${this.side}-${part}`);
  }
}

/** Lines of a file, numbered from one; what is too long for a line is refused. */
async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop()!;
    if (rest.length > LINE_MAX) throw unusable(path, 'a line of it is too long');
    yield lines;
  }
  if (rest !== '') yield [rest];
}

const unusable = (path: string, why: string): DomainError =>
  new DomainError('REQUEST_INVALID', 'invalid', {
    field: path,
    why,
    remedy: 'give a file of delimited rows with a header, in UTF-8',
  });

const amountOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d{1,12}(\.\d{1,2})?$/.test(text) ? parseYuan(text) : undefined;

/** Spreads a file's rows over parts; returns how many there are, and the lines that are none. */
const spread = async (
  { path, delimiter, key, amount }: RowFile,
  parts: Parts,
): Promise<{ readonly rows: number; readonly unreadable: number; readonly lines: number[] }> => {
  let [line, rows, unreadable] = [0, 0, 0];
  let columns:
    { readonly count: number; readonly key: number; readonly amount: number } | undefined;
  const lines: number[] = [];
  for await (const some of linesOf(path))
    for (const text of some) {
      line += 1;
      const bare = text.endsWith('\r') ? text.slice(0, -1) : text;
      if (bare === '') continue;
      const fields = bare.split(delimiter);
      if (!columns) {
        const header = fields.map((field) => field.replace(/^\ufeff/, '').trim());
        columns = {
          ...{ count: header.length, key: header.indexOf(key), amount: header.indexOf(amount) },
        };
        if (columns.key < 0 || columns.amount < 0)
          throw unusable(path, `its header has no column ${columns.key < 0 ? key : amount}`);
        continue;
      }
      rows += 1;
      const found = fields[columns.key]!;
      const amountFen = amountOf(fields[columns.amount]);
      const isWhole = fields.length === columns.count && found !== '' && found?.length <= KEY_MAX;
      if (!isWhole || amountFen === undefined || /["\t]/.test(bare.replaceAll(delimiter, ''))) {
        unreadable += 1;
        if (lines.length < LINES_SHOWN) lines.push(line);
      } else parts.add(found, amountFen);
    }
  if (!columns) throw unusable(path, 'it is empty');
  return { rows, unreadable, lines };
};

/**
 * Compares two files of delimited rows by their keys, in memory that does not grow with them: rows
 * are spread by a hash of their key over parts on disk, and one part of both sides is compared at a
 * time. Neither has to be sorted. Throws REQUEST_INVALID (invalid).
 */
export const compareFiles = async (
  left: RowFile,
  right: RowFile,
  differs: (difference: KeyDifference) => void,
): Promise<FilesCompared> => {
  const bytes = statSync(left.path).size + statSync(right.path).size;
  const count = Math.min(PARTS_MAX, Math.max(1, Math.ceil(bytes / PART_BYTES)));
  const folder = await mkdtemp(join(tmpdir(), 'caretab-reconcile-'));
  const sides = {
    left: new Parts(folder, 'left', count),
    right: new Parts(folder, 'right', count),
  };
  try {
    const [ours, theirs] = [await spread(left, sides.left), await spread(right, sides.right)];
    sides.left.close();
    sides.right.close();
    const balanced = { '1:1': 0, '1:n': 0, 'n:1': 0, 'n:m': 0 };
    const counts = { 'institution-more': 0, 'centre-more': 0, differ: 0 };
    let differenceFen = 0;
    for (let part = 0; part < count; part++) {
      const totals = new KeyTotals();
      await sides.left.read(part, (key, fen) => totals.left(key, fen));
      await sides.right.read(part, (key, fen) => totals.right(key, fen));
      totals.compare(
        (difference) => {
          counts[difference.result] += 1;
          differenceFen += difference.leftFen - difference.rightFen;
          differs(difference);
        },
        (cardinality) => (balanced[cardinality] += 1),
      );
    }
    const unreadable = ours.unreadable + theirs.unreadable;
    return {
      ...{ leftRows: ours.rows, rightRows: theirs.rows, balanced, differenceFen, unreadable },
      ...{ institutionMore: counts['institution-more'], centreMore: counts['centre-more'] },
      differ: counts.differ,
      unreadableLines: { left: ours.lines, right: theirs.lines },
      agrees: unreadable === 0 && Object.values(counts).every((number) => number === 0),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
