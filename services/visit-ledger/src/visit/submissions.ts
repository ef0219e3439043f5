import type { HolderFinding } from '@caretab/contracts';
import { contentHash, DomainError, type ErrorCode } from '@caretab/kernel';
import type { ChargeCommand } from './charges';
import type { OpeningCommand } from './opening';
import { publicOf } from './public-events';
import { rejected } from './rejections';
import type { FactOf, Submission, Submitted, VisitEvent } from './visit-events';
import { evolve } from './visit-evolve';
import { type OpenVisit, reopeningKey, type Visit } from './visit-state';

/** Submissions of one visit that wait at the same time; a further one is refused. */
const WAITING_MAX = 1000;

/**
 * What a hospital reports. With `by`, a refusal is a fact and what comes too early waits; without,
 * the refusal is thrown.
 */
export type HospitalCommand = (OpeningCommand | ChargeCommand) & {
  readonly by?: Submitted | undefined;
};

/** About what hospitals sent: a time or a sum that cannot be, and what has waited for too long. */
export type SubmissionCommand =
  | {
      readonly type: 'RefuseSubmission';
      readonly data: { readonly reason: ErrorCode; readonly chargeId?: string | undefined };
      readonly by: Submitted;
    }
  | { readonly type: 'ExpireWaiting'; readonly data: { readonly now: string } }
  | {
      readonly type: 'NoteHolder';
      readonly data: { readonly fields: readonly HolderFinding[] };
      readonly by: Submitted;
    };

type Missing = 'VISIT_UNKNOWN' | 'CHARGE_UNKNOWN' | 'VISIT_NOT_ENDED' | 'PATIENT_UNIDENTIFIED';

type Decide = (command: HospitalCommand, visit: Visit) => readonly VisitEvent[];

const chargeOf = (command: HospitalCommand): string | undefined =>
  command.type === 'PostCharge'
    ? command.data.charge.chargeId
    : command.type === 'ReturnCharge'
      ? command.data.chargeId
      : undefined;

/** Whether there is an end for a reopening to take back, or it has taken its end back already. */
const hasEnd = (visit: OpenVisit, { reopenedAt }: { readonly reopenedAt: string }): boolean =>
  visit.endedAt !== undefined ||
  visit.withdrawnAt !== undefined ||
  visit.endsTakenBack.has(reopeningKey(reopenedAt));

/** A reopening that waited for its end takes back none that is later than itself. */
const isBeforeEnd = (visit: Visit, command: HospitalCommand): boolean =>
  command.type === 'ReopenVisit' &&
  visit.status !== 'unknown' &&
  visit.endedAt !== undefined &&
  visit.withdrawnAt === undefined &&
  Date.parse(visit.endedAt) > Date.parse(command.data.reopenedAt);

/** In the grace time of an end by rule the hospital's own may still come, and be the earlier one. */
const mayComeEarlier = (visit: Visit): boolean =>
  visit.status === 'open' && visit.endedByRule === true && visit.graceUntil !== undefined;

/** Until when reports wait for who the patient is, where no one knows. */
const waitsForPerson = (visit: Visit): string | undefined =>
  visit.status === 'unknown' && !visit.unidentified?.givenUpFor
    ? visit.unidentified?.identifyUntil
    : undefined;

/** What a visit takes before its opening, and what else before it has its person. */
const OF_UNOPENED = new Set(['StartVisit', 'StartUnidentifiedVisit', 'PostCharge']);
const DONE_WITHOUT_PERSON = new Set(['ReturnCharge', 'CancelVisit']);

/** What a report needs before its turn comes; undefined: nothing more. */
const missing = (visit: Visit, command: HospitalCommand): Missing | undefined => {
  const chargeId = command.type === 'ReturnCharge' ? command.data.chargeId : undefined;
  if (chargeId !== undefined && !visit.charges.has(chargeId)) return 'CHARGE_UNKNOWN';
  if (command.type === 'ReopenVisit' && visit.status === 'open' && !hasEnd(visit, command.data))
    return 'VISIT_NOT_ENDED';
  if (visit.status !== 'unknown') return undefined;
  if (OF_UNOPENED.has(command.type)) return undefined;
  if (!visit.unidentified) return 'VISIT_UNKNOWN';
  if (visit.unidentified.givenUpFor) return undefined;
  return DONE_WITHOUT_PERSON.has(command.type) ? undefined : 'PATIENT_UNIDENTIFIED';
};

/** A charge on the tab: the same message again may carry another content, which is a conflict. */
const isOnTab = (visit: Visit, command: HospitalCommand): boolean =>
  command.type === 'PostCharge' && visit.charges.has(command.data.charge.chargeId);

/** Another charge is on the tab under the same id; a conflict is found once for each content. */
const isConflicting = (visit: Visit, command: HospitalCommand): boolean => {
  if (command.type !== 'PostCharge') return false;
  const { charge } = command.data;
  const recorded = visit.charges.get(charge.chargeId);
  return recorded !== undefined && contentHash(recorded.charge) !== contentHash(charge);
};

const submissionIn = (by: Submitted): Submission => {
  const { at: _at, waitsUntil: _until, isRepeated: _repeated, endsBy: _rule, ...submission } = by;
  return submission;
};

