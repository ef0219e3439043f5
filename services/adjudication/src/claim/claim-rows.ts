import type { ContractEvent, visitLedgerVisits } from '@caretab/contracts';
import { differenceTable } from '@caretab/host';
import type { Transaction } from '@caretab/store';
import { planDocumentTable } from '../document/document.table';
import { institutionLevelTable } from '../institution/institution-level.table';
import { membershipTable, memberTable, personalAccountTable } from '../membership/membership.table';
import { accumulatorTable } from './accumulator.table';
import type { Use } from './accumulators';
import type { VisitClosed, VisitOpened } from './claim-messages';
import { type ClaimRow, claimTable } from './claim.table';
import { coverageTable } from './coverage.table';
import { careOfClaim, usesOf } from './terms';

/** The latest claim of a visit. */
export const latestClaim = async (
  transaction: Transaction,
  visitId: string,
): Promise<ClaimRow | undefined> => {
  const [latest] = await transaction
    .rows(claimTable)
    .find({ visitId }, { orderBy: 'revision', descending: true, countMax: 1 });
  return latest;
};

/** Gathers what the coverages of opened visits are determined from. */
const gatherForOpened = async (
  transaction: Transaction,
  opened: readonly VisitOpened[],
): Promise<void> => {
  if (opened.length === 0) return;
  const personIds = opened.map(({ data }) => data.personId);
  await transaction.rows(planDocumentTable).gather('state', ['approved']);
  await transaction.rows(institutionLevelTable).gather(
    'institutionId',
    opened.map(({ data }) => data.institutionId),
  );
  await transaction.rows(membershipTable).gather('personId', personIds);
  await transaction.rows(accumulatorTable).gather('personId', personIds);
  await transaction.rows(personalAccountTable).gather('personId', personIds);
  await transaction.rows(coverageTable).gather(
    'visitId',
    opened.map(({ data }) => data.visitId),
  );
};

/**
 * Locks what the claims of closed visits change, in one order for every batch: persons, coverages,
 * then their accumulators and accounts, each by its key. Two batches that share persons wait for
 * each other and never deadlock.
 */
const lockForClosed = async (
  transaction: Transaction,
  closed: readonly VisitClosed[],
  now: Date,
): Promise<void> => {
  if (closed.length === 0) return;
  const visitIds = closed.map(({ data }) => data.visitId);
  await transaction
    .rows(memberTable)
    .lockAll(closed.map(({ data: { personId } }) => ({ personId })));
  const coverages = await transaction
    .rows(coverageTable)
    .lockAll(visitIds.map((visitId) => ({ visitId })));
  await transaction.rows(claimTable).gather('visitId', visitIds);
  await transaction.rows(differenceTable).gather('visitId', visitIds);
  const classOf = new Map(closed.map(({ data }) => [data.visitId, data.visitClass]));
  const uses: (Use & { readonly personId: string })[] = [];
  for (const row of coverages) {
    const { visitId, personId } = row;
    const earlier = await latestClaim(transaction, visitId);
    const care = careOfClaim(row, { visitClass: classOf.get(visitId)!, earlier, now });
    for (const use of [...usesOf(care), ...(earlier?.effects ?? [])])
      uses.push({ ...use, personId });
  }
  const accumulators = uses.map(({ personId, planId, year, benefit }) => ({
    ...{ personId, planId, year, benefit },
  }));
  await transaction.rows(accumulatorTable).lockAll(accumulators);
  await transaction
    .rows(personalAccountTable)
    .lockAll(uses.map(({ personId, planId }) => ({ personId, planId })));
};

/** Locks and gathers in a few statements what a batch of visits' events will ask for. */
export const claimRows = async (
  transaction: Transaction,
  events: readonly ContractEvent<typeof visitLedgerVisits>[],
  now: Date,
): Promise<void> => {
  await gatherForOpened(
    transaction,
    events.filter(({ type }) => type === 'VisitOpened') as VisitOpened[],
  );
  await lockForClosed(
    transaction,
    events.filter(({ type }) => type === 'VisitClosed') as VisitClosed[],
    now,
  );
};
