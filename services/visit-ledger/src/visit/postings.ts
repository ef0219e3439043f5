import type { VisitLender } from '@caretab/contracts';
import type { Verdict, VisitEvent } from './visit-events';

/** One line of double entry: a positive amount is a debit, a negative one a credit. */
export interface Posting {
  /** `care:unbilled`, `institution:<id>`, `payer:<id>`, `patients`, `bank:<id>`, `channel:<id>`. */
  readonly account: string;
  readonly amountFen: number;
}

const between = (debit: string, credit: string, amountFen: number): Posting[] =>
  amountFen === 0
    ? []
    : [
        { account: debit, amountFen },
        { account: credit, amountFen: -amountFen },
      ];

/** Who owes us what is due: the patients, or the bank that lends it to one of them. */
const debtorOf = (lender: VisitLender | undefined): string =>
  lender?.kind === 'bank' ? `bank:${lender.lenderId}` : 'patients';

/** A verdict turns unbilled care into what insurers and patient, or the patient's bank, owe. */
const billed = (verdict: Verdict, debtor: string, sign: 1 | -1): Posting[] => [
  ...verdict.payers.flatMap(({ payerId, amountFen }) =>
    between(`payer:${payerId}`, 'care:unbilled', sign * amountFen),
  ),
  ...between(debtor, 'care:unbilled', sign * verdict.patientDueFen),
];

/**
 * The double entries that a fact means. They sum to zero for every fact, so they do for every visit
 * and for all (invariant: debits equal credits).
 */
export const postingsOf = ({ type, data }: VisitEvent): readonly Posting[] => {
  switch (type) {
    case 'ChargeDeferred':
      return between('care:unbilled', `institution:${data.institutionId}`, data.charge.amountFen);
    case 'ChargeReturned':
      return data.wasDeferred
        ? between(`institution:${data.institutionId}`, 'care:unbilled', data.amountFen)
        : [];
    case 'VisitCancelled':
      return between(`institution:${data.institutionId}`, 'care:unbilled', data.grossFen);
    case 'VisitAdjudicated': {
      const debtor = debtorOf(data.lender);
      const { previous } = data;
      return [...(previous ? billed(previous, debtor, -1) : []), ...billed(data, debtor, 1)];
    }
    case 'PaymentRecorded':
      return between(`channel:${data.channel}`, 'patients', data.amountFen);
    case 'RefundRecorded':
      return between('patients', `channel:${data.channel}`, data.amountFen);
    default:
      return [];
  }
};