const applied = (submission: Submission): VisitEvent => ({
  type: 'SubmissionApplied',
  data: submission,
});

const refuse = (
  { by, ...command }: HospitalCommand & { readonly by: Submitted },
  reason: string,
): VisitEvent => rejected(submissionIn(by), by.at, { reason, chargeId: chargeOf(command) });

/** Without the rule, which is a function; that of its turn counts. */
const storable = (command: HospitalCommand): HospitalCommand => {
  if (command.type !== 'UpdateVisit') return command;
  const { endsBy: _, ...data } = command.data;
  return { ...command, data };
};

const waiting = (
  { by, ...command }: HospitalCommand & { readonly by: Submitted },
  reason: Missing,
  waitsUntil: string,
): VisitEvent => ({
  type: 'SubmissionWaiting',
  data: {
    ...submissionIn(by),
    reason,
    chargeId: chargeOf(command),
    since: by.at,
    waitsUntil,
    command: storable(command),
  },
});

/**
 * Decides a hospital's report for good: it is applied, waits for what it refers to, or is refused,
 * and each of these is a fact. A report that came before yields nothing.
 */
export const decideSubmission = (
  command: HospitalCommand & { readonly by: Submitted },
  visit: Visit,
  decide: Decide,
): readonly VisitEvent[] => {
  const { by } = command;
  if (by.isRepeated && !isOnTab(visit, command)) return [];
  const needs = visit.status === 'cancelled' ? undefined : missing(visit, command);
  if (needs)
    return visit.submissions.size < WAITING_MAX
      ? [waiting(command, needs, waitsForPerson(visit) ?? by.waitsUntil)]
      : [refuse(command, 'VISIT_FULL')];
  try {
    const facts = decide(command, visit);
    if (by.isRepeated) return facts;
    // What waits as a charge, or is published, is known by that.
    const isKnown = facts.some(
      (fact) => publicOf(fact) !== undefined || fact.type === 'ChargeWaiting',
    );
    if (isKnown) return facts;
    return isConflicting(visit, command)
      ? [refuse(command, 'CHARGE_CONFLICT')]
      : [...facts, applied(submissionIn(by))];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return by.isRepeated ? [] : [refuse(command, error.code)];
  }
};

/** Written by `waiting`, and by nothing else. */
const reported = (command: Waiting['command']): HospitalCommand => command as HospitalCommand;

/** Of the report that others take their turn with. */
interface Turn {
  readonly decide: Decide;
  readonly at?: string | undefined;
  readonly endsBy?: Submitted['endsBy'];
}

type Waiting = FactOf<'SubmissionWaiting'>['data'];

const takeTurn = (
  { command, reason: _reason, chargeId, since, waitsUntil, ...submission }: Waiting,
  visit: Visit,
  { decide, at = since, endsBy }: Turn,
): readonly VisitEvent[] => {
  try {
    const by: Submitted = { ...submission, at, waitsUntil };
    const again: HospitalCommand = { ...reported(command), by };
    // The end that came is not the one that it was to take back: there was none.
    if (isBeforeEnd(visit, again))
      return [rejected(submission, at, { reason: 'VISIT_NOT_ENDED', chargeId, waited: true })];
    const ruled =
      again.type === 'UpdateVisit' ? { ...again, data: { ...again.data, endsBy } } : again;
    return [...decide(ruled, visit), applied(submission)];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return [rejected(submission, at, { reason: error.code, chargeId, waited: true })];
  }
};

/** Adds to `facts` what waited for them, in the order in which it came. `at`: RFC 3339. */
export const withTurns = (
  visit: Visit,
  facts: readonly VisitEvent[],
  how: Turn,
): readonly VisitEvent[] => {
  let state = facts.reduce(evolve, visit);
  if (state.submissions.size === 0 || state.status === 'unknown') return facts;
  const all = [...facts];
  const isReady = ({ command }: Waiting): boolean =>
    !missing(state, reported(command)) &&
    !(isBeforeEnd(state, reported(command)) && mayComeEarlier(state));
  for (;;) {
    // One that was passed over may be ready now: a reopening, once its end took its turn.
    const next = [...state.submissions.values()].find(isReady);
    if (!next) break;
    const taken = takeTurn(next, state, how);
    all.push(...taken);
    state = taken.reduce(evolve, state);
  }
  return all;
};

/** A report says that its hospital has another before it than is registered: it is noted once. */
export const noteHolder = ({
  data: { fields },
  by: { visitId, institutionId, businessDate, messageId, at, isRepeated },
}: Extract<SubmissionCommand, { readonly type: 'NoteHolder' }>): readonly VisitEvent[] =>
  isRepeated
    ? []
    : [
        {
          type: 'HolderContradicted',
          data: { visitId, institutionId, businessDate, messageId, fields, foundAt: at },
        },
      ];

/** A report of a time or a sum that cannot be. */
export const refuseSubmission = ({
  data: { reason, chargeId },
  by,
}: Extract<SubmissionCommand, { readonly type: 'RefuseSubmission' }>): readonly VisitEvent[] =>
  by.isRepeated ? [] : [rejected(submissionIn(by), by.at, { reason, chargeId })];
