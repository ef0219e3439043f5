import { specification } from '@caretab/doubles';
import * as fc from 'fast-check';
import {
  after,
  at,
  authorize,
  charge,
  cover,
  end,
  LIMIT,
  NOW,
  post,
  sent,
  start,
  takeBack,
} from '../../test/one-visit';
import { visit, type VisitCommand } from './visit';
import type { Submitted, VisitEvent } from './visit-events';
import { type Visit, initialVisit } from './visit-state';

const { given } = specification(visit);
const cancel: VisitCommand = { type: 'CancelVisit', data: { withdrawnAt: at } };
const asInpatient: VisitCommand = {
  type: 'UpdateVisit',
  data: { visitClass: 'inpatient', updatedAt: at },
};
const expire = (now: string): VisitCommand => ({ type: 'ExpireWaiting', data: { now } });
const typesOf = (facts: readonly VisitEvent[]): string[] => facts.map(({ type }) => type);
const stateAfter = (facts: readonly VisitEvent[]): Visit =>
  facts.reduce(visit.evolve, initialVisit);

describe('a report that cannot be applied', () => {
  test('is rejected also where its conflict was found before: another message brings the same charge', () => {
    const other: VisitCommand = { ...post(charge('C1', 20)) };
    return given(
      ...after(
        sent(start),
        authorize(),
        cover,
        sent(post(charge('C1', 10)), 'm2'),
        sent(other, 'm3'),
      ),
    )
      .when(sent(other, 'm4'))
      .then({
        type: 'SubmissionRejected',
        data: expect.objectContaining({
          submissionId: 'm4',
          kind: 'ChargePosted',
          chargeId: 'C1',
          reason: 'CHARGE_CONFLICT',
        }),
      });
  });

  test('is rejected with its reason and what to do, and changes nothing else', () =>
    given(...after(sent(start), sent(end, 'm2'), authorize(), cover))
      .when(sent(cancel, 'm3'))
      .then({
        type: 'SubmissionRejected',
        data: {
          submissionId: 'm3',
          messageId: 'http/HZ001/m3',
          kind: 'VisitWithdrawn',
          reason: 'VISIT_NOT_OPEN',
          remedy: expect.stringMatching(/./),
          waited: false,
          rejectedAt: NOW,
        },
      }));

  test('names its charge where it takes more back than was charged', () =>
    given(...after(sent(start), authorize(), cover, sent(post(charge('T1', 100)), 'm2')))
      .when(sent(takeBack('T1', 101), 'm3'))
      .then({
        type: 'SubmissionRejected',
        data: { kind: 'ChargeReturned', chargeId: 'T1', reason: 'RETURN_EXCEEDS_CHARGE' },
      }));

  test('is rejected once, however often it is sent', () => {
    const facts = after(sent(start), sent(end, 'm2'), authorize(), cover, sent(cancel, 'm3'));
    given(...facts)
      .when(sent(cancel, 'm3', true))
      .thenNothing();
  });

  test('of a time that cannot be is rejected before its visit was opened', () =>
    given()
      .when({
        type: 'RefuseSubmission',
        data: { reason: 'TIME_TOO_OLD' },
        by: (sent(end) as { by: Submitted }).by,
      })
      .then({ type: 'SubmissionRejected', data: { kind: 'VisitEnded', reason: 'TIME_TOO_OLD' } }));
});

describe('a report that comes too early', () => {
  test.each([
    ['an end', sent(end), 'VISIT_UNKNOWN'],
    ['a cancellation', sent(cancel), 'VISIT_UNKNOWN'],
    ['another class', sent(asInpatient), 'VISIT_UNKNOWN'],
    ['a return', sent(takeBack('T1', 100)), 'CHARGE_UNKNOWN'],
  ])('waits for the opening: %s', (_name, command, reason) =>
    given()
      .when(command)
      .then({ type: 'SubmissionWaiting', data: { submissionId: 'm1', reason, waitsUntil: LIMIT } }),
  );

  test('takes its turn after the opening, in the order in which it came', () => {
    const facts = after(
      sent(asInpatient, 'm1'),
      sent(post(charge('T1', 100)), 'm2'),
      sent(takeBack('T1', 100), 'm3'),
      sent(end, 'm4'),
      sent(start, 'm5'),
      authorize(),
      cover,
    );
    expect(typesOf(facts)).toEqual([
      ...['SubmissionWaiting', 'ChargeWaiting', 'SubmissionWaiting', 'SubmissionWaiting'],
      'VisitOpened',
      ...['VisitUpdated', 'SubmissionApplied'],
      ...['ReturnWaiting', 'SubmissionApplied'],
      ...['VisitEndReported', 'SubmissionApplied'],
      ...['CreditAuthorized', 'CoverageDetermined', 'ChargeDeferred', 'ChargeReturned'],
      'VisitClosed',
    ]);
    expect(stateAfter(facts).submissions.size).toBe(0);
  });

  test('is rejected at its turn, where it does not fit then', () =>
    given(...after(sent(end, 'm1'), sent(cancel, 'm2')))
      .when(sent(start, 'm3'))
      .then(
        { type: 'VisitOpened' },
        { type: 'VisitEndReported' },
        { type: 'SubmissionApplied', data: { submissionId: 'm1' } },
        {
          type: 'SubmissionRejected',
          data: { submissionId: 'm2', reason: 'VISIT_NOT_OPEN', waited: true, rejectedAt: NOW },
        },
      ));

  test('waits on while its visit is open, where it is a return before its charge', () => {
    const waiting = after(sent(start), authorize(), cover, sent(takeBack('T1', 100), 'm2'));
    expect(typesOf(waiting).at(-1)).toBe('SubmissionWaiting');
    given(...waiting)
      .when(sent(post(charge('T1', 100)), 'm3'))
      .then(
        { type: 'ChargeDeferred' },
        { type: 'ChargeReturned', data: { chargeId: 'T1' } },
        { type: 'SubmissionApplied', data: { submissionId: 'm2' } },
      );
  });

  test('waits for a limited time: then it is rejected, and a later opening starts without it', () => {
    const waiting = after(
      sent(end, 'm1'),
      sent(post(charge('T1', 100)), 'm2'),
      sent(takeBack('T1', 100), 'm3'),
    );
    given(...waiting)
      .when(expire('2026-03-05T01:59:59.999Z'))
      .thenNothing();
    const expired = [...waiting, ...visit.decide(expire(LIMIT), stateAfter(waiting))];
    expect(
      expired.slice(waiting.length).map(({ data }) => {
        const { submissionId, reason, waited } = data as Record<string, unknown>;
        return [submissionId, reason, waited];
      }),
    ).toEqual([
      ['m1', 'VISIT_UNKNOWN', true],
      ['m3', 'VISIT_UNKNOWN', true],
      ['m2', 'VISIT_UNKNOWN', true],
    ]);
    given(...expired)
      .when(expire(LIMIT))
      .thenNothing();
    given(...expired)
      .when(sent(start, 'm4'))
      .then({ type: 'VisitOpened' });
    given(...expired)
      .when(sent(post(charge('T1', 100)), 'm2', true))
      .thenNothing();
    given(...expired)
      .when(sent(post(charge('T1', 100)), 'm5'))
      .then({ type: 'ChargeWaiting', data: { submissionId: 'm5' } });
  });

  test('of a visit that was opened keeps no limit of its own, where it is a charge', () =>
    given(...after(sent(post(charge('T1', 100)), 'm1'), sent(start, 'm2')))
      .when(expire('2027-01-01T00:00:00Z'))
      .thenNothing());
});

