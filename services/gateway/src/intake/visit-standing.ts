import { businessDateOf, DAY_MS } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { type OverVisitRow, overVisitTable } from '../fate/over-visits';
import { type EventRow, eventTable } from './intake.table';
import type { Submission, SubmittedFact } from './submission';

interface Standing {
  readonly transaction: Transaction;
  readonly visitId: string;
  /** The visit's opening, where one was accepted here. */
  readonly start: EventRow | undefined;
  /** Its opening for a patient whom no one knew. */
  readonly unidentified: EventRow | undefined;
  readonly now: Date;
}

type StandingFault =
  | 'VISIT_NOT_OPEN'
  | 'VISIT_NOT_ENDED'
  | 'VISIT_CLASS_FIXED'
  | 'VISIT_CONFLICT'
  | 'VISIT_UNIDENTIFIED';

interface Refusal {
  readonly reason: StandingFault;
  /** Of HL7 (`moment`: the one that says when), and of JSON. */
  readonly field: readonly [string, string];
  readonly why: string;
  readonly remedy: string;
}

const conflict = (reason: StandingFault, details: Record<string, unknown>): DomainError =>
  new DomainError(reason, 'conflict', details);

const sameInstant = (one: string, other: string): boolean => Date.parse(one) === Date.parse(other);

const isOver = (
  fact: SubmittedFact,
  { status, visitClass, closedAt }: OverVisitRow,
): Refusal | undefined => {
  const why = `the visit is ${status}`;
  if (fact.type === 'VisitEnded' && !(closedAt && sameInstant(fact.endedAt, closedAt)))
    return {
      ...{ reason: 'VISIT_NOT_OPEN', field: ['moment', '/endedAt'], why },
      remedy: 'its end stays; return charges that are wrong, open another visit for later care',
    };
  if (fact.type === 'VisitReopened')
    return {
      ...{ reason: 'VISIT_NOT_OPEN', field: ['PV1-19', '/visitId'], why },
      remedy: 'open another visit, with a number of its own, for what is still to come',
    };
  if (fact.type === 'VisitWithdrawn' && status === 'closed')
    return {
      ...{ reason: 'VISIT_NOT_OPEN', field: ['PV1-19', '/visitId'], why },
      remedy: 'return each charge of the visit: then nothing of it is owed',
    };
  const isReclassified =
    fact.type === 'VisitUpdated' && fact.visitClass && visitClass && fact.visitClass !== visitClass;
  return isReclassified
    ? {
        ...{ reason: 'VISIT_CLASS_FIXED', field: ['PV1-2', '/visitClass'], why },
        remedy: 'return its charges, and charge them to another visit of the right class',
      }
    : undefined;
};

const DIFFERENT_START: Refusal = {
  reason: 'VISIT_CONFLICT',
  field: ['moment', '/startedAt'],
  why: 'a visit of this number began at another time',
  remedy: 'give every visit a number of its own; if the start is wrong, cancel it and open another',
};
const UNIDENTIFIED: Refusal = {
  reason: 'VISIT_UNIDENTIFIED',
  field: ['PV1-19', '/visitNumber'],
  why: 'the visit was opened for a patient whom no one knew',
  remedy:
    'say who it is at POST /gateway/visits/{visitId}/identification: a credential is not enough',
};
const OF_A_PERSON: Refusal = {
  reason: 'VISIT_CONFLICT',
  field: ['PV1-19', '/visitNumber'],
  why: 'a visit of this number was opened for a person',
  remedy: 'give every visit a number of its own',
};
const CANCELLED: Refusal = {
  reason: 'VISIT_NOT_OPEN',
  field: ['PV1-19', '/visitNumber'],
  why: 'the visit was cancelled',
  remedy: 'open another visit, with a number of its own',
};
const NOT_ENDED: Refusal = {
  reason: 'VISIT_NOT_ENDED',
  field: ['PV1-19', '/visitId'],
  why: 'no end of the visit was reported',
  remedy: 'nothing is to be taken back; if the end is still to come, send it first',
};

/** Charges and returns stand on their own: how the visit stands is the ledger's to judge. */
export const isOfTab = ({ type }: SubmittedFact): boolean =>
  type === 'ChargePosted' || type === 'ChargeReturned';

/** Until 24:00 of its first day no rule ends a visit. */
const noRuleEnded = ({ happenedAt }: EventRow, now: Date): boolean =>
  happenedAt !== null &&
  now.getTime() < Date.parse(`${businessDateOf(happenedAt)}T00:00:00+08:00`) + DAY_MS;

const refusalOf = async (
  fact: SubmittedFact,
  { transaction, visitId, start, unidentified, now }: Standing,
): Promise<Refusal | undefined> => {
  const stands = (opening: EventRow | undefined): string | undefined =>
    opening?.happenedAt && opening.fate !== 'rejected' ? opening.happenedAt : undefined;
  if (fact.type === 'UnidentifiedVisitStarted') {
    const known = stands(unidentified);
    if (known) return sameInstant(known, fact.startedAt) ? undefined : DIFFERENT_START;
    return stands(start) ? OF_A_PERSON : undefined;
  }
  const over = await transaction.rows(overVisitTable).get({ visitId });
  if (fact.type === 'VisitStarted') {
    if (over?.status === 'cancelled') return CANCELLED;
    if (stands(unidentified)) return UNIDENTIFIED;
    const known = stands(start);
    return known && !sameInstant(known, fact.startedAt) ? DIFFERENT_START : undefined;
  }
  if (over) return isOver(fact, over);
  if (fact.type !== 'VisitReopened' || !start || !noRuleEnded(start, now)) return undefined;
  const end = await transaction.rows(eventTable).get({ visitId, type: 'VisitEnded' });
  return end ? undefined : NOT_ENDED;
};

/**
 * Refuses what no longer fits the visit, as far as the edge knows how it stands: by what the ledger
 * published of it, and by what was accepted here. What came by another way, or is not decided yet,
 * is the ledger's to judge. One read by key for a report of the stay, two for a reopening, none for
 * charges. Throws VISIT_NOT_OPEN, VISIT_NOT_ENDED, VISIT_CLASS_FIXED, VISIT_CONFLICT,
 * VISIT_UNIDENTIFIED (conflict).
 */
export const checkStanding = async (
  { door, facts, momentField = '' }: Pick<Submission, 'door' | 'facts' | 'momentField'>,
  standing: Standing,
): Promise<void> => {
  for (const fact of facts) {
    if (isOfTab(fact)) continue;
    const refused = await refusalOf(fact, standing);
    if (!refused) continue;
    const { reason, why, remedy } = refused;
    const [ofHl7, ofJson] = refused.field;
    const field = door === 'http' ? ofJson : ofHl7 === 'moment' ? momentField : ofHl7;
    throw conflict(reason, { visitId: standing.visitId, field, why, remedy });
  }
};
