import { Type } from '@sinclair/typebox';
import { Fen, Id, SignedFen, VisitId } from '../schemas';
import { closed, Count, Moment, oneOf, orNull } from './shapes';

export const Channel = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,30}$',
  description: 'Channel of the account, e.g. unionpay',
});
export const AccountToken = Type.String({
  minLength: 1,
  maxLength: 120,
  description: "The channel's token for the account, never its number",
});

/** What is due, paid, refunded and owed for a visit, with every order and refund. */
export const VisitPayment = closed({
  visitId: VisitId,
  paymentId: Id,
  status: oneOf(
    'due',
    'sending',
    'unresolved',
    'paid',
    'declined',
    'refund-owed',
    'awaiting-confirmation',
    'disputed',
    'written-off',
    'lent',
    'in-review',
  ),
  dueFen: Fen,
  paidFen: Fen,
  refundedFen: Fen,
  owedFen: { ...SignedFen, description: 'Due − lent − paid + refunded, in fen' },
  lentFen: { ...Fen, description: 'Of the due: a bank lends it and collects it itself, in fen' },
  lender: closed(
    { party: oneOf('funder', 'institution', 'bank'), partyId: Type.String() },
    { description: 'Who waits for what is due: a fund, the hospital itself, or a bank' },
  ),
  writtenOffFen: { ...Fen, description: 'Of what is owed: no longer collected, in fen' },
  refundOwedFen: { ...Fen, description: 'Asked back and not yet back, in fen' },
  nextAttemptAt: orNull(Moment),
  declineReason: orNull(Type.String()),
  orders: Type.Array(
    closed({
      orderId: Id,
      attempt: Count,
      amountFen: Fen,
      capturedFen: { ...Fen, description: 'What the channel captured; less than ordered: a part' },
      channel: Type.String(),
      status: oneOf('sending', 'captured', 'declined', 'failed'),
      reason: orNull(Type.String()),
      startedAt: Moment,
      endedAt: orNull(Moment),
    }),
  ),
  refunds: Type.Array(
    closed({
      refundId: Id,
      orderId: Id,
      amountFen: Fen,
      way: oneOf('channel', 'account', 'cash', 'transfer'),
      status: oneOf('due', 'sending', 'completed', 'refused', 'void'),
      reason: orNull(Type.String()),
      refundedAt: orNull(Moment),
    }),
  ),
});
