import { FEN_MAX } from '@caretab/contracts';
import { specification } from '@caretab/doubles';
import {
  guardian,
  at,
  charge,
  totals,
  start,
  post,
  takeBack,
  authorize,
  cover,
  end,
  pay,
  after,
  ref,
} from '../../test/one-visit';
import { visit, type VisitCommand } from './visit';

const { given } = specification(visit);
const increase = (heldFen: number): VisitCommand => ({
  type: 'RecordIncrease',
  data: { requestId: 'HZ001-V1/1', heldFen },
});
const increaseDeclined: VisitCommand = {
  type: 'RecordIncreaseDecline',
  data: { requestId: 'HZ001-V1/1', reason: 'OVER_LINE' },
};
const verdict = (grossFen: number, insurerFen: number, revision = 1): VisitCommand => ({
  type: 'RecordVerdict',
  data: {
    revision,
    grossFen,
    payers: insurerFen ? [{ payerId: 'city', amountFen: insurerFen }] : [],
    patientDueFen: grossFen - insurerFen,
    adjudicatedAt: at,
  },
});
const refund = (amountFen: number): VisitCommand => ({
  type: 'RecordRefund',
  data: { refundId: 'R1', amountFen, channel: 'unionpay', refundedAt: at },
});

const ready = [start, authorize(), cover];

describe('opening', () => {
  test('opens a visit once, however often it is sent', () => {
    given().when(start).then({ type: 'VisitOpened' });
    given(...after(start))
      .when(start)
      .thenNothing();
  });
  test('refuses the same visit number with another person', () =>
    given(...after(start))
      .when({ ...start, data: { ...start.data, personId: guardian } } as VisitCommand)
      .thenRefused('VISIT_CONFLICT'));
  test('knows the answer of credit and the coverage once', () => {
    given(...after(start))
      .when(authorize())
      .then({ type: 'CreditAuthorized' });
    given(...after(...ready))
      .when(authorize(99))
      .thenNothing();
    given(...after(...ready))
      .when(cover)
      .thenNothing();
  });
});

describe('a charge', () => {
  test('is deferred at once inside the hold', () =>
    given(...after(...ready))
      .when(post(charge('T1', 2000)))
      .then({ type: 'ChargeDeferred', data: { patientEstimateFen: 2000, waited: false } }));
  test('is on the tab once, however often it is sent', () =>
    given(...after(...ready, post(charge('T1', 2000))))
      .when(post(charge('T1', 2000)))
      .thenNothing());
  test('with the same id and another amount is reported once and changes nothing', () => {
    const posted = after(...ready, post(charge('T1', 2000)));
    given(...posted)
      .when(post(charge('T1', 3000)))
      .then({ type: 'ChargeConflictFound', data: { recordedFen: 2000, conflictingFen: 3000 } });
    given(...after(...ready, post(charge('T1', 2000)), post(charge('T1', 3000))))
      .when(post(charge('T1', 3000)))
      .thenNothing();
  });
  test('that comes before its visit waits, and is decided when visit, hold and coverage are there', () => {
    given()
      .when(post(charge('T1', 2000)))
      .then({ type: 'ChargeWaiting' });
    given(...after(post(charge('T1', 2000))))
      .when(start)
      .then({ type: 'VisitOpened' });
    given(...after(post(charge('T1', 2000)), start, authorize()))
      .when(cover)
      .then({ type: 'CoverageDetermined' }, { type: 'ChargeDeferred', data: { waited: true } });
  });
  test('of a visit whose credit was declined is not deferred, with credit’s reason', () =>
    given(...after(start, post(charge('T1', 2000))))
      .when({ type: 'RecordDecline', data: { reason: 'FROZEN' } })
      .then({ type: 'CreditDeclined' }, { type: 'ChargeNotDeferred', data: { reason: 'FROZEN' } }));
  test('of an item that no catalogue lists is not deferred', () =>
    given(...after(...ready))
      .when(post(charge('T1', 2000, 'ZZ')))
      .then({ type: 'ChargeNotDeferred', data: { reason: 'ITEM_UNKNOWN' } }));
  test('that comes after the end, or for a cancelled visit, is not deferred', () => {
    given(...after(...ready, end))
      .when(post(charge('T1', 2000)))
      .then({ type: 'ChargeNotDeferred', data: { reason: 'VISIT_CLOSED' } });
    given(...after(...ready, { type: 'CancelVisit', data: { withdrawnAt: at } }))
      .when(post(charge('T1', 2000)))
      .then({ type: 'ChargeNotDeferred', data: { reason: 'VISIT_CANCELLED' } });
  });
});

