import type { VisitClass } from '@caretab/contracts';
import { specification } from '@caretab/doubles';
import { after, at, authorize, charge, cover, post, ref, start } from '../../test/one-visit';
import { visit, type VisitCommand } from './visit';

const { given } = specification(visit);

const graceUntil = '2026-03-02T03:00:00.000Z';
const endsBy = '2026-03-02T16:00:00.000Z';
const midnight = '2026-03-03T02:00:00.000Z';
const end: VisitCommand = { type: 'EndVisit', data: { endedAt: at, graceUntil } };
const reach = (now: string, until?: string): VisitCommand => ({
  type: 'ReachTime',
  data: { now, graceUntil: until },
});
const posted = (chargeId: string, occurredAt = at): VisitCommand =>
  post({ ...charge(chargeId, 2000), occurredAt });
const becomes = (visitClass: VisitClass, until?: string): VisitCommand => ({
  type: 'UpdateVisit',
  data: { personId: ref.personId, visitClass, updatedAt: at, endsBy: () => until },
});
const open = [start, authorize(), cover, posted('T1')];
const byRule: VisitCommand[] = [
  { ...start, data: { ...start.data, endsBy } } as VisitCommand,
  ...open.slice(1),
];

describe('the grace time between the end and the closing', () => {
  test('is waited for, and then the visit closes once', () => {
    given(...after(...open))
      .when(end)
      .then({ type: 'VisitEndReported', data: { graceUntil } });
    given(...after(...open, end))
      .when(reach('2026-03-02T02:59:59.999Z'))
      .thenNothing();
    given(...after(...open, end))
      .when(reach(graceUntil))
      .then({ type: 'VisitGraceEnded' }, { type: 'VisitClosed', data: { grossFen: 2000 } });
    given(...after(...open, end, reach(graceUntil)))
      .when(reach(graceUntil))
      .thenNothing();
  });
  test('takes charges that were given before the end or soon after, and no others', () => {
    given(...after(...open, end))
      .when(posted('T2'))
      .then({ type: 'ChargeDeferred' });
    given(...after(...open, end))
      .when(posted('T2', '2026-03-02T11:00:00+08:00'))
      .then({ type: 'ChargeDeferred' });
    given(...after(...open, end))
      .when(posted('T2', '2026-03-02T11:00:01+08:00'))
      .then({ type: 'ChargeNotDeferred', data: { reason: 'VISIT_CLOSED' } });
    given(...after(...open, end, posted('T2')))
      .when(reach(graceUntil))
      .then({ type: 'VisitGraceEnded' }, { type: 'VisitClosed', data: { grossFen: 4000 } });
  });
  test('that is over lets a visit wait for its answers, and takes nothing more', () => {
    given(...after(start, authorize(), end))
      .when(reach(graceUntil))
      .then({ type: 'VisitGraceEnded' });
    given(...after(start, authorize(), end, reach(graceUntil)))
      .when(cover)
      .then({ type: 'CoverageDetermined' }, { type: 'VisitClosed' });
    given(...after(start, authorize(), end, reach(graceUntil)))
      .when(posted('T1'))
      .then({ type: 'ChargeNotDeferred', data: { reason: 'VISIT_CLOSED' } });
  });
  test('ends with the end that is taken back', () => {
    const reopened: VisitCommand = { type: 'ReopenVisit', data: { reopenedAt: at } };
    given(...after(...open, end, reopened))
      .when(reach(graceUntil))
      .thenNothing();
    given(...after(...open, end, reopened))
      .when(posted('T2', '2026-03-02T09:30:00+08:00'))
      .then({ type: 'ChargeDeferred' });
  });
  test('takes a cancellation, of which nothing is settled, and none once it is over', () => {
    const cancel: VisitCommand = { type: 'CancelVisit', data: { withdrawnAt: at } };
    given(...after(...open, end))
      .when(cancel)
      .then(
        { type: 'VisitWithdrawalReported' },
        { type: 'VisitCancelled', data: { grossFen: 2000 } },
      );
    given(...after(...byRule, reach('2026-03-02T16:00:01Z', midnight)))
      .when(cancel)
      .then({ type: 'VisitWithdrawalReported' }, { type: 'VisitCancelled' });
    given(...after(...open, end, cancel))
      .when(reach(graceUntil))
      .thenNothing();
    // It waits for the answers that charges before it need, beyond the grace time, too.
    const waiting = after(start, authorize(), posted('T1'), end, cancel);
    given(...waiting)
      .when(reach(graceUntil))
      .thenNothing();
    given(...waiting)
      .when(cover)
      .then({ type: 'CoverageDetermined' }, { type: 'ChargeDeferred' }, { type: 'VisitCancelled' });
    given(...after(start, authorize(), end, reach(graceUntil)))
      .when(cancel)
      .thenRefused('VISIT_NOT_OPEN');
  });
  test('of an empty visit is not cut short by its hold', () =>
    given(...after(start, authorize(), cover, end))
      .when({ type: 'RecordExpiry', data: { heldFen: 30_000, expiredAt: at } })
      .then({ type: 'HoldExpired' }));
});

