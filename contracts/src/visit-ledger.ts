import { type Static, Type } from '@sinclair/typebox';
import { holdEvents } from './hold-events';
import { HolderFinding } from './holder';
import { Charge, hospitalVisitEvents, Quantity } from './hospital';
import { VisitLender } from './lender';
import { Presence } from './presence';
import { identificationEvents } from './identification';
import { Resettlement } from './resettlement';
import { itemOfCharge, tabNow } from './tab-charges';
import {
  ChargeId,
  Code,
  Fen,
  Id,
  Instant,
  InstitutionId,
  PayerId,
  PersonId,
  VisitClass,
  VisitId,
} from './schemas';
import { DAY_MS, type EventType, topic } from './topic';

const visit = { visitId: VisitId, institutionId: InstitutionId, personId: PersonId };

/** One deferred charge of a closed visit, for the insurers to settle. */
export const ClaimLine = Type.Pick(
  Charge,
  ['chargeId', 'itemCode', 'quantity', 'amountFen', 'occurredAt'],
  { additionalProperties: false },
);
export type ClaimLine = Static<typeof ClaimLine>;

export const PayerPart = Type.Object(
  { payerId: PayerId, amountFen: Fen },
  { additionalProperties: false },
);
export type PayerPart = Static<typeof PayerPart>;

/**
 * Whether a verdict's parts make its whole: gross = the payers' parts + the patient's due. JSON
 * Schema cannot express this, so every consumer of a verdict checks it.
 */
export const addsUp = ({
  grossFen,
  payers,
  patientDueFen,
}: {
  readonly grossFen: number;
  readonly payers: readonly PayerPart[];
  readonly patientDueFen: number;
}): boolean =>
  payers.reduce((sumFen, { amountFen }) => sumFen + amountFen, patientDueFen) === grossFen;

type Report = EventType<typeof hospitalVisitEvents>;
const KINDS = Object.keys(hospitalVisitEvents.events) as Report[];

/**
 * What kind of report a submission is: the event that the hospital, or the gateway for it, sends. An
 * opening without a person is an opening.
 */
export const SubmissionKind = Type.Union(
  KINDS.filter((kind) => kind !== 'UnidentifiedVisitStarted').map((kind) =>
    Type.Literal(kind as Exclude<Report, 'UnidentifiedVisitStarted'>),
  ),
);
export const submissionKindOf = (report: Report): SubmissionKind =>
  report === 'UnidentifiedVisitStarted' ? 'VisitStarted' : report;
export type SubmissionKind = Static<typeof SubmissionKind>;

const submission = {
  visitId: VisitId,
  institutionId: InstitutionId,
  submissionId: Id,
  messageId: Type.String({
    minLength: 1,
    maxLength: 200,
    description: "The hospital's own message: hl7/… with its control id, or http/… with its key",
  }),
  kind: SubmissionKind,
};

const submissionRemedy = Type.String({ minLength: 1, maxLength: 500 });

