import { createHash } from 'node:crypto';
import type { CardList } from './card-list';
import type { CardListRow } from './card.table';

/** A line of a list as a file. */
export type CardListLine =
  | { readonly hashKey: string }
  | (Pick<CardListRow, 'numberHash' | 'why' | 'at'> & { readonly sequence: number })
  | { readonly through: number; readonly rows: number; readonly sha256: string };

/** Entries of one list behind a number, a page at a time, and at the end what they are together. */
export async function* cardListFile(
  lists: CardList,
  list: CardListRow['list'],
  after: number,
): AsyncGenerator<CardListLine> {
  const hash = createHash('sha256');
  let [through, rows] = [after, 0];
  for (let isFirst = true; ; isFirst = false) {
    const page = await lists.after(through);
    if (isFirst) yield { hashKey: page.hashKey };
    if (page.entries.length === 0) break;
    for (const { list: of, numberHash, why, at, sequence } of page.entries) {
      if (of !== list) continue;
      const line = { sequence, numberHash, why, at };
      hash.update(`${JSON.stringify(line)}\n`);
      rows += 1;
      yield line;
    }
    through = page.through;
  }
  yield { through, rows, sha256: hash.digest('hex') };
}
