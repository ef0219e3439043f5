import { specification } from '@caretab/doubles';
import fc from 'fast-check';
import {
  after,
  at,
  authorize,
  charge,
  cover,
  end,
  NOW,
  post,
  ref,
  sent,
  start,
  takeBack,
} from '../../test/one-visit';
import type { RecordedFact } from '../views/view';
import type { VisitRow } from '../views/visit.table';
import { visitView } from '../views/visit.view';
import { postingsOf } from './postings';
import { publicOf } from './public-events';
import { askedBy } from './unidentified';
import { visit, type VisitCommand } from './visit';
import { evolveAll } from './visit-evolve';
import type { VisitEvent } from './visit-events';
import { stateOf, textOf } from './visit-text';

const { given } = specification(visit);
const { visitId, institutionId, businessDate, personId } = ref;
const other = 'p-33333333-3333-4333-8333-333333333333';
const YEAR_LATER = '2027-03-02T01:00:00.000Z';
const MONTH_LATER = '2026-04-02T02:00:00.000Z';

const open = (openedBy = ['N-17', 'D-4'], startedAt = at): VisitCommand => ({
  type: 'StartUnidentifiedVisit',
  data: {
    ...{ visitId, institutionId, businessDate, visitNumber: 'V1', startedAt },
    ...{ openedBy, reason: 'unconscious' },
  },
});
const propose = (
  linkId = 'L1',
  said: { personId?: string; approvedBy?: string; now?: string } = {},
): VisitCommand => ({
  type: 'ProposePatient',
  data: { linkId, personId, proposedBy: 'desk.1', approvedBy: 'desk.2', now: NOW, ...said },
});
const answer = (isAgreed: boolean, linkId = 'L1', now = NOW): VisitCommand => ({
  type: 'AnswerIdentification',
  data: { linkId, isAgreed, now },
});
const expire = (now: string): VisitCommand => ({ type: 'ExpireWaiting', data: { now } });
const cancel: VisitCommand = { type: 'CancelVisit', data: { withdrawnAt: at } };

const types = (facts: readonly VisitEvent[]): string[] => facts.map(({ type }) => type);
const row = (facts: readonly VisitEvent[]): VisitRow =>
  facts.reduce<VisitRow | undefined>(
    (before, fact) =>
      visitView.apply(before, { ...fact, recordedAt: new Date(0) } as RecordedFact, visitId),
    undefined,
  )!;

const treated = after(
  sent(open(), 'm1'),
  sent(post(charge('T1', 3000)), 'm2'),
  sent(post(charge('T2', 2000)), 'm3'),
  sent(takeBack('T2', 500), 'm4'),
  sent(end, 'm5'),
);

test('two of the staff open it, for nobody', () => {
  given()
    .when(open())
    .then({ type: 'UnidentifiedVisitOpened', data: { openedBy: ['N-17', 'D-4'] } });
  expect(after(open()).flatMap((fact) => publicOf(fact) ?? [])).toEqual([]);
  given()
    .when(open(['N-17', 'N-17']))
    .thenRefused('STAFF_NOT_TWO');
  given()
    .when(open(['N-17']))
    .thenRefused('STAFF_NOT_TWO');
});

test('the same opening again changes nothing, another of its number is refused', () => {
  given(...after(open()))
    .when(open(['D-4', 'N-17']))
    .thenNothing();
  given(...after(open()))
    .when(open(undefined, '2026-03-02T10:00:00+08:00'))
    .thenRefused('VISIT_CONFLICT');
  given(...after(start))
    .when(open())
    .thenRefused('VISIT_CONFLICT');
  given(...after(open(), propose(), answer(true)))
    .when(open())
    .thenNothing();
});

test('a credential alone does not make it a person’s', () => {
  given(...treated)
    .when(start)
    .thenRefused('VISIT_UNIDENTIFIED');
  given(...treated)
    .when(sent(start, 'm6'))
    .then({ type: 'SubmissionRejected', data: { reason: 'VISIT_UNIDENTIFIED' } });
});

test('what is charged waits for a person, as long as one can be found', () => {
  expect(treated.map((fact) => publicOf(fact)).filter(Boolean)).toMatchObject([
    { type: 'SubmissionApplied', data: { kind: 'VisitStarted' } },
    { data: { reason: 'PATIENT_UNIDENTIFIED', waitsUntil: YEAR_LATER } },
    { data: { reason: 'PATIENT_UNIDENTIFIED', waitsUntil: YEAR_LATER } },
    { type: 'SubmissionApplied', data: { kind: 'ChargeReturned' } },
    { data: { kind: 'VisitEnded', reason: 'PATIENT_UNIDENTIFIED' } },
  ]);
  expect(row(treated)).toMatchObject({
    ...{ status: 'unknown', personId: null, unidentified: 'open', unidentifiedFen: 4500 },
    ...{ chargesWaiting: 2, grossFen: 0, heldFen: 0, identifyUntil: YEAR_LATER },
    ...{ closedAt: at, waitsUntil: YEAR_LATER },
  });
});

