import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Refused } from './platform';

/** A row as a file has it. */
export interface FileRow {
  /** Counted from 1, without a heading. */
  readonly number: number;
  /** By its fields; without any where the row cannot be read, which then is rejected. */
  readonly said: Readonly<Record<string, unknown>>;
  /** As it stands in the file, to be corrected. */
  readonly text: string;
}

/** A row is no document. */
const ROW_LENGTH_MAX = 16_384;
/** Columns that begin so are of no interest to the platform: a file of rejects has some. */
const OURS = '_';

export const isCsv = (file: string): boolean => /\.csv$/i.test(file);

const tooLong = (number: number): Refused =>
  new Refused(`row ${number} has more than ${ROW_LENGTH_MAX} characters: is it the right file?`);

const withoutOurs = (said: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(said).filter(([name]) => !name.startsWith(OURS)));

/** Characters of a file, a piece at a time; a byte order mark is none of them. */
async function* piecesOf(file: string): AsyncGenerator<string> {
  let isFirst = true;
  for await (const piece of createReadStream(file, { encoding: 'utf8' })) {
    yield isFirst ? (piece as string).replace(/^\uFEFF/, '') : (piece as string);
    isFirst = false;
  }
}

async function* jsonRows(file: string): AsyncGenerator<FileRow> {
  let number = 0;
  const lines = createInterface({ input: createReadStream(file, { encoding: 'utf8' }) });
  for await (const text of lines) {
    if (text.trim() === '') continue;
    number += 1;
    if (text.length > ROW_LENGTH_MAX) throw tooLong(number);
    yield { number, text, said: withoutOurs(jsonIn(text.replace(/^\uFEFF/, ''))) };
  }
}

const jsonIn = (text: string): Record<string, unknown> => {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'object' && said !== null && !Array.isArray(said) ? { ...said } : {};
  } catch {
    return {};
  }
};

/** Records of comma-separated values (RFC 4180), each with its cells and its text. */
export async function* csvRecords(
  pieces: AsyncIterable<string>,
): AsyncGenerator<{ readonly cells: readonly string[]; readonly text: string }> {
  let [cells, cell, text]: [string[], string, string] = [[], '', ''];
  /** In quotes; behind a quote in quotes, which ends them or stands for itself. */
  let state: 'plain' | 'quoted' | 'ended' = 'plain';
  let count = 0;
  for await (const piece of pieces)
    for (const character of piece) {
      if (state === 'ended' && character === '"') [cell, state] = [`${cell}"`, 'quoted'];
      else if (state === 'quoted') {
        if (character === '"') state = 'ended';
        else cell += character;
      } else if (character === '"' && cell === '') state = 'quoted';
      else if (character === ',') [cells, cell, state] = [[...cells, cell], '', 'plain'];
      else if (character === '\n') {
        count += 1;
        if (text.trim() !== '') yield { cells: [...cells, cell], text };
        [cells, cell, text, state] = [[], '', '', 'plain'];
        continue;
      } else if (character !== '\r') cell += character;
      if (character !== '\r' || state === 'quoted') text += character;
      if (text.length > ROW_LENGTH_MAX) throw tooLong(count);
    }
  if (text.trim() !== '') yield { cells: [...cells, cell], text };
}

const YES_NO: Readonly<Record<string, boolean>> = { true: true, false: false };

async function* csvRows(file: string): AsyncGenerator<FileRow> {
  let names: readonly string[] | undefined;
  let number = 0;
  for await (const { cells, text } of csvRecords(piecesOf(file))) {
    if (!names) {
      names = cells.map((name) => name.trim());
      continue;
    }
    number += 1;
    const isWhole = cells.length === names.length;
    const fields = names.flatMap((name, at): [string, unknown][] => {
      const cell = cells[at]?.trim() ?? '';
      return cell === '' ? [] : [[name, name === 'child' ? (YES_NO[cell] ?? cell) : cell]];
    });
    yield { number, text, said: isWhole ? withoutOurs(Object.fromEntries(fields)) : {} };
  }
}

/** The rows of a file, one after the other, in the memory of a few: CSV with a heading, else NDJSON. */
export const rowsOf = (file: string): AsyncGenerator<FileRow> =>
  isCsv(file) ? csvRows(file) : jsonRows(file);

/** The heading of a file of comma-separated values. */
export const headingOf = async (file: string): Promise<string> => {
  for await (const { text } of csvRecords(piecesOf(file))) return text;
  return '';
};
