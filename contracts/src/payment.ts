import { type Static, Type } from '@sinclair/typebox';
import {
  BusinessDate,
  Code,
  Fen,
  Id,
  Instant,
  InstitutionId,
  NetFen,
  PayerId,
  PersonId,
  VisitId,
} from './schemas';
import { DAY_MS, topic } from './topic';

const BookedOn = Type.Optional({
  ...BusinessDate,
  description: 'The day of our books: by our clock and our closing time, as it was recorded',
});

const ChannelDate = Type.Optional({
  ...BusinessDate,
  description: "The channel's own clearing date: as it said, or as its moment lets expect",
});

const payment = { visitId: VisitId, accountPersonId: PersonId, paymentId: Id };

/** By which way money goes back. */
export const RefundWay = Type.Union([
  Type.Literal('channel'),
  Type.Literal('account'),
  Type.Literal('cash'),
  Type.Literal('transfer'),
]);
export type RefundWay = Static<typeof RefundWay>;

export const paymentPayments = topic({
  name: 'payment.payments',
  authors: ['payment'],
  description: 'What was collected, refused, contradicted and refunded. Keyed by visit.',
  keyField: 'visitId',
  partitions: 12,
  retentionMs: 400 * DAY_MS,
  events: {
    PaymentCaptured: Type.Object(
      {
        ...payment,
        amountFen: Fen,
        channel: Id,
        channelReference: Id,
        capturedAt: Instant,
        orderedFen: Type.Optional({
          ...Fen,
          description: 'What was ordered, where the channel captured a part of it',
        }),
        late: Type.Optional(
          Type.Boolean({ description: 'The order had been published as declined before' }),
        ),
        bookedOn: BookedOn,
        channelDate: ChannelDate,
      },
      { additionalProperties: false },
    ),
    PaymentDeclined: Type.Object(
      {
        ...payment,
        amountFen: Fen,
        reason: Code,
        attempt: Type.Integer({ minimum: 1 }),
        final: Type.Boolean(),
      },
      { additionalProperties: false, description: 'final: no further automatic attempt' },
    ),
    PaymentOutcomeUnknown: Type.Object(
      { ...payment, amountFen: Fen, channel: Id, since: Instant },
      {
        additionalProperties: false,
        description:
          'The channel has given no usable answer for long. Neither paid nor declined: the inquiries go on',
      },
    ),
    PaymentAwaitsConfirmation: Type.Object(
      { ...payment, institutionId: InstitutionId, amountFen: Fen, endedAt: Instant },
      {
        additionalProperties: false,
        description:
          'The visit was opened by a typed number: nothing is collected until who pays confirms ' +
          'that it is theirs. They are asked for amountFen',
      },
    ),
    PaymentDisputed: Type.Object(
      { ...payment, institutionId: InstitutionId, amountFen: Fen, reason: Code },
      {
        additionalProperties: false,
        description:
          'Who is to pay says that the visit is not theirs: nothing is collected. The hospital ' +
          'checks who was there, and takes the charges back or proves them',
      },
    ),
    DueWrittenOff: Type.Object(
      {
        ...payment,
        institutionId: InstitutionId,
        amountFen: Fen,
        writtenOffFen: { ...Fen, description: 'All that is written off of the visit by now' },
        reason: Code,
        writtenOffAt: Instant,
      },
      {
        additionalProperties: false,
        description:
          'What cannot be collected is taken out of the books, by two persons. The person still owes ' +
          'it, is asked for it no more, and can pay it',
      },
    ),
    WriteOffReduced: Type.Object(
      {
        ...payment,
        amountFen: Fen,
        writtenOffFen: { ...Fen, description: 'What is still written off of the visit' },
        reason: Code,
        reducedAt: Instant,
      },
      {
        additionalProperties: false,
        description: 'PAID: a later payment is a recovery. VERDICT_REVISED: less is due',
      },
    ),
    PaymentContradicted: Type.Object(
      { ...payment, amountFen: Fen, caseId: Id, reason: Code },
      {
        additionalProperties: false,
        description:
          'The channel’s answer contradicts the order or an earlier answer. Nothing was booked; a case is open',
      },
    ),
    RefundRefused: Type.Object(
      { ...payment, refundId: Id, amountFen: Fen, channel: Id, reason: Code, caseId: Id },
      {
        additionalProperties: false,
        description:
          'The channel does not make the refund. The money is still owed; a case is open',
      },
    ),
    RefundCompleted: Type.Object(
      {
        ...payment,
        refundId: Id,
        amountFen: Fen,
        channel: Id,
        channelReference: Id,
        refundedAt: Instant,
        bookedOn: BookedOn,
        channelDate: ChannelDate,
        way: Type.Optional(RefundWay),
      },
      {
        additionalProperties: false,
        description:
          'way: to the account it was paid from (channel), another account, by cash, by transfer',
      },
    ),
  },
});

export const paymentClearing = topic({
  name: 'payment.clearing',
  authors: ['payment'],
  description:
    'A business day, cleared: what each party is owed (positive) or owes (negative), netted.',
  keyField: 'clearingId',
  partitions: 1,
  retentionMs: 3650 * DAY_MS,
  events: {
    DayCleared: Type.Object(
      {
        clearingId: Id,
        businessDate: BusinessDate,
        clearedAt: Instant,
        parties: Type.Array(
          Type.Object(
            {
              party: Type.Union([
                Type.Literal('institution'),
                Type.Literal('insurer'),
                Type.Literal('channel'),
                Type.Literal('funder'),
                Type.Literal('bank'),
              ]),
              partyId: Type.Union([InstitutionId, PayerId, Id]),
              netFen: NetFen,
            },
            { additionalProperties: false },
          ),
        ),
      },
      { additionalProperties: false },
    ),
  },
});