test('what came before two people opened it waits with the rest', () => {
  const early = after(sent(post(charge('T1', 3000)), 'm1'), sent(open(), 'm2'));
  given(...early)
    .when(expire('2026-06-01T00:00:00.000Z'))
    .thenNothing();
  expect(row(early)).toMatchObject({ unidentifiedFen: 3000, waitsUntil: YEAR_LATER });
});

test('one person alone proposes no patient, and none for a visit that has one', () => {
  given(...treated)
    .when(propose('L1', { approvedBy: 'desk.1' }))
    .thenRefused('STAFF_NOT_TWO');
  given().when(propose()).thenRefused('VISIT_UNKNOWN');
  given(...after(start))
    .when(propose())
    .thenRefused('VISIT_NOT_UNIDENTIFIED');
  given(...treated, ...[])
    .when(propose('L1', { now: YEAR_LATER }))
    .thenRefused('VISIT_NOT_UNIDENTIFIED');
});

test('who is proposed is asked once, and no one beside them', () => {
  const asked = [...treated, ...decided(propose(), treated)];
  given(...treated)
    .when(propose())
    .then({ type: 'PatientProposed', data: { personId, chargedFen: 4500, linkId: 'L1' } });
  given(...asked)
    .when(propose('L2'))
    .thenNothing();
  given(...asked)
    .when(propose('L2', { personId: other }))
    .thenRefused('IDENTIFICATION_PENDING');
  expect(row(asked)).toMatchObject({ unidentified: 'asked', personId: null });
  expect(Date.parse(row(asked).waitsUntil!)).toBe(Date.parse(MONTH_LATER));
});

test('their yes opens the visit, and what waited is decided as for anyone', () => {
  const facts = [...treated, ...decided(propose(), treated)];
  const yes = decided(answer(true), facts);
  expect(types(yes)).toEqual([
    'PatientIdentified',
    'VisitOpened',
    'VisitEndReported',
    'SubmissionApplied',
  ]);
  expect(yes[1]).toMatchObject({
    data: { personId, visitClass: 'emergency', startedAt: at, presence: 'code' },
  });
  const opened = [...facts, ...yes];
  given(...opened)
    .when(answer(true))
    .thenNothing();
  given(...opened)
    .when(answer(false))
    .thenRefused('IDENTIFICATION_NOT_AWAITED');
  given(...opened)
    .when(propose('L2', { personId: other }))
    .thenRefused('VISIT_NOT_UNIDENTIFIED');
  const held = [...opened, ...decided(authorize(), opened)];
  const closed = decided(cover, held);
  expect(types(closed)).toEqual([
    'CoverageDetermined',
    'ChargeDeferred',
    'ChargeDeferred',
    'ChargeReturned',
    'VisitClosed',
  ]);
  expect(closed.at(-1)).toMatchObject({ data: { grossFen: 4500, personId } });
  expect(row([...held, ...closed])).toMatchObject({
    ...{ unidentified: null, unidentifiedFen: 0, status: 'closed', personId },
    ...{ waits: [], waitsUntil: null, grossFen: 4500 },
  });
});

test('their no leaves it no one’s: they are not asked again, another may be', () => {
  const asked = [...treated, ...decided(propose(), treated)];
  const no = decided(answer(false), asked);
  expect(no.map((fact) => publicOf(fact))).toEqual([
    {
      type: 'PatientDenied',
      data: {
        ...{ visitId, institutionId, linkId: 'L1', deniedAt: NOW },
        reason: 'IDENTIFICATION_REFUSED',
      },
    },
  ]);
  const facts = [...asked, ...no];
  expect(row(facts)).toMatchObject({ unidentified: 'refused', unidentifiedFen: 4500 });
  given(...facts)
    .when(answer(false))
    .thenNothing();
  given(...facts)
    .when(answer(true))
    .thenRefused('IDENTIFICATION_NOT_AWAITED');
  given(...facts)
    .when(propose('L2'))
    .thenRefused('IDENTIFICATION_REFUSED');
  given(...facts)
    .when(propose('L2', { personId: other }))
    .then({ type: 'PatientProposed', data: { personId: other } });
});

test('who gave an answer is known behind it: the one who was asked', () => {
  const asked = (agreed: boolean, linkId = 'L1') =>
    askedBy(linkId, evolveAll(visit.initial, after(open(), propose(), answer(agreed))));
  expect([asked(true), asked(false)]).toEqual([[personId], [personId]]);
  expect(asked(false, 'L2')).toEqual([]);
});