describe('amounts', () => {
  test('that come to more than a contract can tell are refused, waiting ones included', () => {
    given(...after(...ready, post(charge('T1', FEN_MAX))))
      .when(post(charge('T2', 1)))
      .thenRefused('VISIT_FULL');
    given(...after(post(charge('T1', FEN_MAX))))
      .when(post(charge('T2', 1)))
      .thenRefused('VISIT_FULL');
    given(...after(...ready, post(charge('T1', FEN_MAX)), increaseDeclined))
      .when(post(charge('T2', 1)))
      .then({ type: 'ChargeDeferred' });
  });
  test('of a hold that cannot grow any more are not asked for', () =>
    given(...after(start, authorize(FEN_MAX), cover))
      .when(post(charge('T1', FEN_MAX)))
      .then({ type: 'ChargeDeferred' }));
});

describe('the hold', () => {
  test('is raised ahead of need when it is nearly used', () =>
    given(...after(...ready))
      .when(post(charge('T1', 22_000)))
      .then(
        { type: 'ChargeDeferred' },
        { type: 'HoldIncreaseRequested', data: { neededFen: 30_001, wantedFen: 60_000 } },
      ));
  test('that is too small makes the charge wait for a larger one', () => {
    given(...after(...ready))
      .when(post(charge('T1', 40_000)))
      .then(
        { type: 'ChargeWaiting' },
        { type: 'HoldIncreaseRequested', data: { neededFen: 40_000, chargeId: 'T1' } },
      );
    given(...after(...ready, post(charge('T1', 40_000))))
      .when(increase(60_000))
      .then({ type: 'HoldIncreased' }, { type: 'ChargeDeferred', data: { waited: true } });
  });
  test('that cannot be raised leaves the charge to the hospital, and the next one that fits is deferred', () =>
    given(...after(...ready, post(charge('T1', 40_000)), post(charge('T2', 1000))))
      .when(increaseDeclined)
      .then(
        { type: 'HoldIncreaseDeclined' },
        { type: 'ChargeNotDeferred', data: { charge: { chargeId: 'T1' }, reason: 'OVER_LINE' } },
        { type: 'ChargeDeferred', data: { charge: { chargeId: 'T2' } } },
      ));
  test('is asked for again only by a charge once the line is used up', () => {
    const usedUp = after(...ready, post(charge('T1', 22_000)), increaseDeclined);
    given(...usedUp)
      .when(post(charge('T2', 1000)))
      .then({ type: 'ChargeDeferred' });
    given(...usedUp)
      .when(post(charge('T3', 9000)))
      .then(
        { type: 'ChargeWaiting' },
        { type: 'HoldIncreaseRequested', data: { neededFen: 31_000 } },
      );
  });
  test('whose visit died settles what is on the tab, or cancels an empty visit', () => {
    const expire: VisitCommand = { type: 'RecordExpiry', data: { heldFen: 30_000, expiredAt: at } };
    given(...after(...ready, post(charge('T1', 2000))))
      .when(expire)
      .then(
        { type: 'HoldExpired' },
        { type: 'VisitEndReported' },
        { type: 'VisitClosed', data: { grossFen: 2000 } },
      );
    given(...after(...ready))
      .when(expire)
      .then({ type: 'HoldExpired' }, { type: 'VisitCancelled' });
  });
});

