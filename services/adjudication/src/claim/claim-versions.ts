import { documentsOf, isByDocuments } from '@caretab/benefits';
import { businessDateOf, type Coverage } from '@caretab/contracts';
import type { Transaction } from '@caretab/store';
import { approvedDocuments, knowDocuments } from '../document/approved-documents';
import { versionsOfClosed } from '../document/versions';
import { type MembershipRow, memberTable } from '../membership/membership.table';
import { type ClaimRow, claimTable } from './claim.table';
import type { CoverageRow, Entitlement } from './coverage.table';
import { type Care, careOfClaim } from './terms';

/** What a coverage keeps of a membership: of a plan that is a document all that it may look at. */
export const entitlementOf = (
  { planId, psnType, memberFrom, memberTo, facts }: MembershipRow,
  documents: Care['documents'],
): Entitlement => ({
  ...{ planId, psnType },
  ...(documents.has(planId) && { from: memberFrom, to: memberTo, ...(facts && { facts }) }),
});

/** Reads the documents that a coverage names, where this process has not read them yet. */
export const knowCoverage = async (
  transaction: Transaction,
  coverage: Coverage | undefined,
): Promise<void> => {
  if (!coverage || !isByDocuments(coverage)) return;
  const versions = documentsOf(coverage);
  const approved = await approvedDocuments(transaction);
  await knowDocuments(
    transaction,
    approved.filter(({ version }) => versions.includes(version)),
  );
};

/** A claim stays in the year, and with the day, of its first settlement. */
const firstSettledAt = async (
  transaction: Transaction,
  visitId: string,
  now: Date,
): Promise<Date> => {
  const first = await transaction.rows(claimTable).get({ visitId, revision: 1 });
  return first?.adjudicatedAt ?? now;
};

interface Closed {
  readonly visitClass: Care['visitClass'];
  readonly closedDate: string;
  readonly earlier: ClaimRow | undefined;
  readonly now: Date;
}

/**
 * The care of a closed visit, with the versions that it is settled by: those of an earlier revision,
 * else those that each plan's rule picks by the days of the visit. Locks the person where counters
 * of documents may change.
 */
export const careOfClosed = async (
  transaction: Transaction,
  row: CoverageRow,
  { visitClass, closedDate, earlier, now }: Closed,
): Promise<{ readonly care: Care; readonly settled: string }> => {
  const care = careOfClaim(row, { visitClass, earlier, now });
  if (!isByDocuments(row.snapshot)) return { care, settled: closedDate };
  const { visitId, personId, careDate } = row;
  const settled = businessDateOf(await firstSettledAt(transaction, visitId, now));
  await transaction.rows(memberTable).get({ personId }, { lock: 'wait' });
  await knowCoverage(transaction, earlier?.coverage);
  if (earlier) return { care, settled };
  const days = { admission: careDate, discharge: closedDate, settlement: settled };
  return { care: { ...care, ...(await versionsOfClosed(transaction, care, days)) }, settled };
};
