import { specification } from '@caretab/doubles';
import {
  after,
  authorize,
  charge,
  cover,
  end,
  guardian,
  pay,
  post,
  ref,
  start,
  takeBack,
  at,
} from '../../test/one-visit';
import { visit, type VisitCommand } from './visit';

const { given } = specification(visit);
const verdict = (dueFen: number, revision = 1): VisitCommand => ({
  type: 'RecordVerdict',
  data: { revision, grossFen: dueFen, payers: [], patientDueFen: dueFen, adjudicatedAt: at },
});
const refund = (amountFen: number, refundId = 'R1'): VisitCommand => ({
  type: 'RecordRefund',
  data: { refundId, amountFen, channel: 'unionpay', refundedAt: at },
});
const missed: VisitCommand = {
  type: 'RecordPaymentMissed',
  data: { paymentId: 'P1', attempt: 1, reason: 'INSUFFICIENT_FUNDS' },
};
const closed = [
  ...[start, authorize(), cover],
  ...[post(charge('T1', 2000)), post(charge('T2', 3000)), end],
];
const judged = [...closed, verdict(5000)];
const lowered = [...judged, takeBack('T1', 2000), verdict(3000, 2)];

describe('a service answers within its rights, and it cannot be', () => {
  test.each([
    ['a capture before any verdict', closed, pay(1)],
    ['a capture above the due', judged, pay(5001)],
    ['a capture above every due that there was', lowered, pay(5001)],
    ['a refund without a capture', judged, refund(1)],
    ['a refund above what was captured', [...judged, pay(5000)], refund(5001)],
    ['a second refund of the same money', [...lowered, pay(5000), refund(5000)], refund(1, 'R2')],
  ])('%s', (_, before, lie) => {
    given(...after(...before))
      .when(lie)
      .thenRefused('MESSAGE_IMPOSSIBLE');
  });

  test('money of a revision that is over is no lie: it was ordered before the due fell', () =>
    given(...after(...lowered))
      .when(pay(5000))
      .then({ type: 'PaymentRecorded', data: { amountFen: 5000 } }));

  const stranger = 'p-99999999-9999-4999-8999-999999999999';
  test.each<[string, VisitCommand]>([
    ['a capture', { ...pay(5000), of: { accountPersonId: stranger } } as VisitCommand],
    ['a missed payment', { ...missed, of: { accountPersonId: ref.personId } } as VisitCommand],
    ['a refund', { ...refund(1), of: { accountPersonId: stranger } } as VisitCommand],
    ['a verdict', { ...verdict(5000), of: { personId: guardian } } as VisitCommand],
    ['a decline', { type: 'RecordDecline', of: { personId: stranger }, data: { reason: 'X' } }],
  ])('%s that names who has nothing to do with the visit', (_, lie) => {
    given(...after(...judged))
      .when(lie)
      .thenRefused('MESSAGE_IMPOSSIBLE');
  });
});