describe('a stay', () => {
  const admit: VisitCommand = {
    type: 'StartVisit',
    data: { ...ref, visitNumber: 'V1', visitClass: 'inpatient', startedAt: at },
  };
  const stay = [admit, authorize(), cover, post(charge('T1', 2000))];
  const overdue = (askedAt: string): VisitCommand => ({ type: 'RecordOverdue', data: { askedAt } });
  test('of which nothing is reported is asked about, once for each time, and never ended by a clock', () => {
    const asked = overdue('2026-05-01T00:00:00.000Z');
    given(...after(...stay))
      .when(asked)
      .then({ type: 'VisitOverdue', data: { askedAt: '2026-05-01T00:00:00.000Z' } });
    given(...after(...stay, asked))
      .when(asked)
      .thenNothing();
    given(...after(...stay, asked))
      .when(overdue('2026-05-08T00:00:00.000Z'))
      .then({ type: 'VisitOverdue' });
    given(...after(...stay))
      .when({ type: 'RecordExpiry', data: { heldFen: 30_000, expiredAt: at } })
      .then({ type: 'VisitOverdue' });
    given(...after(...stay, asked, end))
      .when(overdue('2026-05-08T00:00:00.000Z'))
      .thenNothing();
  });
  test('that was asked about goes on as before', () =>
    given(...after(...stay, overdue('2026-05-01T00:00:00.000Z')))
      .when(post(charge('T2', 3000)))
      .then({ type: 'ChargeDeferred', data: { totals: totals(5000) } }));
});

describe('a return', () => {
  const charged = [...ready, post(charge('T1', 2000)), post(charge('T2', 3000))];
  test('takes a whole charge back, once', () => {
    given(...after(...charged))
      .when(takeBack('T1', 2000))
      .then({ type: 'ChargeReturned', data: { wasDeferred: true, totals: totals(3000) } });
    given(...after(...charged, takeBack('T1', 2000)))
      .when(takeBack('T1', 2000))
      .thenNothing();
  });
  test('of the whole with another amount, under the id of another, or of an unknown charge is refused', () => {
    given(...after(...charged))
      .when(takeBack('T1', 1999, 'CR1', { isWhole: true }))
      .thenRefused('RETURN_AMOUNT_DIFFERS');
    given(...after(...charged, takeBack('T1', 1000)))
      .when(takeBack('T1', 1001))
      .thenRefused('RETURN_CONFLICT');
    given(...after(...charged, takeBack('T1', 2000)))
      .when(takeBack('T2', 3000))
      .thenRefused('RETURN_CONFLICT');
    given(...after(...charged))
      .when(takeBack('T9', 2000))
      .thenRefused('CHARGE_UNKNOWN');
  });
  test('behind waiting charges waits its turn, so that nothing depends on how fast an answer was', () => {
    const waiting = [
      start,
      post(charge('T1', 2000)),
      post(charge('T2', 3000)),
      takeBack('T1', 2000),
    ];
    given(...after(...waiting.slice(0, 3)))
      .when(takeBack('T1', 2000))
      .then({ type: 'ReturnWaiting' });
    given(...after(...waiting))
      .when(takeBack('T1', 2000))
      .thenNothing();
    given(...after(...waiting))
      .when(takeBack('T1', 2000, 'CR2'))
      .thenRefused('CHARGE_ALREADY_RETURNED');
    given(...after(...waiting, authorize()))
      .when(cover)
      .then(
        { type: 'CoverageDetermined' },
        { type: 'ChargeDeferred' },
        { type: 'ChargeDeferred' },
        { type: 'ChargeReturned', data: { wasDeferred: true, totals: totals(3000) } },
      );
  });
  test('of a charge that came before its visit takes it out again in its turn', () =>
    given(...after(post(charge('T1', 2000)), takeBack('T1', 2000), start, authorize()))
      .when(cover)
      .then(
        { type: 'CoverageDetermined' },
        { type: 'ChargeDeferred' },
        { type: 'ChargeReturned' },
      ));
  test('after settlement has the visit settled anew and the difference refunded', () => {
    const settled = after(...charged, end, verdict(5000, 0), pay(5000));
    expect(settled.at(-1)?.type).toBe('VisitSettled');
    given(...settled)
      .when(takeBack('T1', 2000))
      .then(
        { type: 'ChargeReturned' },
        { type: 'VisitClosed', data: { revision: 2, grossFen: 3000, lines: [{ chargeId: 'T2' }] } },
      );
    given(...after(...charged, end, verdict(5000, 0), pay(5000), takeBack('T1', 2000)))
      .when(verdict(3000, 0, 2))
      .then({ type: 'VisitAdjudicated', data: { previous: { revision: 1, patientDueFen: 5000 } } });
    given(
      ...after(
        ...charged,
        end,
        verdict(5000, 0),
        pay(5000),
        takeBack('T1', 2000),
        verdict(3000, 0, 2),
      ),
    )
      .when(refund(2000))
      .then(
        { type: 'RefundRecorded' },
        { type: 'VisitSettled', data: { paidFen: 5000, refundedFen: 2000, revision: 2 } },
      );
  });
});