test('no answer is no yes, and they may be asked again', () => {
  const asked = [...treated, ...decided(propose(), treated)];
  given(...asked)
    .when(answer(true, 'L1', MONTH_LATER))
    .thenRefused('IDENTIFICATION_NOT_AWAITED');
  const over = decided(expire(MONTH_LATER), asked);
  expect(over).toMatchObject([{ data: { reason: 'IDENTIFICATION_UNANSWERED' } }]);
  expect(row([...asked, ...over])).toMatchObject({ unidentified: 'unanswered' });
  given(...asked, ...over)
    .when(propose('L2', { now: MONTH_LATER }))
    .then({ type: 'PatientProposed', data: { linkId: 'L2' } });
});

test('after a year without a person all of it is the hospital’s', () => {
  const given365 = decided(expire(YEAR_LATER), treated);
  expect(types(given365)).toEqual([
    'ChargeNotDeferred',
    'ChargeNotDeferred',
    'ChargeReturned',
    'SubmissionRejected',
    'UnidentifiedVisitGivenUp',
  ]);
  const lapsed = [...treated, ...given365];
  expect(row(lapsed)).toMatchObject({
    ...{ unidentified: 'lapsed', unidentifiedFen: 0, notDeferredFen: 4500 },
    ...{ chargesWaiting: 0, waits: [], waitsUntil: null },
  });
  given(...lapsed)
    .when(expire('2028-01-01T00:00:00.000Z'))
    .thenNothing();
  given(...lapsed)
    .when(sent(post(charge('T3', 100)), 'm9'))
    .then({ type: 'ChargeNotDeferred', data: { reason: 'PATIENT_UNIDENTIFIED' } });
  given(...lapsed)
    .when(sent(end, 'm10'))
    .then({ type: 'SubmissionRejected', data: { reason: 'VISIT_NOT_OPEN' } });
});

test('one that did not take place is no one’s for good', () => {
  const asked = [...treated, ...decided(propose(), treated)];
  const gone = [...asked, ...decided(sent(cancel, 'm9'), asked)];
  expect(row(gone)).toMatchObject({ status: 'cancelled', unidentified: null, waits: [] });
  given(...gone)
    .when(answer(true))
    .thenRefused('IDENTIFICATION_NOT_AWAITED');
  given(...gone)
    .when(propose('L2', { personId: other }))
    .thenRefused('VISIT_NOT_UNIDENTIFIED');
  given(...gone)
    .when(start)
    .thenRefused('VISIT_NOT_OPEN');
});

test('a snapshot has all of it', () => {
  const facts = [...treated, ...decided(propose(), treated)];
  const state = evolveAll(visit.initial, facts);
  const read = stateOf(textOf({ state, causes: new Set() })).state;
  expect(types(visit.decide(answer(true), read))).toContain('VisitOpened');
});

/** What anyone can do but the patient. */
const anything = fc.constantFrom<VisitCommand>(
  ...[1, 2, 3].map((number) => sent(post(charge(`T${number}`, number * 100)), `c${number}`)),
  ...[1, 2].map((number) => sent(takeBack(`T${number}`, 50, `R${number}`), `r${number}`)),
  ...[sent(start, 's'), start, sent(end, 'e'), sent(cancel, 'x'), sent(open(), 'o')],
  ...[propose(), propose('L2', { personId: other }), answer(false), answer(true, 'L9')],
  ...[authorize(), cover, expire(MONTH_LATER), expire(YEAR_LATER)],
);

test('whatever comes, without the patient’s yes nothing of it is on a line or in the book', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 25 }), (commands) => {
      let state = evolveAll(visit.initial, after(open()));
      const facts: VisitEvent[] = [...after(open())];
      for (const command of commands) {
        let decided: readonly VisitEvent[] = [];
        try {
          decided = visit.decide(command, state);
        } catch (error) {
          if ((error as Error).name !== 'DomainError') throw error;
        }
        facts.push(...decided);
        state = decided.reduce(visit.evolve, state);
      }
      expect(state.status).toBe('unknown');
      expect(facts.flatMap(postingsOf)).toEqual([]);
      const told = facts.flatMap((fact) => publicOf(fact) ?? []);
      const naming = told.filter(({ data }) => 'personId' in data).map(({ type }) => type);
      expect([...new Set(naming)].filter((type) => type !== 'PatientProposed')).toEqual([]);
      expect(row(facts).heldFen).toBe(0);
      expect(row(facts).unidentifiedFen).toBeGreaterThanOrEqual(0);
    }),
  );
});

function decided(command: VisitCommand, facts: readonly VisitEvent[]): readonly VisitEvent[] {
  return visit.decide(command, evolveAll(visit.initial, facts));
}
