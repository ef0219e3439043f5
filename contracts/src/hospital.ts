import { type Static, Type } from '@sinclair/typebox';
import { Entitlement } from './entitlement';
import { FreeText } from './free-text';
import { HolderFinding } from './holder';
import { Presence } from './presence';
import {
  ChargeId,
  Fen,
  Identifier,
  Instant,
  InstitutionId,
  PersonId,
  VisitClass,
  VisitId,
  VisitNumber,
} from './schemas';
import { DAY_MS, topic } from './topic';
import { OpenedBy, UnidentifiedReason } from './unidentified';

const visit = {
  visitId: VisitId,
  institutionId: InstitutionId,
  visitNumber: VisitNumber,
  identifier: Type.Optional(Identifier),
  holderDiffers: Type.Optional(
    Type.Array(HolderFinding, {
      minItems: 1,
      maxItems: 4,
      description: 'What of the holder is not as it is registered, where it was not said before',
    }),
  ),
};
/** Every report but the opening: whose it is by the hospital, where the hospital says so. */
const ofPerson = { ...visit, personId: Type.Optional(PersonId) };

const Department = Type.Optional(FreeText({ maxLength: 40 }));

/** Of an item: an exact decimal. */
export const Quantity = Type.String({
  pattern: '^\\d{1,9}(\\.\\d{1,4})?$',
  description: 'Exact decimal',
});

export const ItemCode = Type.String({
  pattern: '^[A-Za-z0-9._-]{1,40}$',
  description: 'Code of the item in the national or local catalogue',
});

/**
 * One item a hospital charges, as it was posted. `amountFen` = quantity × unitPriceYuan, rounded
 * half up.
 */
export const Charge = Type.Object(
  {
    chargeId: ChargeId,
    itemCode: ItemCode,
    quantity: Quantity,
    unitPriceYuan: Type.String({
      pattern: '^\\d{1,9}(\\.\\d{1,6})?$',
      description: 'Exact decimal, yuan',
    }),
    amountFen: Fen,
    occurredAt: Instant,
    department: Department,
    dispensed: Type.Optional(
      Type.Literal(true, {
        description:
          'A drug that the pharmacy gave out: only its return to the pharmacy takes it back',
      }),
    ),
  },
  { additionalProperties: false },
);
export type Charge = Static<typeof Charge>;

/** What hospitals say. Keyed by visit: a visit's messages stay in order. */
/** So much of the line is enough for the visit from now on. */
export const HoldMaxFen = Type.Optional({
  ...Fen,
  description:
    'Less is coming, as where an order was cancelled or a deposit paid: the patient’s part stays ' +
    'within so much, in fen, and the rest of the hold is freed at once. What is on the tab stays',
});

export const hospitalVisitEvents = topic({
  name: 'hospital.visit-events',
  authors: ['gateway'],
  description: 'Visits and charges as hospitals report them, once the gateway has accepted them.',
  keyField: 'visitId',
  partitions: 12,
  retentionMs: 14 * DAY_MS,
  events: {
    VisitStarted: Type.Object(
      {
        ...visit,
        personId: PersonId,
        visitClass: VisitClass,
        department: Department,
        startedAt: Instant,
        presence: Type.Optional(Presence),
        entitlement: Type.Optional(Entitlement),
      },
      { additionalProperties: false },
    ),
    UnidentifiedVisitStarted: Type.Object(
      {
        ...visit,
        visitClass: Type.Literal('emergency'),
        department: Department,
        startedAt: Instant,
        openedBy: OpenedBy,
        reason: UnidentifiedReason,
      },
      {
        additionalProperties: false,
        description:
          'An emergency patient whom no one knows (无名氏): on no one’s line until it is known who ' +
          'it is, and that person agreed',
      },
    ),
    VisitUpdated: Type.Object(
      {
        ...ofPerson,
        department: Department,
        visitClass: Type.Optional(VisitClass),
        holdMaxFen: HoldMaxFen,
        updatedAt: Instant,
      },
      { additionalProperties: false },
    ),
    VisitWithdrawn: Type.Object(
      { ...ofPerson, withdrawnAt: Instant },
      { additionalProperties: false },
    ),
    VisitEnded: Type.Object({ ...ofPerson, endedAt: Instant }, { additionalProperties: false }),
    VisitReopened: Type.Object(
      { ...ofPerson, reopenedAt: Instant },
      {
        additionalProperties: false,
        description:
          'The end was reported in error (HL7 ADT^A13): the visit goes on, if it is not closed yet',
      },
    ),
    ChargePosted: Type.Object({ ...ofPerson, charge: Charge }, { additionalProperties: false }),
    ChargeCredited: Type.Object(
      { ...ofPerson, creditId: ChargeId, chargeId: ChargeId, amountFen: Fen, creditedAt: Instant },
      {
        additionalProperties: false,
        description:
          'A return (退费) of a whole charge; amountFen repeats its amount. ChargeReturned says the ' +
          'same, and takes parts',
      },
    ),
    ChargeReturned: Type.Object(
      {
        ...ofPerson,
        returnId: ChargeId,
        chargeId: ChargeId,
        itemCode: Type.Optional(ItemCode),
        quantity: Type.Optional(Quantity),
        amountFen: Type.Optional(Fen),
        returnedToPharmacy: Type.Optional(
          Type.Literal(true, { description: 'The pharmacy has the dispensed drug back' }),
        ),
        returnedAt: Instant,
      },
      {
        additionalProperties: false,
        description:
          'A return (退费): takes a part of an earlier charge back, by quantity, by amount, or by ' +
          'both; several together take at most what was charged',
      },
    ),
  },
});

const REPORTS = 'hospital.reports.';

/**
 * Each hospital with a producer of its own has a topic of its own, to which no other may write.
 * The gateway takes its messages over under the rules of its other doors.
 */
export const hospitalReports = (institutionId: string) =>
  topic({
    name: `${REPORTS}${institutionId}`,
    authors: [`hospital/${institutionId}`],
    description:
      'What this hospital reports by a producer of its own. The gateway takes it over as what comes ' +
      'over HTTP: what it refuses goes no further, and the hospital reads why.',
    keyField: 'visitId',
    partitions: 3,
    retentionMs: 14 * DAY_MS,
    events: hospitalVisitEvents.events,
  });

/** Whose topic of its own it is. */
export const reporterOf = (topicName: string): string => topicName.slice(REPORTS.length);