describe('a cancellation', () => {
  const cancel: VisitCommand = { type: 'CancelVisit', data: { withdrawnAt: at } };
  test('cancels a visit with nothing waiting at once, and once', () => {
    given(...after(...ready, post(charge('T1', 2000))))
      .when(cancel)
      .then(
        { type: 'VisitWithdrawalReported' },
        { type: 'VisitCancelled', data: { grossFen: 2000 } },
      );
    given(...after(...ready, cancel))
      .when(cancel)
      .thenNothing();
  });
  test('waits until every charge before it is decided, and nothing comes after it', () => {
    given(...after(start, post(charge('T1', 2000))))
      .when(cancel)
      .then({ type: 'VisitWithdrawalReported' });
    given(...after(start, post(charge('T1', 2000)), cancel))
      .when(post(charge('T2', 100)))
      .then({ type: 'ChargeNotDeferred', data: { reason: 'VISIT_CANCELLED' } });
    given(...after(start, post(charge('T1', 2000)), cancel, authorize()))
      .when(cover)
      .then(
        { type: 'CoverageDetermined' },
        { type: 'ChargeDeferred' },
        { type: 'VisitCancelled', data: { grossFen: 2000 } },
      );
  });
  test('comes too late for an ended visit, also while its last charges wait', () =>
    given(...after(...ready, post(charge('T1', 40_000)), end))
      .when(cancel)
      .thenRefused('VISIT_NOT_OPEN'));
});