describe('a report that changes nothing', () => {
  test('is known as applied, once', () => {
    const facts = after(sent(start), sent(start, 'm2'));
    expect(facts.at(-1)).toMatchObject({
      type: 'SubmissionApplied',
      data: { submissionId: 'm2', kind: 'VisitStarted' },
    });
    given(...facts)
      .when(sent(start, 'm2', true))
      .thenNothing();
  });
});

test('every report is applied, waits, or is rejected, whatever their order', () => {
  const reports: readonly VisitCommand[] = [
    start,
    end,
    cancel,
    asInpatient,
    post(charge('T1', 100)),
    post(charge('T2', 250)),
    takeBack('T1', 60, 'R1'),
    takeBack('T1', 60, 'R2'),
    takeBack('T9', 1, 'R3'),
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...reports), { maxLength: 20 }), (order) => {
      const facts: VisitEvent[] = [];
      let state: Visit = initialVisit;
      const take = (command: VisitCommand): readonly VisitEvent[] => {
        const decided = visit.decide(command, state);
        facts.push(...decided);
        state = decided.reduce(visit.evolve, state);
        return decided;
      };
      for (const [index, report] of order.entries()) {
        expect(take(sent(report, `m${index}`)).length).toBeGreaterThan(0);
        expect(take(sent(report, `m${index}`, true))).toEqual([]);
      }
      take(expire('2027-01-01T00:00:00Z'));
      expect(state.submissions.size).toBe(0);
      if (state.status === 'unknown') expect(state.charges.size).toBe(0);
      const ends = facts.flatMap((fact) =>
        fact.type === 'SubmissionRejected' || fact.type === 'SubmissionApplied'
          ? [fact.data.submissionId]
          : [],
      );
      expect(new Set(ends).size).toBe(ends.length);
    }),
  );
});

describe('an end that comes in another message', () => {
  const endAt = (endedAt: string): VisitCommand => ({
    type: 'EndVisit',
    data: { endedAt, graceUntil: '2026-03-02T03:00:00.000Z' },
  });
  const [ten, eleven] = ['2026-03-02T10:00:00+08:00', '2026-03-02T11:00:00+08:00'];
  const ended = [sent(start), authorize(), cover, sent(endAt(ten), 'm2')];
  const reopened = [...ended, sent({ type: 'ReopenVisit', data: { reopenedAt: eleven } }, 'm3')];

  test('ends the visit also at the time of the end that was taken back', () => {
    given(...after(...reopened))
      .when(sent(endAt(ten), 'm4'))
      .then({ type: 'VisitEndReported', data: { endedAt: ten } }, { type: 'SubmissionApplied' });
    given(...after(...reopened))
      .when(sent(endAt(ten), 'm2', true))
      .thenNothing();
  });

  test('corrects the time of the end while the visit is open', () => {
    given(...after(...ended))
      .when(sent(endAt(eleven), 'm3'))
      .then({ type: 'VisitEndReported', data: { endedAt: eleven } }, { type: 'SubmissionApplied' });
    given(...after(...ended))
      .when(sent(endAt(ten), 'm3'))
      .then({ type: 'SubmissionApplied' });
    given(...after(...ended, sent(endAt(eleven), 'm3')))
      .when(sent(post({ ...charge('T9', 2000), occurredAt: '2026-03-02T10:30:00+08:00' }), 'm4'))
      .then({ type: 'ChargeDeferred' });
  });
});
