import { specification } from '@caretab/doubles';
import fc from 'fast-check';
import { rulesByDefault } from '../../test/facts';
import {
  after,
  authorize,
  charge,
  cover,
  LIMIT,
  post,
  sent,
  start,
  takeBack,
} from '../../test/one-visit';
import { byRules } from './by-rules';
import type { HospitalCommand } from './submissions';
import { visit, type VisitCommand } from './visit';
import type { VisitEvent } from './visit-events';
import { initialVisit, type Visit } from './visit-state';

const { given } = specification(visit);
const day = '2026-03-02';
const clock = (time: string): string => `${day}T${time}:00+08:00`;
const given9 = { occurredAt: clock('09:00') };
const graceUntil = '2026-03-02T10:00:00.000Z';

const charged = (chargeId: string, time: string): VisitCommand =>
  post({ ...charge(chargeId, 1000), occurredAt: clock(time) });
const returned = (
  more: { readonly itemCode?: string; readonly returnedAt?: string },
  chargeId = 'T1',
  returnId = 'R1',
): VisitCommand => takeBack(chargeId, 1000, returnId, more as object);
const endAt = (time: string, until: string | undefined = graceUntil): VisitCommand => ({
  type: 'EndVisit',
  data: { endedAt: clock(time), ...(until && { graceUntil: until }) },
});
const reopenAt = (time: string): VisitCommand => ({
  type: 'ReopenVisit',
  data: { reopenedAt: clock(time) },
});
const update = (department: string, time: string): VisitCommand => ({
  type: 'UpdateVisit',
  data: { department, updatedAt: clock(time) },
});
const cancelAt = (time: string): VisitCommand => ({
  type: 'CancelVisit',
  data: { withdrawnAt: clock(time) },
});
const reach = (now: string): VisitCommand => ({ type: 'ReachTime', data: { now } });
const ready = [start, authorize(), cover];
const rejection = (reason: string, remedy = /./) =>
  ({
    type: 'SubmissionRejected',
    data: { reason, remedy: expect.stringMatching(remedy) },
  }) as const;

describe('a return', () => {
  const posted = after(...ready, post({ ...charge('T1', 1000), ...given9 }));
  test('of another item than its charge is refused', () => {
    given(...posted)
      .when(returned({ itemCode: '110200001' }))
      .thenRefused('RETURN_ITEM_DIFFERS');
    given(...posted)
      .when(returned({ itemCode: '250101015' }))
      .then({ type: 'ChargeReturned' });
  });
  test('before its charge is refused; a little before, or on its date, it is not', () => {
    given(...posted)
      .when(returned({ returnedAt: '2026-03-01T23:00:00+08:00' }))
      .thenRefused('RETURN_BEFORE_CHARGE');
    for (const time of ['07:00', '00:00'])
      given(...posted)
        .when(returned({ returnedAt: clock(time) }))
        .then({ type: 'ChargeReturned' });
  });
  test('that waited for its charge is held against it', () =>
    given(...after(sent(returned({ itemCode: '110200001' }), 'm1'), ...ready))
      .when(sent(charged('T1', '09:00'), 'm2'))
      .then({ type: 'ChargeDeferred' }, rejection('RETURN_ITEM_DIFFERS')));
});

describe('a report of long before the visit', () => {
  test.each<[string, (time: string) => VisitCommand]>([
    ['of a department', (time) => update('SURG', time)],
    ['of the department that it has', (time) => update('', time)],
    [
      'of a class',
      (time) => ({
        type: 'UpdateVisit',
        data: { visitClass: 'inpatient', updatedAt: clock(time) },
      }),
    ],
    ['of a cancellation', cancelAt],
  ])('%s is refused', (_what, at) => {
    given(...after(...ready))
      .when(at('06:59'))
      .thenRefused('TIME_BEFORE_START');
    expect(() => after(...ready, at('07:00'))).not.toThrow();
  });
  test('of a reopening is refused', () =>
    given(...after(...ready, endAt('09:00')))
      .when(reopenAt('06:59'))
      .thenRefused('TIME_BEFORE_START'));
});

describe('an end before charges of its visit', () => {
  const late = after(...ready, charged('T1', '09:00'), charged('T2', '12:30'));
  test('is refused by as much as the charge would be after it', () => {
    given(...late)
      .when(endAt('10:29'))
      .thenRefused('END_BEFORE_CHARGES');
    given(...late)
      .when(endAt('10:30'))
      .then({ type: 'VisitEndReported' });
    given(...after(...ready, endAt('10:29')))
      .when(charged('T2', '12:30'))
      .then({ type: 'ChargeNotDeferred', data: { reason: 'VISIT_CLOSED' } });
    given(...after(...ready, endAt('10:30')))
      .when(charged('T2', '12:30'))
      .then({ type: 'ChargeDeferred' });
  });
  test('is refused also while the charge waits for its answer', () =>
    given(...after(start, charged('T2', '12:30')))
      .when(sent(endAt('10:00')))
      .then(rejection('END_BEFORE_CHARGES', /return the charges/)));
  test('is taken once the charge was returned, or was refused as another visit’s', () => {
    const back = returned({}, 'T2');
    expect(after(...ready, charged('T2', '12:30'), back, endAt('10:00')).at(-1)).toMatchObject({
      type: 'VisitEndReported',
    });
    given(...after(...ready, sent(endAt('10:00')), charged('T2', '12:30')))
      .when(sent(endAt('10:10'), 'm2'))
      .then({ type: 'VisitEndReported' }, { type: 'SubmissionApplied' });
  });
});

