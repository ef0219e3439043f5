import type { LedgerStory } from './audit-ledger';
import { Check, type Finding } from './finding';

export interface EntryRow {
  readonly account: string;
  readonly sequence: number;
  readonly kind: string;
  readonly visitId: string | null;
  readonly heldFen: number;
  readonly outstandingFen: number;
  readonly heldAfterFen: number;
  readonly outstandingAfterFen: number;
  readonly lineFen: number;
  readonly causeId: string;
}

export interface AccountRow {
  readonly account: string;
  readonly lineFen: number;
  readonly heldFen: number;
  readonly outstandingFen: number;
  readonly entryCount: number;
}

export interface HoldRow {
  readonly visitId: string;
  readonly personId: string;
  readonly account: string;
  readonly status: string;
  readonly heldFen: number;
  readonly dueFen: number;
  readonly outstandingFen: number;
}

export interface EnrolmentRow {
  readonly personId: string;
  readonly account: string;
}

/** Credit's books as they stand: entries in the order of account and sequence. */
export interface CreditBooks {
  readonly entries: readonly EntryRow[];
  readonly accounts: readonly AccountRow[];
  readonly holds: readonly HoldRow[];
  readonly enrolments: readonly EnrolmentRow[];
}

/**
 * Replays each account's entries: the sums follow from the deltas, without a gap, and nothing was
 * granted above the line.
 */
const lineKept = ({ entries, accounts }: CreditBooks): Finding => {
  const check = new Check(
    'no line was ever exceeded: each account’s entries, replayed in order, grant ' +
      'nothing above it, and add up to the account',
  );
  const replayed = new Map<string, { sequence: number; heldFen: number; outstandingFen: number }>();
  for (const entry of entries) {
    const before = replayed.get(entry.account) ?? { sequence: 0, heldFen: 0, outstandingFen: 0 };
    const after = {
      sequence: before.sequence + 1,
      heldFen: before.heldFen + entry.heldFen,
      outstandingFen: before.outstandingFen + entry.outstandingFen,
    };
    const addsUp =
      entry.sequence === after.sequence &&
      entry.heldAfterFen === after.heldFen &&
      entry.outstandingAfterFen === after.outstandingFen &&
      after.heldFen >= 0 &&
      after.outstandingFen >= 0;
    const fits = entry.heldFen <= 0 || after.heldFen + after.outstandingFen <= entry.lineFen;
    check.must(addsUp && fits, () => ({ ...entry, replayed: after }));
    replayed.set(entry.account, after);
  }
  for (const { account, heldFen, outstandingFen, entryCount } of accounts) {
    const sum = replayed.get(account);
    check.must(
      sum?.heldFen === heldFen &&
        sum.outstandingFen === outstandingFen &&
        sum.sequence === entryCount,
      () => ({ account, heldFen, outstandingFen, entryCount, replayed: sum ?? null }),
    );
  }
  return check.finding();
};

/**
 * Each visit takes of its account what its tab says is owed, and nothing else; a child's takes of
 * the guardian's.
 */
const holdsAccounted = (
  { holds, accounts, enrolments }: CreditBooks,
  story: LedgerStory,
): Finding => {
  const check = new Check(
    'every hold is accounted for: released, or exactly what is still owed of its ' +
      'visit, on the account that answers for the person',
  );
  const accountOf = new Map(enrolments.map(({ personId, account }) => [personId, account]));
  const byVisit = new Map(holds.map((hold) => [hold.visitId, hold]));
  for (const [visitId, tab] of story.book.tabs) {
    if (tab.status === 'unknown') continue;
    const hold = byVisit.get(visitId);
    const owedFen = (tab.verdict?.patientDueFen ?? 0) - tab.paidFen + tab.refundedFen;
    const expectedFen = hold?.status === 'declined' ? 0 : owedFen;
    check.must(
      hold !== undefined &&
        hold.heldFen === 0 &&
        hold.outstandingFen === expectedFen &&
        hold.status !== 'held',
      () => ({ visitId, status: tab.status, owedFen, hold: hold ?? null }),
    );
    if (hold && hold.status !== 'declined')
      check.must(hold.account === accountOf.get(hold.personId), () => ({
        visitId,
        account: hold.account,
        answersFor: accountOf.get(hold.personId) ?? null,
      }));
  }
  const sums = new Map<string, { heldFen: number; outstandingFen: number }>();
  for (const { visitId, account, heldFen, outstandingFen } of holds) {
    check.must(story.book.tabs.has(visitId), () => ({
      visitId,
      hold: 'of a visit that the ledger does not know',
    }));
    const sum = sums.get(account) ?? { heldFen: 0, outstandingFen: 0 };
    sums.set(account, {
      heldFen: sum.heldFen + heldFen,
      outstandingFen: sum.outstandingFen + outstandingFen,
    });
  }
  for (const { account, heldFen, outstandingFen } of accounts) {
    const sum = sums.get(account) ?? { heldFen: 0, outstandingFen: 0 };
    check.must(sum.heldFen === heldFen && sum.outstandingFen === outstandingFen, () => ({
      account,
      heldFen,
      outstandingFen,
      holds: sum,
    }));
  }
  return check.finding();
};

const entriesOnce = ({ entries }: CreditBooks): Finding => {
  const check = new Check('no message changed a line twice: each cause has one entry of its kind');
  const seen = new Set<string>();
  for (const { account, kind, visitId, causeId } of entries) {
    const key = `${account} ${kind} ${visitId ?? ''} ${causeId}`;
    check.must(!seen.has(key), () => ({ account, kind, visitId, causeId }));
    seen.add(key);
  }
  return check.finding();
};

export const creditFindings = (books: CreditBooks, story: LedgerStory): Finding[] => [
  lineKept(books),
  holdsAccounted(books, story),
  entriesOnce(books),
];
