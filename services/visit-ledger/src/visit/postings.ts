import type { Verdict, VisitEvent } from './visit-events';

/** One line of double entry: a positive amount is a debit, a negative one a credit. */
export interface Posting {
  /** `care:unbilled`, `institution:<id>`, `payer:<id>`, `patients`, `channel:<id>`. */
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

/** A verdict turns unbilled care into what insurers and patient owe. */
const billed = (verdict: Verdict, sign: 1 | -1): Posting[] => [
  ...verdict.payers.flatMap(({ payerId, amountFen }) =>
    between(`payer:${payerId}`, 'care:unbilled', sign * amountFen),
  ),
  ...between('patients', 'care:unbilled', sign * verdict.patientDueFen),
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
    case 'VisitAdjudicated':
      return [...(data.previous ? billed(data.previous, -1) : []), ...billed(data, 1)];
    case 'PaymentRecorded':
      return between(`channel:${data.channel}`, 'patients', data.amountFen);
    case 'RefundRecorded':
      return between('patients', `channel:${data.channel}`, data.amountFen);
    default:
      return [];
  }
};
