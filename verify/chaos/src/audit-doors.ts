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

const parked = (book: SentRecord, rows: readonly ParkedRow[]): Finding => {
  const check = new Check(
    'what stays parked is exactly what hospitals sent in error, and nothing was given up',
    true,
  );
  const left = rows.filter(({ status }) => status !== 'replayed');
  const bad = new Set(book.bad.flat());
  for (const row of left)
    check.must(
      row.service === 'visit-ledger' && row.status === 'parked' && bad.has(row.messageId ?? ''),
      () => row,
    );
  for (const group of book.bad) {
    const count = left.filter(
      ({ messageId }) => messageId !== null && group.includes(messageId),
    ).length;
    check.must(count === 1, () => ({ sentInError: group, parked: count }));
  }
  const replayed = rows.length - left.length;
  const codes = rows
    .filter(({ status }) => status === 'replayed')
    .map(({ service, code }) => `${service} ${code}`);
  if (replayed > 0)
    check.note(
      `${replayed} messages were parked under fire and handled when they were ` +
        `replayed: ${[...new Set(codes)].join(', ')}`,
    );
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
): Finding[] => [parked(book, parkedRows), refused(book, quarantine)];
