import { DAY_MS, IDENTIFICATION_TIMEOUT_MS, type UnidentifiedReason } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { returning, withConsequences } from './charge-decisions';
import { conflict } from './refusals';
import { rejected } from './rejections';
import type { GivenUpFor, Unidentified } from './unidentified-facts';
import type { VisitEvent } from './visit-events';
import { evolve } from './visit-evolve';
import { type Place, recordedIn, type UnopenedVisit, type Visit } from './visit-state';

/** A hospital opens the visit of an emergency patient whom no one knows. Times are RFC 3339. */
export interface UnidentifiedOpening {
  readonly type: 'StartUnidentifiedVisit';
  readonly data: Place & {
    readonly visitNumber: string;
    readonly department?: string | undefined;
    readonly startedAt: string;
    readonly openedBy: readonly string[];
    readonly reason: UnidentifiedReason;
  };
}

/** Whose visit it is: two people of its hospital say so, then the person does. RFC 3339. */
export type IdentificationCommand =
  | {
      readonly type: 'ProposePatient';
      readonly data: {
        readonly linkId: string;
        readonly personId: string;
        readonly proposedBy: string;
        readonly approvedBy: string;
        readonly now: string;
      };
    }
  | {
      readonly type: 'AnswerIdentification';
      readonly data: { readonly linkId: string; readonly isAgreed: boolean; readonly now: string };
    };

type Data<Type extends IdentificationCommand['type']> = Extract<
  IdentificationCommand,
  { readonly type: Type }
>['data'];
type OnNobodysLine = UnopenedVisit & { readonly unidentified: Unidentified };

const REFUSED = 'IDENTIFICATION_REFUSED';
const UNANSWERED = 'IDENTIFICATION_UNANSWERED';

/** A code to answer with is valid for 30 days from its notice, which follows the proposal by a day. */
const ANSWER_MS = 31 * DAY_MS;

const isOnNobodysLine = (visit: Visit): visit is OnNobodysLine =>
  visit.status === 'unknown' && visit.unidentified !== undefined;

/** Whether a visit is open for a patient whom no one knows. */
export const isUnidentified = (visit: Visit): visit is OnNobodysLine =>
  isOnNobodysLine(visit) && visit.unidentified.givenUpFor === undefined;

const placeIn = ({ unidentified }: OnNobodysLine): Place => {
  const { visitId, institutionId, businessDate } = unidentified;
  return { visitId, institutionId, businessDate };
};

const isReached = (moment: string, now: string): boolean => Date.parse(moment) <= Date.parse(now);
const laterBy = (moment: string, ms: number): string =>
  new Date(Date.parse(moment) + ms).toISOString();

/** What is charged and waits for a person, less what waiting returns take of it, in fen. */
const chargedFen = (visit: Visit): number => {
  let sumFen = 0;
  for (const { status, left } of visit.charges.values())
    if (status === 'waiting') sumFen += left.amountFen;
  for (const { amountFen } of visit.waitingReturns.values()) sumFen -= amountFen;
  return sumFen;
};

const notTwo = (first: string, second: string): DomainError =>
  new DomainError('STAFF_NOT_TWO', 'invalid', {
    why: first === second ? 'both are the same' : 'there are not two',
  });

/** Decides the opening. Throws STAFF_NOT_TWO (invalid), VISIT_CONFLICT (conflict). */
export const startUnidentified = (
  { data }: UnidentifiedOpening,
  visit: Visit,
): readonly VisitEvent[] => {
  const { openedBy, startedAt } = data;
  const [first = '', second = ''] = openedBy;
  if (openedBy.length !== 2 || first === second) throw notTwo(first, second);
  if (visit.status === 'unknown' && !visit.unidentified)
    return [
      {
        type: 'UnidentifiedVisitOpened',
        data: {
          ...data,
          openedBy: [...openedBy],
          identifyUntil: laterBy(startedAt, IDENTIFICATION_TIMEOUT_MS),
          chargedFen: chargedFen(visit),
        },
      },
    ];
  const isSame =
    visit.unidentified && Date.parse(visit.unidentified.startedAt) === Date.parse(startedAt);
  if (isSame && !visit.unidentified.givenUpFor) return [];
  throw conflict('VISIT_CONFLICT', visit, {
    what: 'this visit number was opened with other content',
  });
};

/** An opening by a credential alone would go past the second person and the patient. */
export const assertNotUnidentified = (visit: Visit): void => {
  if (!isOnNobodysLine(visit)) return;
  if (visit.unidentified.givenUpFor)
    throw conflict('VISIT_NOT_OPEN', visit, {
      what: 'the visit was given up; open another, with a number of its own',
    });
  throw conflict('VISIT_UNIDENTIFIED', visit, {
    what: 'the visit was opened for a patient whom no one knew; identify the patient',
  });
};

/** Nothing that waits is decided for a person any more: it is its hospital's. */
const givingUp = (visit: OnNobodysLine, reason: GivenUpFor, now: string): readonly VisitEvent[] => {
  const place = placeIn(visit);
  const all: VisitEvent[] = [];
  let state: Visit = visit;
  const add = (fact: VisitEvent): void => {
    all.push(fact);
    state = evolve(state, fact);
  };
  for (const head of visit.waiting) {
    const taken = state.waitingReturns.get(head);
    if (taken) add(returning(state, taken, place));
    else
      add({
        type: 'ChargeNotDeferred',
        data: { ...place, charge: recordedIn(state, head).charge, waited: true, reason },
      });
  }
  for (const waiting of visit.submissions.values()) {
    const { command: _, reason: _for, since: _since, waitsUntil: _until, ...rest } = waiting;
    const { chargeId, ...of } = rest;
    add(rejected(of, now, { reason, chargeId, waited: true }));
  }
  if (visit.unidentified.proposal) add(denied(visit, reason, now));
  add({ type: 'UnidentifiedVisitGivenUp', data: { ...place, reason, givenUpAt: now } });
  return all;
};

