import type { Charge, Coverage } from '@caretab/contracts';
import { specification } from '@caretab/doubles';
import {
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
  coverage,
  sent,
} from '../../test/one-visit';
import { visit, type VisitCommand } from './visit';

const { given } = specification(visit);
const verdict = (patientDueFen: number): VisitCommand => ({
  type: 'RecordVerdict',
  data: { revision: 1, grossFen: patientDueFen, payers: [], patientDueFen, adjudicatedAt: at },
});
const ready = [start, authorize(), cover];

describe('a return of a part', () => {
  const three: Charge = {
    ...charge('T1', 1000),
    quantity: '3',
    unitPriceYuan: '3.333',
  };
  const posted = [...ready, post(three), post(charge('T2', 3000))];
  const byQuantity = (quantity: string, returnId: string, amountFen?: number): VisitCommand =>
    takeBack('T1', amountFen, returnId, { quantity });

  test('by quantity is rounded half up, and the last part is exactly what is left', () => {
    given(...after(...posted))
      .when(byQuantity('1', 'R1'))
      .then({
        type: 'ChargeReturned',
        data: {
          amountFen: 333,
          left: { quantity: '2', amountFen: 667 },
          totals: totals(3667),
          patientEstimateFen: 3667,
        },
      });
    given(...after(...posted, byQuantity('1', 'R1'), byQuantity('1', 'R2')))
      .when(byQuantity('1.0', 'R3'))
      .then({ type: 'ChargeReturned', data: { amountFen: 334, left: undefined } });
  });

  test('with quantity and amount must fit the unit price; the last may state either sum', () => {
    given(...after(...posted))
      .when(byQuantity('1', 'R1', 400))
      .thenRefused('RETURN_AMOUNT_DIFFERS');
    const twice = after(...posted, byQuantity('1', 'R1', 333), byQuantity('1', 'R2', 333));
    given(...twice)
      .when(byQuantity('1', 'R3', 333))
      .then({ type: 'ChargeReturned', data: { amountFen: 334, left: undefined } });
    given(...twice)
      .when(byQuantity('1', 'R3', 334))
      .then({ type: 'ChargeReturned', data: { amountFen: 334, left: undefined } });
  });

  test('by amount leaves the quantity, and the claim has what remains', () =>
    given(...after(...posted, takeBack('T1', 400, 'R1')))
      .when(end)
      .then(
        { type: 'VisitEndReported' },
        {
          type: 'VisitClosed',
          data: {
            grossFen: 3600,
            lines: [
              { chargeId: 'T1', quantity: '3', amountFen: 600 },
              { chargeId: 'T2', amountFen: 3000 },
            ],
          },
        },
      ));

  test('is never more than was charged, whatever was taken before', () => {
    given(...after(...posted, byQuantity('2', 'R1')))
      .when(byQuantity('1.5', 'R2'))
      .thenRefused('RETURN_EXCEEDS_CHARGE');
    given(...after(...posted, takeBack('T1', 600, 'R1')))
      .when(takeBack('T1', 401, 'R2'))
      .thenRefused('RETURN_EXCEEDS_CHARGE');
    given(...after(...posted, takeBack('T1', 600, 'R1')))
      .when(byQuantity('3', 'R2', 1000))
      .thenRefused('RETURN_EXCEEDS_CHARGE');
    given(...after(...posted, takeBack('T1', 600, 'R1')))
      .when(byQuantity('3', 'R2'))
      .then({ type: 'ChargeReturned', data: { amountFen: 400, left: undefined } });
    given(...after(...posted, byQuantity('1', 'R1')))
      .when(takeBack('T1', 1000, 'R2', { isWhole: true }))
      .thenRefused('RETURN_EXCEEDS_CHARGE');
    given(...after(...posted, byQuantity('3', 'R1')))
      .when(byQuantity('1', 'R2'))
      .thenRefused('CHARGE_ALREADY_RETURNED');
  });

  test('of a dispensed drug needs the return to the pharmacy, whole or in part', () => {
    const tab = [...ready, post({ ...three, dispensed: true }), post(charge('T2', 3000))];
    const toPharmacy = { returnedToPharmacy: true };
    for (const taken of [byQuantity('1', 'R1'), takeBack('T1', 1000, 'R1', { isWhole: true })])
      given(...after(...tab))
        .when(taken)
        .thenRefused('DRUG_DISPENSED');
    given(...after(...tab))
      .when(takeBack('T1', 400, 'R1', toPharmacy))
      .then({ type: 'ChargeReturned', data: { amountFen: 400 } });
    given(...after(...tab))
      .when(takeBack('T2', 3000, 'R1'))
      .then({ type: 'ChargeReturned', data: { amountFen: 3000 } });
  });

  test('that names nothing is refused', () => {
    given(...after(...posted))
      .when(takeBack('T1', undefined, 'R1'))
      .thenRefused('RETURN_EMPTY');
    given(...after(...posted))
      .when(byQuantity('0', 'R1', 5))
      .thenRefused('RETURN_EMPTY');
    given(...after(...posted))
      .when(takeBack('T1', 0, 'R1'))
      .thenRefused('RETURN_AMOUNT_DIFFERS');
  });

  test('comes once, however often it is sent', () => {
    for (const taken of [
      byQuantity('1', 'R1'),
      byQuantity('1', 'R1', 333),
      takeBack('T1', 5, 'R1'),
    ])
      given(...after(...posted, taken))
        .when(taken)
        .thenNothing();
    given(...after(...posted, byQuantity('1', 'R1')))
      .when(byQuantity('2', 'R1'))
      .thenRefused('RETURN_CONFLICT');
    given(...after(...posted, byQuantity('1', 'R1')))
      .when(sent(byQuantity('2', 'R1')))
      .then({
        type: 'SubmissionRejected',
        data: { reason: 'RETURN_CONFLICT', remedy: expect.stringMatching(/id of its own/) },
      });
  });

  test('behind waiting charges counts what waits before it', () => {
    const waiting = [start, post(three), byQuantity('2', 'R1')];
    given(...after(...waiting))
      .when(byQuantity('2', 'R2'))
      .thenRefused('RETURN_EXCEEDS_CHARGE');
    given(...after(...waiting, byQuantity('1', 'R2'), authorize()))
      .when(cover)
      .then(
        { type: 'CoverageDetermined' },
        { type: 'ChargeDeferred' },
        {
          type: 'ChargeReturned',
          data: { amountFen: 667, left: { quantity: '1', amountFen: 333 } },
        },
        { type: 'ChargeReturned', data: { amountFen: 333, left: undefined } },
      );
  });

  test('after the settlement closes the visit again with the rest', () =>
    given(...after(...posted, end, verdict(4000), pay(4000)))
      .when(byQuantity('2', 'R1'))
      .then(
        { type: 'ChargeReturned' },
        {
          type: 'VisitClosed',
          data: { revision: 2, grossFen: 3333, lines: [{ quantity: '1', amountFen: 333 }, {}] },
        },
      ));

  test('of an amount of which the insurer pays a share brings fund and due down by the rules', () => {
    // 10 at 100.00, of which 300.00 come back: (700.00 − 300.00) × 82 % for a pensioner.
    const pensioner: Coverage = {
      ...coverage,
      plans: [
        {
          planId: 'employee-basic',
          payerId: 'city-employee',
          kind: 'basic',
          deductibleFen: 30_000,
          deductibleUsedFen: 0,
          bands: [{ upToFen: null, rateBps: 8200 }],
          inScopeUsedFen: 0,
          fundCapFen: null,
          fundUsedFen: 0,
          personalAccountFen: 0,
        },
      ],
    };
    const ten: Charge = { ...charge('P1.1', 100_000), quantity: '10', unitPriceYuan: '100.00' };
    given(
      ...after(
        start,
        authorize(60_000),
        { type: 'RecordCoverage', data: { coverage: pensioner } },
        post(ten),
      ),
    )
      .when(takeBack('P1.1', 30_000))
      .then({ type: 'ChargeReturned', data: { patientEstimateFen: 37_200 } });
  });
});
