import type { LedgerStory } from './audit-ledger';
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

const notApplied = (
  book: SentRecord,
  ids: ReadonlySet<string>,
  { beforeAgreement }: LedgerStory,
): Finding => {
  const check = new Check(
    'what was rejected, or waits for a charge that never was, is exactly what hospitals sent in ' +
      'error, or sent before their patient agreed to the charge',
    true,
  );
  const bad = new Set(book.bad.flat());
  for (const id of ids)
    check.must(bad.has(id) || beforeAgreement.has(id), () => ({ notApplied: id }));
  for (const group of book.bad) {
    const count = group.filter((id) => ids.has(id)).length;
    const early = group.filter((id) => beforeAgreement.has(id)).length;
    check.must(count === Math.max(1, early), () => ({ sentInError: group, notApplied: count }));
  }
  return check.finding();
};

/** Of another person: refused with that reason, each, and none taken in. */
const forOthers = (book: SentRecord, rows: readonly QuarantineRow[]): Finding => {
  const check = new Check(
    'every message that names another than its visit’s patient was refused, and its charge is on ' +
      'nobody’s tab',
    true,
  );
  for (const mistaken of book.mistaken) check.must(false, () => mistaken);
  const quarantined = rows.filter(({ reason }) => reason === 'PERSON_DIFFERS').length;
  const refusedForIt = book.strangers.size;
  for (let each = 0; each < Math.max(refusedForIt, quarantined); each += 1)
    check.must(refusedForIt === quarantined, () => ({ refusedForIt, quarantined }));
  return check.finding();
};

/** What the edge itself knows to be wrong with a report that names its patient. */
const WRONG: readonly string[] = ['DRUG_DISPENSED', 'RETURN_EXCEEDS_CHARGE', 'PERSON_DIFFERS'];

const refused = (book: SentRecord, rows: readonly QuarantineRow[]): Finding => {
  const check = new Check('no door refused a message with which nothing is wrong');
  for (const id of book.messageIds)
    check.must(id !== '', () => ({ acknowledged: 'without an id' }));
  for (const refusal of book.refusals) check.must(false, () => refusal);
  for (const row of rows) check.must(WRONG.includes(row.reason), () => row);
  const inError = book.rightlyRefused.size;
  const quarantined = rows.length;
  check.must(inError === quarantined, () => ({ inError, quarantined }));
  return check.finding();
};

export const doorFindings = (
  book: SentRecord,
  parkedRows: readonly ParkedRow[],
  quarantine: readonly QuarantineRow[],
  notAppliedIds: ReadonlySet<string>,
  story: LedgerStory,
): Finding[] => [
  parked(parkedRows),
  notApplied(book, notAppliedIds, story),
  forOthers(book, quarantine),
  refused(book, quarantine),
];
