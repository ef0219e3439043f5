import type { Charge, Coverage } from '@caretab/contracts';
import { specification } from '@caretab/doubles';
import { commandsOf } from '../../test/facts';
import type { LateCharge } from './late-charges';
import { after } from '../../test/one-visit';
import { visit, type VisitCommand } from './visit';

const { given } = specification(visit);
const { start, authorize, post, takeBack, end } = commandsOf('V1');
const charge = (chargeId: string, amountFen: number): Charge =>
  post(chargeId, amountFen).data.charge;
/** A pensioner: 300.00 of deductible, then 82 %. */
const coverage: Coverage = {
  coverageId: 'c',
  catalogueDate: '2026-03-02',
  hospitalLevel: 'level-3',
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
const cover: VisitCommand = { type: 'RecordCoverage', data: { coverage } };
const verdict: VisitCommand = {
  type: 'RecordVerdict',
  data: {
    revision: 1,
    grossFen: 50_000,
    payers: [{ payerId: 'city-employee', amountFen: 16_400 }],
    patientDueFen: 33_600,
    adjudicatedAt: '2026-03-02T10:00:00+08:00',
  },
};
const late = (
  policy: LateCharge['policy'],
  { hasLaterClaim = false, occurredAt = '2026-03-02T08:30:00+08:00' } = {},
): VisitCommand => ({
  type: 'PostCharge',
  data: {
    ...post('late').data,
    charge: { ...charge('late', 30_000), occurredAt },
    late: { policy, hasLaterClaim },
  },
});
const answer = (isAgreed: boolean, hasLaterClaim = false): VisitCommand => ({
  type: 'AnswerLateCharge',
  data: { chargeId: 'late', isAgreed, hasLaterClaim },
});
const settled = [start, authorize(60_000), cover, post('T1', 50_000), end, verdict];
const taken = [
  { type: 'ChargeDeferred', data: { patientEstimateFen: 39_000, totals: { grossFen: 80_000 } } },
  {
    type: 'VisitClosed',
    data: { revision: 2, grossFen: 80_000, lines: [{}, { chargeId: 'late' }] },
  },
] as const;

test('a charge given before the end that comes after the settlement waits for the citizen’s agreement', () => {
  given(...after(...settled))
    .when(late('ask'))
    .then({ type: 'LateChargeRecorded' });
  given(...after(...settled, late('ask')))
    .when(late('ask'))
    .thenNothing();
  given(...after(...settled, late('ask')))
    .when(answer(true))
    .then(...taken);
  given(...after(...settled, late('ask')))
    .when(answer(false))
    .then({ type: 'ChargeNotDeferred', data: { waited: true, reason: 'LATE_CHARGE_REFUSED' } });
  given(...after(...settled, late('ask'), answer(true)))
    .when(answer(true))
    .thenNothing();
});

test('an answer is given once: the same again changes nothing, and another is refused', () => {
  for (const first of [true, false]) {
    const answered = [...settled, late('ask'), answer(first)];
    given(...after(...answered))
      .when(answer(first))
      .thenNothing();
    given(...after(...answered))
      .when(answer(!first))
      .thenRefused('CHARGE_NOT_LATE');
  }
  given(...after(...settled, late('ask'), answer(true, true)))
    .when(answer(true))
    .thenNothing();
});

test('nobody has agreed within 31 days: its hospital bears it, and an answer comes too late', () => {
  const expireAt = (now: string): VisitCommand => ({ type: 'ExpireWaiting', data: { now } });
  const by = {
    ...{ submissionId: 'late-1', messageId: 'late-1', kind: 'ChargePosted', visitId: 'V1' },
    ...{ institutionId: 'HZ001', businessDate: '2026-03-02' },
    ...{ at: '2026-03-02T10:30:00.000Z', waitsUntil: '2026-03-05T10:30:00.000Z' },
  } as const;
  const taken = { ...late('ask'), by } as VisitCommand;
  const limit = '2026-04-02T10:30:00.000Z';
  given(...after(...settled))
    .when(taken)
    .then({ type: 'LateChargeRecorded', data: { answerUntil: limit } });
  const expired = {
    type: 'ChargeNotDeferred',
    data: { reason: 'LATE_CHARGE_UNANSWERED' },
  } as const;
  const before = new Date(Date.parse(limit) - 1).toISOString();
  given(...after(...settled, taken))
    .when(expireAt(before))
    .thenNothing();
  given(...after(...settled, taken))
    .when(expireAt(limit))
    .then(expired);
  given(...after(...settled, taken, expireAt(limit)))
    .when(expireAt(limit))
    .thenNothing();
  for (const isAgreed of [true, false])
    given(...after(...settled, taken, expireAt(limit)))
      .when(answer(isAgreed))
      .thenRefused('CHARGE_NOT_LATE');
  given(...after(...settled, taken, answer(true)))
    .when(expireAt(limit))
    .thenNothing();
});

test('where the policy collects it, the visit closes again with it', () =>
  given(...after(...settled))
    .when(late('collect'))
    .then(...taken));

test('where the hospital bears it, it is not deferred', () =>
  given(...after(...settled))
    .when(late('hospital-bears'))
    .then({ type: 'ChargeNotDeferred', data: { reason: 'LATE_CHARGE_HOSPITAL_BEARS' } }));

test('a visit before a later claim of the same year is not raised any more', () => {
  given(...after(...settled))
    .when(late('collect', { hasLaterClaim: true }))
    .then({ type: 'ChargeNotDeferred', data: { reason: 'LATER_CLAIM_EXISTS' } });
  given(...after(...settled, late('ask')))
    .when(answer(true, true))
    .then({ type: 'ChargeNotDeferred', data: { reason: 'LATER_CLAIM_EXISTS' } });
});

test('a charge given long after the end belongs to no closed visit', () => {
  given(...after(...settled))
    .when(late('collect', { occurredAt: '2026-03-02T11:00:01+08:00' }))
    .then({ type: 'ChargeNotDeferred', data: { reason: 'VISIT_CLOSED' } });
  given(...after(...settled))
    .when(late('collect', { occurredAt: '2026-03-02T11:00:00+08:00' }))
    .then({ type: 'ChargeDeferred' }, { type: 'VisitClosed' });
});

test('a charge that waits for its agreement is not returned, and no other is answered', () => {
  given(...after(...settled, late('ask')))
    .when(takeBack('late', 30_000))
    .thenRefused('CHARGE_AWAITS_AGREEMENT');
  given(...after(...settled.slice(0, 4)))
    .when(answer(true))
    .thenRefused('CHARGE_NOT_LATE');
});
