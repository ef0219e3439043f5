import type { PageOptions, Rows, Where } from './store';

/** Rows of one batch of a stream. */
export const BATCH_ROWS = 500;

/**
 * All rows that fit, in batches of `countMax` (BATCH_ROWS by default), in the order of `page`:
 * memory stays that of one batch. Runs inside one transaction; leave the loop at any batch.
 */
export async function* stream<Row extends object>(
  rows: Rows<Row>,
  where: Where<Row>,
  options: Partial<PageOptions<Row>> = {},
): AsyncGenerator<readonly Row[]> {
  let { after } = options;
  do {
    const page = await rows.page(where, { countMax: BATCH_ROWS, ...options, after });
    if (page.rows.length > 0) yield page.rows;
    after = page.next;
  } while (after);
}
