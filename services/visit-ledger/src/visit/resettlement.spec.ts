import { specification } from '@caretab/doubles';
import {
  after,
  at,
  authorize,
  charge,
  cover,
  end,
  pay,
  post,
  start,
  takeBack,
} from '../../test/one-visit';
import { visit, type VisitCommand } from './visit';

const { given } = specification(visit);
const verdict = (revision: number, patientDueFen: number): VisitCommand => ({
  type: 'RecordVerdict',
  data: { revision, grossFen: patientDueFen, payers: [], patientDueFen, adjudicatedAt: at },
});
const again = (revision: number): VisitCommand => ({
  type: 'SettleAgain',
  data: { revision, requestId: `r-${revision}`, because: 'LATER_CLAIM' },
});
const ended = [start, authorize(), cover, post(charge('T1', 1000)), post(charge('T2', 500)), end];
const closed = {
  type: 'VisitClosed' as const,
  data: {
    revision: 2,
    grossFen: 1500,
    resettles: { requestId: 'r-1', because: 'LATER_CLAIM' as const },
  },
};

describe('insurers settle a visit again whose charges are as they were', () => {
  test.each([
    ['that waits for its verdict', ended],
    ['that was adjudicated', [...ended, verdict(1, 1500)]],
    ['that was paid', [...ended, verdict(1, 1500), pay(1500)]],
  ])('a visit %s closes under the next revision, with the charges that it has', (_, before) => {
    given(...after(...before))
      .when(again(1))
      .then(closed);
  });

  test('the same request again, or one of an earlier revision, changes nothing', () => {
    const twice = [...ended, verdict(1, 1500), again(1)];
    given(...after(...twice))
      .when(again(1))
      .thenNothing();
    given(...after(...ended, takeBack('T1', 1000), verdict(2, 500)))
      .when(again(1))
      .thenNothing();
  });

  test('the next verdict counts, and what was paid is taken into account', () =>
    given(...after(...ended, verdict(1, 1500), pay(1500), again(1)))
      .when({
        type: 'RecordVerdict',
        data: {
          ...{ revision: 2, grossFen: 1500, patientDueFen: 1200, adjudicatedAt: at },
          payers: [{ payerId: 'evergreen', amountFen: 300 }],
        },
      })
      .then({ type: 'VisitAdjudicated', data: { revision: 2, patientDueFen: 1200 } }));

  test('a visit that has not ended, or a closing that is not here, is not settled again', () => {
    given(...after(...ended.slice(0, -1)))
      .when(again(1))
      .thenRefused('VERDICT_AHEAD');
    given(...after(...ended))
      .when(again(2))
      .thenRefused('VERDICT_AHEAD');
  });
});
