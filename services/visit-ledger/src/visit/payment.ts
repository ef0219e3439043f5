import { type NotDeferred, ON_TAB_NAMED_MAX, type OnTab } from '@caretab/contracts';
import { isBanks, lenderOf, owedFen } from './owed';
import { cannotBe, conflict, opened, type Parties } from './refusals';
import type { VisitEvent } from './visit-events';
import { evolve } from './visit-evolve';
import { accountOf, claimLinesOf, notOnTabOf, type Visit } from './visit-state';

/** What payment collected, paid back, or finally could not collect. Times are RFC 3339. */
export type PaymentCommand = { readonly of?: Parties } & (
  | {
      readonly type: 'RecordPayment';
      readonly data: {
        readonly paymentId: string;
        readonly amountFen: number;
        readonly channel: string;
        readonly capturedAt: string;
      };
    }
  | {
      readonly type: 'RecordRefund';
      readonly data: {
        readonly refundId: string;
        readonly amountFen: number;
        readonly channel: string;
        readonly refundedAt: string;
      };
    }
  | {
      readonly type: 'RecordPaymentMissed';
      readonly data: {
        readonly paymentId: string;
        readonly attempt: number;
        readonly reason: string;
      };
    }
);

type Data<Type extends PaymentCommand['type']> = Extract<PaymentCommand, { type: Type }>['data'];

/** What is not on the tab, and of what is the first charges by their time, and how many there are. */
const tabNowOf = (
  visit: Visit,
): {
  readonly notDeferred: readonly NotDeferred[];
  readonly onTab: readonly OnTab[];
  readonly onTabCount: number;
} => {
  const lines = claimLinesOf(visit).filter(({ amountFen }) => amountFen > 0);
  const inOrder = lines.toSorted((a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt));
  return {
    notDeferred: notOnTabOf(visit),
    onTab: inOrder
      .slice(0, ON_TAB_NAMED_MAX)
      .map(({ itemCode, amountFen, occurredAt }) => ({ itemCode, amountFen, occurredAt })),
    onTabCount: lines.length,
  };
};

/**
 * An adjudicated visit of which nothing is owed is settled: paid, or the bank's that lends it. `at`:
 * RFC 3339.
 */
export const settledIfEven = (visit: Visit, at: string): readonly VisitEvent[] => {
  if (visit.status !== 'adjudicated' || owedFen(visit) !== 0) return [];
  const lender = lenderOf(visit);
  return [
    {
      type: 'VisitSettled',
      data: {
        ...visit.ref,
        accountPersonId: accountOf(visit),
        revision: visit.revision,
        again: visit.settledBefore,
        patientDueFen: visit.verdict.patientDueFen,
        paidFen: visit.paidFen,
        refundedFen: visit.refundedFen,
        settledAt: at,
        grossFen: visit.verdict.grossFen,
        payers: visit.verdict.payers,
        ...(lender && { lender }),
        ...tabNowOf(visit),
      },
    },
  ];
};

const recordPayment = (data: Data<'RecordPayment'>, of: Visit): readonly VisitEvent[] => {
  const visit = opened(of);
  const { paymentId, amountFen, channel } = data;
  const known = visit.payments.get(paymentId);
  if (known !== undefined && known !== amountFen)
    throw conflict('PAYMENT_CONFLICT', visit, { paymentId });
  if (known !== undefined) return [];
  if (isBanks(visit)) throw cannotBe(visit, '/paymentId', 'a bank lends it, so no order was sent');
  if (amountFen > visit.dueMaxFen)
    throw cannotBe(visit, '/amountFen', 'no verdict made so much due, so no order was for it');
  const paid: VisitEvent = {
    type: 'PaymentRecorded',
    data: { ...visit.ref, paymentId, amountFen, channel },
  };
  return [paid, ...settledIfEven(evolve(visit, paid), data.capturedAt)];
};

const recordRefund = (data: Data<'RecordRefund'>, of: Visit): readonly VisitEvent[] => {
  const visit = opened(of);
  const { refundId, amountFen, channel } = data;
  const known = visit.refunds.get(refundId);
  if (known !== undefined && known !== amountFen)
    throw conflict('REFUND_CONFLICT', visit, { refundId });
  if (known !== undefined) return [];
  if (amountFen > visit.paidFen - visit.refundedFen)
    throw cannotBe(visit, '/amountFen', 'more goes back than was captured');
  const refunded: VisitEvent = {
    type: 'RefundRecorded',
    data: { ...visit.ref, refundId, amountFen, channel },
  };
  return [refunded, ...settledIfEven(evolve(visit, refunded), data.refundedAt)];
};

const recordPaymentMissed = (
  data: Data<'RecordPaymentMissed'>,
  of: Visit,
): readonly VisitEvent[] => {
  const visit = opened(of);
  if (visit.missed.has(`${data.paymentId}/${data.attempt}`) || owedFen(visit) <= 0) return [];
  return [
    {
      type: 'PaymentMissed',
      data: {
        ...{ ...visit.ref, ...data, accountPersonId: accountOf(visit), owedFen: owedFen(visit) },
        ...('verdict' in visit && visit.verdict && { grossFen: visit.verdict.grossFen }),
        ...tabNowOf(visit),
      },
    },
  ];
};

/**
 * Decides a payment, a refund or a final decline. A repetition yields []. Throws VISIT_UNKNOWN
 * (not-found); PAYMENT_CONFLICT, REFUND_CONFLICT, MESSAGE_IMPOSSIBLE (conflict).
 */
export const decidePayment = (command: PaymentCommand, visit: Visit): readonly VisitEvent[] => {
  switch (command.type) {
    case 'RecordPayment':
      return recordPayment(command.data, visit);
    case 'RecordRefund':
      return recordRefund(command.data, visit);
    case 'RecordPaymentMissed':
      return recordPaymentMissed(command.data, visit);
  }
};