describe('closing and settling', () => {
  const closed = [...ready, post(charge('T1', 2000)), end];
  test('closes with the deferred lines, once', () => {
    given(...after(...ready, post(charge('T1', 2000))))
      .when(end)
      .then(
        { type: 'VisitEndReported' },
        { type: 'VisitClosed', data: { revision: 1, lines: [{ chargeId: 'T1' }] } },
      );
    given(...after(...closed))
      .when(end)
      .thenNothing();
  });
  test('waits with closing until every charge is decided', () => {
    given(...after(...ready, post(charge('T1', 40_000))))
      .when(end)
      .then({ type: 'VisitEndReported' });
    given(...after(...ready, post(charge('T1', 40_000)), end))
      .when(increaseDeclined)
      .then(
        { type: 'HoldIncreaseDeclined' },
        { type: 'ChargeNotDeferred' },
        { type: 'VisitClosed', data: { lines: [] } },
      );
  });
  test('takes the verdict of the current revision only', () => {
    given(...after(...closed))
      .when(verdict(2000, 1500))
      .then({
        type: 'VisitAdjudicated',
        data: {
          patientDueFen: 500,
          accountPersonId: guardian,
          previous: null,
          insurerSettledAt: at,
        },
      });
    given(...after(...closed, verdict(2000, 1500)))
      .when(verdict(2000, 1500))
      .thenNothing();
    given(...after(...closed, takeBack('T1', 2000)))
      .when(verdict(2000, 1500))
      .thenNothing();
  });
  test('refuses a verdict on a closing that the log does not have: replayed later, it is not lost', () => {
    const ahead = verdict(2000, 1500);
    given(...after(start))
      .when(ahead)
      .thenRefused('VERDICT_AHEAD');
    given(...after(...closed, ahead))
      .when({ ...ahead, data: { ...ahead.data, revision: 2 } } as typeof ahead)
      .thenRefused('VERDICT_AHEAD');
  });
  test('refuses a verdict on something else than what was deferred, and one that does not add up', () => {
    given(...after(...closed))
      .when(verdict(1999, 0))
      .thenRefused('VERDICT_DIFFERS');
    const unbalanced = verdict(2000, 1500);
    given(...after(...closed))
      .when({
        ...unbalanced,
        data: { ...unbalanced.data, patientDueFen: 499 },
      } as typeof unbalanced)
      .thenRefused('VERDICT_UNBALANCED');
  });
  test('is settled without a payment when the insurers bear it all', () =>
    given(...after(...closed))
      .when(verdict(2000, 2000))
      .then({ type: 'VisitAdjudicated' }, { type: 'VisitSettled', data: { paidFen: 0 } }));
  test('is settled by exactly one payment, and a repeated one does nothing', () => {
    given(...after(...closed, verdict(2000, 1500)))
      .when(pay(500))
      .then({ type: 'PaymentRecorded' }, { type: 'VisitSettled' });
    given(...after(...closed, verdict(2000, 1500), pay(500)))
      .when(pay(500))
      .thenNothing();
    given(...after(...closed, verdict(2000, 1500), pay(500)))
      .when(pay(501))
      .thenRefused('PAYMENT_CONFLICT');
  });
  test('settled, it names no charge of which nothing is left, returned before it was decided', () => {
    const [settled] = after(
      ...ready,
      post(charge('T1', 2000)),
      post(charge('T3', 99_900_00)),
      takeBack('T3', 99_900_00, 'CR3'),
      increaseDeclined,
      end,
      ...[verdict(2000, 1500), pay(500)],
    ).slice(-1);
    expect(settled).toMatchObject({ type: 'VisitSettled', data: { grossFen: 2000 } });
    expect(settled!.data).toMatchObject({ notDeferred: [] });
  });
  test('settled, it says what is on the tab and what is to be paid at the counter', () => {
    const beside = [post(charge('T2', 9_900, 'NOT-IN-CATALOGUE')), post(charge('T3', 99_900_00))];
    const paid = [verdict(2000, 1500), pay(500)];
    const [settled] = after(
      ...ready,
      post(charge('T1', 2000)),
      ...beside,
      increaseDeclined,
      takeBack('T2', 900, 'CR2'),
      end,
      ...paid,
    ).slice(-1);
    expect(settled).toMatchObject({
      type: 'VisitSettled',
      data: {
        grossFen: 2000,
        payers: [{ payerId: 'city', amountFen: 1500 }],
        onTab: [{ itemCode: expect.any(String), amountFen: 2000, occurredAt: expect.any(String) }],
        onTabCount: 1,
        notDeferred: [
          {
            chargeId: 'T2',
            itemCode: 'NOT-IN-CATALOGUE',
            amountFen: 9000,
            reason: 'ITEM_UNKNOWN',
            occurredAt: at,
          },
          {
            chargeId: 'T3',
            itemCode: '250101015',
            amountFen: 99_900_00,
            reason: 'OVER_LINE',
            occurredAt: at,
          },
        ],
      },
    });
  });
  test('a missed payment is recorded once and the debt stays', () => {
    const missed: VisitCommand = {
      type: 'RecordPaymentMissed',
      data: { paymentId: 'P1', attempt: 2, reason: 'INSUFFICIENT_FUNDS' },
    };
    given(...after(...closed, verdict(2000, 1500)))
      .when(missed)
      .then({
        type: 'PaymentMissed',
        data: {
          ...{ owedFen: 500, grossFen: 2000, notDeferred: [], onTabCount: 1 },
          onTab: [
            { itemCode: expect.any(String), amountFen: 2000, occurredAt: expect.any(String) },
          ],
        },
      });
    given(...after(...closed, verdict(2000, 1500), missed))
      .when(missed)
      .thenNothing();
    given(...after(...closed, verdict(2000, 1500), missed))
      .when(pay(500))
      .then({ type: 'PaymentRecorded' }, { type: 'VisitSettled' });
  });
  test('a closed visit cannot be cancelled, an unknown one not ended', () => {
    given(...after(...closed))
      .when({ type: 'CancelVisit', data: { withdrawnAt: at } })
      .thenRefused('VISIT_NOT_OPEN');
    given().when(end).thenRefused('VISIT_UNKNOWN');
  });
});