/** A visit of an unidentified patient that did not take place; undefined where it is none. */
export const cancelUnidentified = (
  visit: Visit,
  withdrawnAt: string,
): readonly VisitEvent[] | undefined => {
  if (!isOnNobodysLine(visit)) return undefined;
  return visit.unidentified.givenUpFor ? [] : givingUp(visit, 'VISIT_CANCELLED', withdrawnAt);
};

const denied = (visit: OnNobodysLine, reason: string, deniedAt: string): VisitEvent => {
  const { linkId, personId } = visit.unidentified.proposal!;
  return { type: 'PatientDenied', data: { ...placeIn(visit), personId, linkId, reason, deniedAt } };
};

const propose = (data: Data<'ProposePatient'>, visit: Visit): readonly VisitEvent[] => {
  const { linkId, personId, proposedBy, approvedBy, now } = data;
  if (proposedBy === approvedBy) throw notTwo(proposedBy, approvedBy);
  if (visit.status === 'unknown' && !visit.unidentified)
    throw new DomainError('VISIT_UNKNOWN', 'not-found');
  if (!isUnidentified(visit) || isReached(visit.unidentified.identifyUntil, now))
    throw conflict('VISIT_NOT_UNIDENTIFIED', visit);
  const { proposal, denied: before, startedAt, identifyUntil } = visit.unidentified;
  if (before.some((one) => one.personId === personId && one.reason === REFUSED))
    throw conflict('IDENTIFICATION_REFUSED', visit);
  const isAsked = proposal !== undefined && !isReached(proposal.answerUntil, now);
  if (isAsked && proposal.personId === personId) return [];
  if (isAsked) throw conflict('IDENTIFICATION_PENDING', visit);
  const answerUntil = laterBy(now, ANSWER_MS);
  return [
    ...(proposal ? [denied(visit, UNANSWERED, now)] : []),
    {
      type: 'PatientProposed',
      data: {
        ...{ ...placeIn(visit), personId, linkId, proposedBy, approvedBy, startedAt },
        ...{ chargedFen: chargedFen(visit), proposedAt: now },
        answerUntil:
          Date.parse(answerUntil) < Date.parse(identifyUntil) ? answerUntil : identifyUntil,
      },
    },
  ];
};

const answer = (
  { linkId, isAgreed, now }: Data<'AnswerIdentification'>,
  visit: Visit,
): readonly VisitEvent[] => {
  const { unidentified } = visit;
  if (!unidentified && visit.status === 'unknown')
    throw new DomainError('VISIT_UNKNOWN', 'not-found');
  if (!unidentified) throw conflict('IDENTIFICATION_NOT_AWAITED', visit);
  const wasDenied = unidentified.denied.some(
    (one) => one.linkId === linkId && one.reason === REFUSED,
  );
  if (isAgreed ? unidentified.identifiedBy === linkId : wasDenied) return [];
  const { proposal } = unidentified;
  const isAwaited = proposal?.linkId === linkId && !isReached(proposal.answerUntil, now);
  if (!isAwaited || !isUnidentified(visit)) throw conflict('IDENTIFICATION_NOT_AWAITED', visit);
  if (!isAgreed) return [denied(visit, REFUSED, now)];
  const ref = { ...placeIn(visit), personId: proposal.personId };
  const { visitNumber, department, startedAt } = unidentified;
  return withConsequences(visit, [
    { type: 'PatientIdentified', data: { ...ref, linkId, identifiedAt: now } },
    {
      type: 'VisitOpened',
      data: {
        ...{ ...ref, visitNumber, visitClass: 'emergency', department, startedAt },
        // They answered by a code that only they were sent.
        presence: 'code',
      },
    },
  ]);
};

/**
 * Decides a proposal and its answer, each once. The same again yields []. Throws STAFF_NOT_TWO
 * (invalid), VISIT_UNKNOWN (not-found), VISIT_NOT_UNIDENTIFIED, IDENTIFICATION_PENDING,
 * IDENTIFICATION_REFUSED, IDENTIFICATION_NOT_AWAITED (conflict).
 */
export const decideIdentification = (
  command: IdentificationCommand,
  visit: Visit,
): readonly VisitEvent[] =>
  command.type === 'ProposePatient' ? propose(command.data, visit) : answer(command.data, visit);

/** Who was asked by a proposal that was answered. */
export const askedBy = (linkId: string, visit: Visit): readonly string[] => {
  const { identifiedBy, denied: refused = [] } = visit.unidentified ?? {};
  if (identifiedBy === linkId && visit.status !== 'unknown') return [visit.ref.personId];
  return refused.filter((one) => one.linkId === linkId).map(({ personId }) => personId);
};

/** By `now`: a proposal without an answer, and a visit that no one was found for within a year. */
export const expireUnidentified = (visit: Visit, now: string): readonly VisitEvent[] => {
  if (!isUnidentified(visit)) return [];
  const { proposal, identifyUntil } = visit.unidentified;
  if (isReached(identifyUntil, now)) return givingUp(visit, 'PATIENT_UNIDENTIFIED', now);
  return proposal && isReached(proposal.answerUntil, now) ? [denied(visit, UNANSWERED, now)] : [];
};
