import { DomainError, FEN_MAX } from '@caretab/kernel';
import type { Answer } from './answer';
import type { Channel, StatementEntry, StatementPage } from './channel';

const OK = 200;
const KIND = /^[a-z0-9][a-z0-9_-]{0,39}$/;
const ID_MAX = 120;
const CURSOR = /^[\x21-\x7e]{1,64}$/;
/** Pages of one day: with 5,000 rows each, ten million. */
const PAGES_MAX = 2000;

const idOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== ''
    ? value.replace(/[^\x20-\x7e]/g, '?').slice(0, ID_MAX)
    : undefined;

const entryOf = (row: unknown, place: string): StatementEntry => {
  const { kind, orderId, refundId, reference, amountFen } = (row ?? {}) as Record<string, unknown>;
  const isKnown = kind === 'capture' || kind === 'refund';
  const isWhole = Number.isSafeInteger(amountFen) && Math.abs(amountFen as number) <= FEN_MAX;
  const id = idOf(refundId) ?? idOf(orderId);
  const isReadable = isKnown ? isWhole && (amountFen as number) >= 0 && id !== undefined : isWhole;
  return {
    kind: typeof kind === 'string' && KIND.test(kind) && isReadable ? kind : 'unreadable',
    id: id ?? idOf(reference) ?? `row ${place}`,
    amountFen: isWhole ? (amountFen as number) : null,
  };
};

/**
 * A page of a statement, each of its rows: one that cannot be read is of the kind `unreadable`, so that
 * it never hides the others. Undefined where there is no list of rows, or a `next` that is no
 * cursor.
 */
export const readStatement = (
  { status, body }: Answer,
  after?: string,
): StatementPage | undefined => {
  const { entries, next } = (body ?? {}) as { entries?: unknown; next?: unknown };
  if (status !== OK || !Array.isArray(entries)) return undefined;
  if (next !== undefined && next !== null && !(typeof next === 'string' && CURSOR.test(next)))
    return undefined;
  const before = after === undefined ? '' : `${after}/`;
  return {
    entries: entries.map((row, index) => entryOf(row, `${before}${index + 1}`)),
    ...(typeof next === 'string' && { next }),
  };
};

/**
 * The statement of a day, page by page. Throws CHANNEL_UNAVAILABLE (conflict): also where the pages
 * have no end, for a part of a statement is none.
 */
export async function* statementPages(
  channel: Pick<Channel, 'statement'>,
  date: string,
): AsyncGenerator<readonly StatementEntry[]> {
  const seen = new Set<string>();
  for (let after: string | undefined; ;) {
    const page: StatementPage = await channel.statement(date, after);
    yield page.entries;
    if (page.next === undefined) return;
    if (seen.has(page.next) || seen.size >= PAGES_MAX)
      throw new DomainError('CHANNEL_UNAVAILABLE', 'conflict', {
        date,
        why: seen.has(page.next)
          ? 'a page of the statement names itself or an earlier one as its next'
          : `the statement has more than ${PAGES_MAX} pages`,
      });
    seen.add((after = page.next));
  }
}