test('an end ahead of the clock closes its visit once its time and the grace time are over', () => {
  const now = new Date('2026-03-02T01:30:00.000Z');
  const rules = { rules: rulesByDefault, hasLaterClaim: false, now, orderMs: 7_200_000 };
  const ahead = byRules(endAt('10:30', undefined) as HospitalCommand, rules);
  const ended = after(...ready, charged('T1', '09:00'), ahead);
  expect(ended.at(-1)).toMatchObject({
    type: 'VisitEndReported',
    data: { graceUntil: '2026-03-02T02:30:00.000Z' },
  });
  given(...ended)
    .when(reach('2026-03-02T02:29:59.999Z'))
    .thenNothing();
  given(...ended)
    .when(reach('2026-03-02T02:30:00.000Z'))
    .then({ type: 'VisitGraceEnded' }, { type: 'VisitClosed' });
});

describe('nothing of a closed visit changes in place', () => {
  const closed = after(...ready, charged('T1', '09:00'), endAt('09:10', ''));
  const cancelled = after(...ready, cancelAt('09:10'));
  test.each<[string, VisitCommand, RegExp]>([
    ['its department', update('SURG', '09:20'), /another visit/],
    ['its end', endAt('09:20'), /its end stays/],
    ['its closing', reopenAt('09:20'), /stays so/],
  ])('%s', (_what, command, remedy) => {
    given(...closed)
      .when(sent(command, 'm9'))
      .then(rejection('VISIT_NOT_OPEN', remedy));
    given(...cancelled)
      .when(sent(command, 'm9'))
      .then(rejection('VISIT_NOT_OPEN', remedy));
  });
  test('its being', () =>
    given(...closed)
      .when(sent(cancelAt('09:20'), 'm9'))
      .then(rejection('VISIT_NOT_OPEN', /Return each charge/)));
  test('and the same end or department once more is no change', () => {
    for (const command of [endAt('09:10'), update('', '09:20')])
      given(...closed)
        .when(sent(command, 'm9'))
        .then({ type: 'SubmissionApplied' });
  });
});

test('of two departments the later one counts, whichever comes first', () => {
  for (const order of [
    [update('A', '10:00'), update('B', '11:00')],
    [update('B', '11:00'), update('A', '10:00')],
  ]) {
    const state = after(...ready, ...order).reduce(visit.evolve, initialVisit);
    expect(state).toMatchObject({ opening: { department: 'B' } });
  }
});

describe('a reopening before its end', () => {
  const early = after(...ready, sent(reopenAt('10:30'), 'm1'));
  test('waits for it, and takes it back', () => {
    expect(early.at(-1)).toMatchObject({
      type: 'SubmissionWaiting',
      data: { reason: 'VISIT_NOT_ENDED' },
    });
    given(...early)
      .when(sent(endAt('10:00'), 'm2'))
      .then(
        { type: 'VisitEndReported' },
        { type: 'SubmissionApplied', data: { submissionId: 'm2' } },
        { type: 'VisitReopened' },
        { type: 'SubmissionApplied', data: { submissionId: 'm1' } },
      );
  });
  const refused = rejection('VISIT_NOT_ENDED', /no end before it/);
  test('takes no later end back, and is refused by it', () => {
    given(...early)
      .when(sent(endAt('11:00'), 'm2'))
      .then({ type: 'VisitEndReported' }, { type: 'SubmissionApplied' }, refused);
    given(...early)
      .when(sent(endAt('11:00', ''), 'm2'))
      .then({ type: 'VisitEndReported' }, { type: 'VisitClosed' }, refused);
  });
  test('is refused once it has waited for too long', () =>
    given(...early)
      .when({ type: 'ExpireWaiting', data: { now: LIMIT } })
      .then(refused));
  test('waits for the hospital’s own end where a rule’s came, until the visit closes', () => {
    const endsBy = '2026-03-02T16:00:00.000Z';
    const ruled = { ...start, data: { ...start.data, endsBy } } as VisitCommand;
    const reached = (now: string, until?: string): VisitCommand => ({
      type: 'ReachTime',
      data: { now, graceUntil: until },
    });
    const later = '2026-03-03T02:00:00.000Z';
    const waiting = [ruled, authorize(), cover, sent(reopenAt('10:30'), 'm1')];
    const ended = after(...waiting, reached(endsBy, later));
    expect(ended.at(-1)?.type).toBe('VisitEndReported');
    given(...ended)
      .when(sent(endAt('10:00', later), 'm2'))
      .then(
        { type: 'VisitEndReported' },
        { type: 'SubmissionApplied' },
        { type: 'VisitReopened' },
        { type: 'SubmissionApplied', data: { submissionId: 'm1' } },
      );
    given(...ended)
      .when(reached(later))
      .then({ type: 'VisitGraceEnded' }, { type: 'VisitClosed' }, refused);
    given(...after(...waiting))
      .when(reached(endsBy))
      .then({ type: 'VisitEndReported' }, { type: 'VisitClosed' }, refused);
  });
});

