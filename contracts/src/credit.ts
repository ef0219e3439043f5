import { Type } from '@sinclair/typebox';
import { VisitLender } from './lender';
import { Code, Fen, Id, Instant, PersonId, VisitId } from './schemas';
import { DAY_MS, topic } from './topic';

const hold = { visitId: VisitId, personId: PersonId, accountPersonId: PersonId };

/**
 * Keyed by visit, so that the answers of one visit reach the ledger in order. `accountPersonId` is
 * the guardian for a child.
 */
export const creditAuthorizations = topic({
  name: 'credit.authorizations',
  authors: ['credit'],
  description: "Holds on a person's line: granted, raised, declined, overdue, expired, released.",
  keyField: 'visitId',
  partitions: 12,
  retentionMs: 14 * DAY_MS,
  events: {
    CreditAuthorized: Type.Object(
      {
        ...{ ...hold, authorizationId: Id, heldFen: Fen, expiresAt: Instant },
        lender: Type.Optional(VisitLender),
      },
      { additionalProperties: false },
    ),
    CreditDeclined: Type.Object(
      { visitId: VisitId, personId: PersonId, reason: Code },
      {
        additionalProperties: false,
        description:
          'NOT_ENROLLED, SERVICE_CLOSED, FROZEN, PERSON_DIED, OVER_LINE; by the line policy NOT_COVERED, ' +
          'EXCLUDED, SCORE_TOO_LOW, SCORE_EXPIRED, OVER_VISIT_CAP, OVER_DAY_CAP; by a bank that lends ' +
          'LENDER_REFUSED, LENDER_SILENT; where each visit is asked about CONFIRMATION_DENIED, ' +
          'CONFIRMATION_LATE',
      },
    ),
    HoldIncreased: Type.Object(
      { ...hold, requestId: Id, heldFen: Fen },
      { additionalProperties: false, description: 'heldFen is the whole hold after the increase' },
    ),
    HoldIncreaseDeclined: Type.Object(
      { ...hold, requestId: Id, heldFen: Fen, reason: Code },
      { additionalProperties: false },
    ),
    HoldExpired: Type.Object(
      { ...hold, heldFen: Fen },
      {
        additionalProperties: false,
        description:
          'The visit gave no sign of life; the ledger closes it, the hold stays until the ' +
          'visit is settled or cancelled',
      },
    ),
    HoldOverdue: Type.Object(
      { ...hold, heldFen: Fen, expiresAt: Instant },
      {
        additionalProperties: false,
        description:
          'The visit gave no sign of life, and no clock may end a visit of its class: the hold ' +
          'lives on until expiresAt, and the ledger asks the hospital',
      },
    ),
    HoldReleased: Type.Object(
      { ...hold, releasedFen: Fen, becameDueFen: Fen, overLineFen: Fen },
      {
        additionalProperties: false,
        description: 'The hold became the exact due; overLineFen is the part above the line',
      },
    ),
  },
});

/** A due in arrears: its visit, what is owed, and since when its collection finally failed. */
const arrears = { personId: PersonId, visitId: VisitId, owedFen: Fen, since: Instant };

export const creditAccounts = topic({
  name: 'credit.accounts',
  authors: ['credit'],
  description: 'The service opened, closed, frozen, and lines changed.',
  keyField: 'personId',
  partitions: 6,
  retentionMs: 3650 * DAY_MS,
  events: {
    ServiceOpened: Type.Object(
      { personId: PersonId, accountPersonId: PersonId, lineFen: Fen, openedAt: Instant },
      { additionalProperties: false },
    ),
    ServiceClosed: Type.Object(
      { personId: PersonId, closedAt: Instant },
      { additionalProperties: false },
    ),
    VisitConfirmationAsked: Type.Object(
      { personId: PersonId, visitId: VisitId, askedAt: Instant, answerUntil: Instant },
      {
        additionalProperties: false,
        description:
          'Who pays is asked whether the visit goes on the tab; until they answer it waits, and after ' +
          'answerUntil it is declined',
      },
    ),
    LineChanged: Type.Object(
      {
        personId: PersonId,
        fromFen: Fen,
        lineFen: Fen,
        reason: Code,
        policyId: Id,
        changedAt: Instant,
      },
      {
        additionalProperties: false,
        description:
          'POLICY_IN_FORCE: an open line follows the line policy that came into force, once; ' +
          'SCORE_CHANGED. What is held stays held',
      },
    ),
    ScoreExpiring: Type.Object(
      { personId: PersonId, expiresAt: Instant, then: Code },
      {
        additionalProperties: false,
        description:
          'The score of an open line expires, unless a new one comes; then KEEP: the line stays, or ' +
          'STOP: nothing more is held on it',
      },
    ),
    ScoreAppealDecided: Type.Object(
      { personId: PersonId, appealId: Id, outcome: Code, decidedAt: Instant },
      {
        additionalProperties: false,
        description: 'An appeal against a score ended: it STANDS, or was OVERRIDDEN by another',
      },
    ),
    ArrearsReminded: Type.Object(
      { ...arrears, reminder: Type.Integer({ minimum: 1 }) },
      { additionalProperties: false },
    ),
    DefaultAnnounced: Type.Object(
      { ...arrears, reportsAt: Instant },
      {
        additionalProperties: false,
        description: 'A default is reported then, unless it is paid or objected to before',
      },
    ),
    DefaultReported: Type.Object(
      { ...arrears, reportedAt: Instant },
      { additionalProperties: false },
    ),
    DefaultTakenBack: Type.Object(
      { ...arrears, reason: Code, takenBackAt: Instant },
      { additionalProperties: false, description: 'PAID, OBJECTION_UPHELD' },
    ),
    ObjectionDecided: Type.Object(
      { personId: PersonId, visitId: VisitId, outcome: Code, decidedAt: Instant },
      {
        additionalProperties: false,
        description: 'An objection to the report of a default: UPHELD, or the report STANDS',
      },
    ),
    AccountFrozen: Type.Object(
      { personId: PersonId, reason: Code, frozenAt: Instant },
      { additionalProperties: false },
    ),
    AccountUnfrozen: Type.Object(
      { personId: PersonId, unfrozenAt: Instant },
      { additionalProperties: false },
    ),
  },
});
