import type { SentRecord } from './sent-record';
import { Check, type Finding } from './finding';

/** A message that a service could not handle. */
export interface ParkedRow {
  readonly service: string;
  readonly group: string;
  readonly messageId: string | null;
  readonly code: string;
  readonly reason: string;
  readonly status: string;
}

export interface QuarantineRow {
  readonly door: string;
  readonly reason: string;
  readonly status: string;
}

const parked = (rows: readonly ParkedRow[]): Finding => {
  const check = new Check('nothing stays parked, and nothing was given up', true);
  for (const row of rows) check.must(row.status === 'replayed', () => row);
  const codes = rows.map(({ service, code }) => `${service} ${code}`);
  if (rows.length > 0)
    check.note(
      `${rows.length} messages were parked under fire and handled when they were ` +
        `replayed: ${[...new Set(codes)].join(', ')}`,
    );
  return check.finding();
};

const notApplied = (book: SentRecord, ids: ReadonlySet<string>): Finding => {
  const check = new Check(
    'what was rejected, or waits for a charge that never was, is exactly what hospitals sent in error',
    true,
  );
  const bad = new Set(book.bad.flat());
  for (const id of ids) check.must(bad.has(id), () => ({ notApplied: id }));
  for (const group of book.bad) {
    const count = group.filter((id) => ids.has(id)).length;
    check.must(count === 1, () => ({ sentInError: group, notApplied: count }));
  }
  return check.finding();
};

const refused = (book: SentRecord, rows: readonly QuarantineRow[]): Finding => {
  const check = new Check('no door refused a message with which nothing is wrong');
  for (const id of book.messageIds)
    check.must(id !== '', () => ({ acknowledged: 'without an id' }));
  for (const refusal of book.refusals) check.must(false, () => refusal);
  for (const row of rows) check.must(false, () => row);
  return check.finding();
};

export const doorFindings = (
  book: SentRecord,
  parkedRows: readonly ParkedRow[],
  quarantine: readonly QuarantineRow[],
  notAppliedIds: ReadonlySet<string>,
): Finding[] => [parked(parkedRows), notApplied(book, notAppliedIds), refused(book, quarantine)];
