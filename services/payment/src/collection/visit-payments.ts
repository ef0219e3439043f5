import { isWithin, type Scope } from '@caretab/access';
import type { paymentRoutes, RouteAnswer } from '@caretab/contracts';
import { concerning } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { journalEntryTable } from '../journal/journal-entry.table';
import { type TrialBalance, trialBalance } from '../journal/journal';
import { refundTable } from '../refund/refund.table';
import { collectionTable } from './collection.table';
import { captureTable, orderTable } from './order.table';
import { AT_ONCE, lentFen } from './owed';

export type VisitPayment = RouteAnswer<typeof paymentRoutes.showVisit>;

export interface PaymentSummary {
  readonly visits: number;
  readonly dueFen: number;
  readonly capturedFen: number;
  readonly refundedFen: number;
  readonly owedFen: number;
  /** Of what is due: owed to banks, which collect it. */
  readonly lentFen: number;
  /** Of what is owed. */
  readonly writtenOffFen: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly refunds: Readonly<Record<string, number>>;
  readonly trialBalance: TrialBalance;
}

const countsOf = (
  groups: readonly { readonly values: { readonly status: string }; readonly count: number }[],
): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { values, count } of groups)
    counts[values.status] = (counts[values.status] ?? 0) + count;
  return counts;
};

/** How does payment stand, for one visit and in all? */
export class VisitPayments {
  constructor(private readonly store: Store) {}

  /** Throws VISIT_UNKNOWN (not-found), also for a visit that is not within the scopes. */
  async of(visitId: string, scopes: readonly Scope[] = [{}]): Promise<VisitPayment> {
    const read = async (transaction: Transaction): Promise<VisitPayment> => {
      const row = await transaction.rows(collectionTable).get({ visitId });
      if (
        !row ||
        !isWithin(scopes, { institution: row.institutionId, person: row.accountPersonId })
      )
        throw new DomainError('VISIT_UNKNOWN', 'not-found', { visitId });
      const orders = await transaction.rows(orderTable).find({ visitId }, { orderBy: 'startedAt' });
      const refunds = await transaction.rows(refundTable).find({ visitId });
      const captures = await transaction.rows(captureTable).find({ visitId });
      const captured = new Map(captures.map(({ orderId, amountFen }) => [orderId, amountFen]));
      const { paymentId, status, dueFen, capturedFen, refundingFen, refundedFen } = row;
      const { nextAttemptAt, declineReason, writtenOffFen } = row;
      const lent = lentFen(row);
      return concerning([row.accountPersonId], {
        visitId,
        paymentId,
        status,
        dueFen,
        paidFen: capturedFen,
        refundedFen,
        owedFen: dueFen - lent - capturedFen + refundedFen,
        lentFen: lent,
        lender: { party: row.lenderParty, partyId: row.lenderId },
        writtenOffFen,
        refundOwedFen: refundingFen - refundedFen,
        nextAttemptAt: nextAttemptAt && (nextAttemptAt <= AT_ONCE ? null : nextAttemptAt),
        declineReason,
        orders: orders.map(
          ({ orderId, attempt, amountFen, channel, status: of, reason, startedAt, endedAt }) => ({
            orderId,
            attempt,
            amountFen,
            capturedFen: captured.get(orderId) ?? 0,
            channel,
            status: of,
            reason,
            startedAt,
            endedAt,
          }),
        ),
        refunds: refunds.map(
          ({ refundId, orderId, amountFen, way, status: of, reason, refundedAt }) => ({
            refundId,
            orderId,
            amountFen,
            way,
            status: of,
            reason,
            refundedAt,
          }),
        ),
      });
    };
    return this.store.transact(read, { within: scopes });
  }

  summary(): Promise<PaymentSummary> {
    return this.store.transact(async (transaction) => {
      const collections = await transaction.rows(collectionTable).group(
        {},
        {
          by: ['status', 'lenderParty'],
          sum: ['dueFen', 'capturedFen', 'refundedFen', 'writtenOffFen'],
        },
      );
      const refunds = await transaction.rows(refundTable).group({}, { by: ['status'] });
      const entries = await transaction
        .rows(journalEntryTable)
        .group({}, { by: ['account'], sum: ['debitFen', 'creditFen'] });
      const sum = (of: (group: (typeof collections)[number]) => number): number =>
        collections.reduce((total, group) => total + of(group), 0);
      const [dueFen, capturedFen, refundedFen] = [
        sum(({ sums }) => sums.dueFen),
        sum(({ sums }) => sums.capturedFen),
        sum(({ sums }) => sums.refundedFen),
      ];
      const lent = sum(({ values, sums }) => lentFen({ ...values, dueFen: sums.dueFen }));
      return {
        visits: sum(({ count }) => count),
        dueFen,
        capturedFen,
        refundedFen,
        owedFen: dueFen - lent - capturedFen + refundedFen,
        lentFen: lent,
        writtenOffFen: sum(({ sums }) => sums.writtenOffFen),
        byStatus: countsOf(collections),
        refunds: countsOf(refunds),
        trialBalance: trialBalance(entries.map(({ values, sums }) => ({ ...values, ...sums }))),
      };
    });
  }
}