/** The ledger's public facts, keyed by visit. */
export const visitLedgerVisits = topic({
  ...{ name: 'visit-ledger.visits', authors: ['visit-ledger'] },
  description: 'Every visit from opened to settled, and every decision about a charge.',
  keyField: 'visitId',
  partitions: 12,
  retentionMs: 14 * DAY_MS,
  events: {
    VisitOpened: Type.Object(
      { ...visit, visitClass: VisitClass, startedAt: Instant, presence: Type.Optional(Presence) },
      { additionalProperties: false },
    ),
    ...identificationEvents,
    VisitUpdated: Type.Object(
      { ...visit, visitClass: Type.Optional(VisitClass), updatedAt: Instant },
      {
        additionalProperties: false,
        description: 'Its hospital reported another department, or another class',
      },
    ),
    VisitOverdue: Type.Object(
      { ...visit, askedAt: Instant },
      {
        additionalProperties: false,
        description:
          'Nothing was reported of an open stay for as long as its hold lives: the hospital is ' +
          'asked whether it still goes on. No clock ends it',
      },
    ),
    ...holdEvents,
    ChargeDeferred: Type.Object(
      { ...visit, chargeId: ChargeId, amountFen: Fen, patientEstimateFen: Fen },
      { additionalProperties: false, description: 'patientEstimateFen: the whole visit so far' },
    ),
    ChargeNotDeferred: Type.Object(
      {
        visitId: VisitId,
        institutionId: InstitutionId,
        personId: Type.Optional(PersonId),
        chargeId: ChargeId,
        amountFen: Fen,
        reason: Code,
        ...itemOfCharge,
      },
      { additionalProperties: false },
    ),
    ChargeAwaitsAgreement: Type.Object(
      { ...visit, chargeId: ChargeId, amountFen: Fen, reason: Code, ...itemOfCharge },
      {
        additionalProperties: false,
        description:
          'A charge came after the closing of its visit: it is not deferred until the citizen ' +
          'agrees. The hospital asks for the agreement, or bears it',
      },
    ),
    ChargeConflictFound: Type.Object(
      {
        visitId: VisitId,
        institutionId: InstitutionId,
        chargeId: ChargeId,
        recordedFen: Fen,
        conflictingFen: Fen,
      },
      {
        additionalProperties: false,
        description: 'The same charge id came with other content; nothing was changed',
      },
    ),
    ChargeReversed: Type.Object(
      {
        ...visit,
        chargeId: ChargeId,
        creditId: ChargeId,
        amountFen: Fen,
        quantity: Type.Optional(Quantity),
        leftFen: Type.Optional(Fen),
      },
      {
        additionalProperties: false,
        description:
          'A return (退费) took a deferred charge, or a part of it, off the tab; creditId is its ' +
          'id, leftFen what is left of the charge',
      },
    ),
    VisitCancelled: Type.Object(
      { ...visit, cancelledAt: Instant },
      { additionalProperties: false },
    ),
    VisitClosed: Type.Object(
      {
        ...visit,
        visitClass: VisitClass,
        startedAt: Instant,
        closedAt: Instant,
        revision: Type.Integer({
          minimum: 1,
          description:
            'Grows when a charge is taken back after closing, a late one is taken, or insurers ' +
            'settle it again',
        }),
        grossFen: Fen,
        lines: Type.Array(ClaimLine, { maxItems: 5000 }),
        resettles: Type.Optional(Resettlement),
      },
      { additionalProperties: false },
    ),
    VisitAdjudicated: Type.Object(
      {
        ...visit,
        accountPersonId: PersonId,
        closedAt: Instant,
        revision: Type.Integer({ minimum: 1 }),
        grossFen: Fen,
        payers: Type.Array(PayerPart),
        patientDueFen: Fen,
        insurerSettledAt: Type.Optional({
          ...Instant,
          description: 'When the insurers’ centre settled it, by its own clock',
        }),
        presence: Type.Optional(Presence),
        lender: Type.Optional(VisitLender),
      },
      { additionalProperties: false },
    ),
    VisitSettled: Type.Object(
      {
        ...visit,
        accountPersonId: PersonId,
        revision: Type.Integer({ minimum: 1 }),
        patientDueFen: Fen,
        paidFen: Fen,
        refundedFen: Fen,
        settledAt: Instant,
        grossFen: Type.Optional(Fen),
        payers: Type.Optional(Type.Array(PayerPart)),
        lender: Type.Optional(VisitLender),
        ...tabNow,
      },
      {
        additionalProperties: false,
        description:
          'Nothing is owed to us any more: it is paid, or a bank lends it and collects it by itself',
      },
    ),
    SubmissionWaiting: Type.Object(
      { ...submission, reason: Code, waitsUntil: Instant },
      {
        additionalProperties: false,
        description:
          'A report came before the opening of its visit, or a return before its charge: it waits, ' +
          'in order, and is rejected after waitsUntil',
      },
    ),
    SubmissionApplied: Type.Object(
      { ...submission },
      {
        additionalProperties: false,
        description: 'A report was applied that no other event shows, or whose turn came',
      },
    ),
    SubmissionRejected: Type.Object(
      {
        ...submission,
        chargeId: Type.Optional(ChargeId),
        reason: Code,
        remedy: submissionRemedy,
        rejectedAt: Instant,
      },
      {
        additionalProperties: false,
        description:
          'A report was accepted and cannot be applied: nothing of it was changed. The remedy is ' +
          'what to do',
      },
    ),
    HolderContradicted: Type.Object(
      {
        visitId: VisitId,
        institutionId: InstitutionId,
        messageId: submission.messageId,
        fields: Type.Array(HolderFinding, { minItems: 1, maxItems: 4 }),
        remedy: submissionRemedy,
        foundAt: Instant,
      },
      {
        additionalProperties: false,
        description:
          'A report names a holder who is registered otherwise: it was accepted. The names of the ' +
          'fields, and no value',
      },
    ),
    VisitSetAside: Type.Object(
      { ...visit, setAsideAt: Instant },
      {
        additionalProperties: false,
        description:
          'The log of the visit holds what we did not write: nothing of it is decided, and its ' +
          'deadlines stand still',
      },
    ),
    VisitResumed: Type.Object(
      { ...visit, resumedAt: Instant },
      { additionalProperties: false, description: 'A visit that was set aside goes on' },
    ),
    PaymentMissed: Type.Object(
      {
        ...{ ...visit, accountPersonId: PersonId, owedFen: Fen, reason: Code },
        grossFen: Type.Optional(Fen),
        ...tabNow,
      },
      { additionalProperties: false, description: 'Collection failed; the debt stays' },
    ),
  },
});