describe('an end by the institution’s rule', () => {
  test('comes where no end was reported, at the moment of the rule', () => {
    given(...after(...byRule))
      .when(reach('2026-03-02T15:59:59Z', midnight))
      .thenNothing();
    given(...after(...byRule))
      .when(reach('2026-03-02T16:00:01Z'))
      .then({ type: 'VisitEndReported', data: { endedAt: endsBy } }, { type: 'VisitClosed' });
    given(...after(...open))
      .when(reach('2026-03-02T16:00:01Z'))
      .thenNothing();
    given(...after(...byRule, { type: 'EndVisit', data: { endedAt: at } }))
      .when(reach('2026-03-02T16:00:01Z'))
      .thenNothing();
  });
  test('is not overtaken by a hold that expires', () => {
    const expire: VisitCommand = { type: 'RecordExpiry', data: { heldFen: 30_000, expiredAt: at } };
    given(...after(...byRule))
      .when(expire)
      .then({ type: 'HoldExpired' });
    given(...after(...byRule.slice(0, -1)))
      .when(expire)
      .then({ type: 'HoldExpired' });
    given(...after(...byRule, expire))
      .when(reach('2026-03-02T16:00:01Z', midnight))
      .then({ type: 'VisitEndReported', data: { endedAt: endsBy, graceUntil: midnight } });
  });
  test('leaves the grace time, in which the hospital’s own end takes its place', () => {
    const ended = after(...byRule, reach('2026-03-02T16:00:01Z', midnight));
    given(...ended)
      .when(posted('T2', '2026-03-02T23:50:00+08:00'))
      .then({ type: 'ChargeDeferred' });
    given(...ended)
      .when({
        type: 'EndVisit',
        data: { endedAt: '2026-03-03T00:40:00+08:00', graceUntil: midnight },
      })
      .then({ type: 'VisitEndReported', data: { endedAt: '2026-03-03T00:40:00+08:00' } });
  });
  test('puts what was given after it on no tab, whenever the clock looked', () => {
    const late = posted('T2', '2026-03-03T00:10:00+08:00');
    const refused = { type: 'ChargeNotDeferred', data: { reason: 'VISIT_CLOSED' } } as const;
    given(...after(...byRule))
      .when(late)
      .then(refused);
    given(...after(...byRule, reach('2026-03-02T16:00:01Z', midnight)))
      .when(late)
      .then(refused);
  });
  test('is that of the class that the visit has', () => {
    given(...after(...byRule, becomes('inpatient')))
      .when(reach('2026-03-20T00:00:00Z'))
      .thenNothing();
  });
  test('is taken back by the word, in the grace time or while charges wait, that it became a stay', () => {
    const ended = after(...byRule, reach('2026-03-02T16:00:01Z', midnight));
    given(...ended)
      .when(becomes('inpatient'))
      .then({ type: 'VisitReopened', data: { reopenedAt: at } }, { type: 'VisitUpdated' });
    given(...after(...byRule, reach('2026-03-02T16:00:01Z', midnight), becomes('inpatient')))
      .when(reach('2026-03-20T00:00:00Z'))
      .thenNothing();
    given(...after(byRule[0]!, authorize(), posted('T1'), reach('2026-03-02T16:00:01Z')))
      .when(becomes('inpatient'))
      .then({ type: 'VisitReopened' }, { type: 'VisitUpdated', data: { visitClass: 'inpatient' } });
  });
  test('gives way to that of another class', () => {
    const observed = becomes('emergency', '2026-03-05T00:00:00.000Z');
    const ended = after(...byRule, reach('2026-03-02T16:00:01Z', midnight), observed);
    given(...ended)
      .when(reach('2026-03-04T23:59:59Z'))
      .thenNothing();
    given(...ended)
      .when(reach('2026-03-05T00:00:01Z', midnight))
      .then({ type: 'VisitEndReported', data: { endedAt: '2026-03-05T00:00:00.000Z' } });
  });
  test('is gone once it was taken back', () =>
    given(
      ...after(...byRule, reach('2026-03-02T16:00:01Z', midnight), {
        type: 'ReopenVisit',
        data: { reopenedAt: at },
      }),
    )
      .when(reach('2026-03-20T00:00:00Z'))
      .thenNothing());
});

describe('the end of a hold that expired', () => {
  const expire: VisitCommand = { type: 'RecordExpiry', data: { heldFen: 30_000, expiredAt: at } };
  const waits = after(start, authorize(), posted('T1'), expire);
  test('is taken back by the word that the visit became a stay', () => {
    given(...waits)
      .when(becomes('inpatient'))
      .then({ type: 'VisitReopened' }, { type: 'VisitUpdated' });
    given(...after(start, authorize(), posted('T1'), expire, becomes('inpatient')))
      .when(cover)
      .then({ type: 'CoverageDetermined' }, { type: 'ChargeDeferred' });
  });
  test('stands where no clock would end it any more', () =>
    given(...waits)
      .when(becomes('emergency'))
      .then({ type: 'VisitUpdated' }));
  test('of the hospital’s own stands', () =>
    given(...after(...open, end, becomes('inpatient')))
      .when(reach(graceUntil))
      .then({ type: 'VisitGraceEnded' }, { type: 'VisitClosed' }));
});