describe('a report that comes again after later ones', () => {
  const update = (department: string, minute: string): VisitCommand => ({
    type: 'UpdateVisit',
    data: { department, updatedAt: `2026-03-02T09:${minute}:00+08:00` },
  });
  test('does not move the patient back to an earlier department, while a new report of it does', () => {
    const moved = after(...ready, update('surgery', '10'), update('ward 3', '20'));
    given(...moved)
      .when(update('surgery', '10'))
      .thenNothing();
    given(...moved)
      .when(update('surgery', '30'))
      .then({ type: 'VisitUpdated', data: { department: 'surgery' } });
  });
  test('of the end is no conflict on a visit cancelled since', () => {
    const cancelled = after(start, end, {
      type: 'RecordExpiry',
      data: { heldFen: 0, expiredAt: at },
    });
    expect(cancelled.at(-1)?.type).toBe('VisitCancelled');
    given(...cancelled)
      .when(end)
      .thenNothing();
    given(...after(start, { type: 'CancelVisit', data: { withdrawnAt: at } }))
      .when(end)
      .thenRefused('VISIT_NOT_OPEN');
  });
  test('of an expired hold drops no charge that waits: it is decided, and then the visit closes', () => {
    const expired = after(...ready, post(charge('T1', 40_000)), {
      type: 'RecordExpiry',
      data: { heldFen: 30_000, expiredAt: at },
    });
    expect(expired.map(({ type }) => type)).not.toContain('VisitCancelled');
    given(...expired)
      .when(increase(60_000))
      .then(
        { type: 'HoldIncreased' },
        { type: 'ChargeDeferred', data: { waited: true } },
        { type: 'VisitClosed', data: { grossFen: 40_000 } },
      );
    given(...expired)
      .when(increaseDeclined)
      .then(
        { type: 'HoldIncreaseDeclined' },
        { type: 'ChargeNotDeferred' },
        { type: 'VisitClosed', data: { grossFen: 0 } },
      );
  });

  test('of an expired hold says nothing twice while charges wait', () => {
    const expire: VisitCommand = { type: 'RecordExpiry', data: { heldFen: 30_000, expiredAt: at } };
    given(...after(...ready, post(charge('T1', 2000)), post(charge('T2', 40_000)), expire))
      .when(expire)
      .thenNothing();
  });
});

test('a verdict that comes again with other content is reported, with the same content it does nothing', () => {
  const judged = after(...ready, post(charge('T1', 2000)), end, verdict(2000, 1500));
  given(...judged)
    .when(verdict(2000, 1500))
    .thenNothing();
  given(...judged)
    .when(verdict(2000, 1400))
    .thenRefused('VERDICT_CONFLICT');
});

test('a return brings the estimate down with it', () =>
  given(...after(...ready, post(charge('T1', 2000)), post(charge('T2', 3000))))
    .when(takeBack('T1', 2000))
    .then({ type: 'ChargeReturned', data: { patientEstimateFen: 3000 } }));

test('a visit says whether it was settled before, so that a day counts it once', () => {
  const charged = [...ready, post(charge('T1', 2000)), post(charge('T2', 3000)), end];
  given(...after(...charged, verdict(5000, 0), takeBack('T1', 2000), verdict(3000, 0, 2)))
    .when(pay(3000))
    .then(
      { type: 'PaymentRecorded' },
      { type: 'VisitSettled', data: { revision: 2, again: false } },
    );
  given(
    ...after(...charged, verdict(5000, 0), pay(5000), takeBack('T1', 2000), verdict(3000, 0, 2)),
  )
    .when(refund(2000))
    .then({ type: 'RefundRecorded' }, { type: 'VisitSettled', data: { revision: 2, again: true } });
});