/** What is sent of one visit, by what must come before it: the ends are of one desk, in order. */
const MESSAGES: Readonly<Record<string, { readonly is: VisitCommand; readonly after: string[] }>> =
  {
    opening: { is: start, after: [] },
    charge1: { is: charged('T1', '09:10'), after: [] },
    charge2: { is: charged('T2', '09:40'), after: [] },
    charge3: { is: charged('T3', '11:00'), after: [] },
    back: { is: returned({ itemCode: '250101015', returnedAt: clock('10:10') }), after: [] },
    department: { is: update('SURG', '09:30'), after: [] },
    end: { is: endAt('10:00'), after: [] },
    reopening: { is: reopenAt('10:30'), after: [] },
    endAgain: { is: endAt('11:30'), after: ['end', 'reopening'] },
    corrected: { is: endAt('11:45'), after: ['endAgain'] },
    authorized: { is: authorize(), after: ['opening'] },
    covered: { is: cover, after: ['opening'] },
  };
const NAMES = Object.keys(MESSAGES);
const anyArrival = fc
  .shuffledSubarray(NAMES, { minLength: NAMES.length, maxLength: NAMES.length })
  .map((shuffled) => {
    const arrived: string[] = [];
    const left = [...shuffled];
    while (left.length > 0) {
      const next = left.findIndex((name) =>
        MESSAGES[name]!.after.every((before) => arrived.includes(before)),
      );
      arrived.push(...left.splice(next, 1));
    }
    return arrived;
  });

test('the order in which messages come does not decide the outcome', () => {
  const outcomeOf = (arrival: readonly string[]) => {
    const commands = arrival.map((name) => {
      const { is } = MESSAGES[name]!;
      return is.type === 'RecordAuthorization' || is.type === 'RecordCoverage'
        ? is
        : sent(is, name);
    });
    const facts = after(...commands, reach(graceUntil));
    const closings = facts.flatMap((fact) => (fact.type === 'VisitClosed' ? [fact.data] : []));
    return {
      rejected: facts.filter(({ type }) => type === 'SubmissionRejected'),
      closings: closings.map(({ closedAt, lines }) => ({
        closedAt,
        lines: lines.map(({ chargeId }) => chargeId).sort(),
      })),
    };
  };
  const expected = {
    rejected: [],
    closings: [{ closedAt: clock('11:45'), lines: ['T2', 'T3'] }],
  };
  expect(outcomeOf(NAMES)).toEqual(expected);
  fc.assert(fc.property(anyArrival, (arrival) => expect(outcomeOf(arrival)).toEqual(expected)));
});

test('no visit is closed by an end before its charges, in whatever order they come', () => {
  const times = ['09:00', '10:00', '12:30', '15:00', '18:00'];
  const report = fc.oneof(
    fc.record({ kind: fc.constant('charge'), time: fc.constantFrom(...times) }),
    fc.record({ kind: fc.constantFrom('end', 'reopen', 'back'), time: fc.constantFrom(...times) }),
  );
  fc.assert(
    fc.property(fc.array(report, { maxLength: 12 }), (all) => {
      let state: Visit = [...ready].reduce<Visit>(
        (before, command) => visit.decide(command, before).reduce(visit.evolve, before),
        initialVisit,
      );
      const facts: VisitEvent[] = [];
      all.forEach(({ kind, time }, index) => {
        const command =
          kind === 'charge'
            ? charged(`T${index}`, time)
            : kind === 'end'
              ? endAt(time)
              : kind === 'reopen'
                ? reopenAt(time)
                : returned({ returnedAt: clock(time) }, `T${index - 1}`, `R${index}`);
        const decided = visit.decide(sent(command, `m${index}`), state);
        expect(decided).not.toEqual([]);
        facts.push(...decided);
        state = decided.reduce(visit.evolve, state);
      });
      const closed = visit.decide(reach(graceUntil), state);
      for (const fact of [...facts, ...closed])
        if (fact.type === 'VisitClosed')
          for (const { occurredAt } of fact.data.lines)
            expect(Date.parse(occurredAt) - Date.parse(fact.data.closedAt)).toBeLessThanOrEqual(
              7_200_000,
            );
    }),
  );
});
