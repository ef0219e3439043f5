import { Type } from '@sinclair/typebox';
import { BusinessDate, Fen, Id, PersonId } from '../schemas';
import { AccountToken, Channel } from './payment-shapes';
import { route } from './route';
import { closed, Moment, oneOf, orNull } from './shapes';

const LimitFen = Type.Integer({ minimum: 1, maximum: 9_007_199_254_740_991 });
const terms = {
  perPaymentFen: orNull({
    ...LimitFen,
    description: 'The most of one payment; null: the region’s',
  }),
  perDayFen: orNull({ ...LimitFen, description: 'The most of a day in China; null: the region’s' }),
  until: orNull({ ...BusinessDate, description: 'The last day; null: until it is revoked' }),
};
const Binding = closed({
  ...{ channel: Channel, token: AccountToken },
  perPaymentFen: Type.Optional(terms.perPaymentFen),
  perDayFen: Type.Optional(terms.perDayFen),
  until: Type.Optional(terms.until),
});
const Bound = closed({
  personId: PersonId,
  accountId: Id,
  channel: Type.String(),
  boundAt: Moment,
});
const ofPerson = {
  params: closed({ personId: PersonId }),
  whose: { person: 'params.personId' },
} as const;
const ofAccount = {
  params: closed({ personId: PersonId, accountId: Id }),
  whose: { person: 'params.personId' },
} as const;
const isOpen = { ...Type.Boolean(), description: 'Whether orders go by the channel' };

const Account = closed({
  ...{ accountId: Id, channel: Channel, isOpen, boundAt: Moment },
  isVerified: {
    ...Type.Boolean(),
    description: 'Whether its channel verified it when it was bound',
  },
  mandate: closed(
    {
      payee: oneOf('hospital-of-the-visit'),
      purpose: oneOf('what-is-due-for-a-visit'),
      ...{ perPaymentFen: Fen, perDayFen: Fen, until: terms.until },
      takenTodayFen: { ...Fen, description: 'Taken today, with what is under way' },
    },
    { description: 'What it may be debited for, without asking again' },
  ),
});

/** The accounts that a person pays from. */
export const paymentAccountRoutes = {
  showAccount: route({
    ...{ method: 'GET', path: '/payment/accounts/{personId}', action: 'payment-accounts.read' },
    ...ofPerson,
    summary: 'From which accounts a person pays, for what they may be debited, and whether at all',
    responses: {
      200: closed({
        personId: PersonId,
        account: orNull(
          closed({ channel: Channel, isOpen, boundAt: Moment }, { description: 'The first' }),
        ),
        accounts: Type.Array(Account, { description: 'In the order in which they are debited' }),
        mandateRevoked: Type.Boolean({ description: 'They pay each bill by themselves' }),
      }),
    },
    problems: [],
  }),
  bindAccount: route({
    ...{ method: 'PUT', path: '/payment/accounts/{personId}', action: 'payment-accounts.bind' },
    ...ofPerson,
    approval: {
      when: 'depends',
      where: 'where another is bound, and who asks is not the person',
      shows: ['channel'],
    },
    summary: 'Bind the account that is debited first, in place of the one that was',
    body: Binding,
    responses: { 200: Bound },
    problems: [
      ...(['ACCOUNT_REFUSED', 'CHANNEL_NOT_OPEN', 'CHANNEL_UNAVAILABLE'] as const),
      ...(['MANDATE_IMPOSSIBLE', 'MANDATE_REVOKED', 'PERSON_DIED'] as const),
    ],
  }),
  bindFurtherAccount: route({
    ...{ method: 'POST', path: '/payment/accounts/{personId}', action: 'payment-accounts.add' },
    ...ofPerson,
    summary: 'Bind a further account, which is debited after the others',
    body: Binding,
    responses: { 200: Bound },
    problems: [
      ...(['ACCOUNT_REFUSED', 'ACCOUNTS_TOO_MANY', 'CHANNEL_NOT_OPEN'] as const),
      ...(['CHANNEL_UNAVAILABLE', 'MANDATE_IMPOSSIBLE'] as const),
      ...(['MANDATE_REVOKED', 'PERSON_DIED'] as const),
    ],
  }),
  orderAccounts: route({
    method: 'PUT',
    path: '/payment/accounts/{personId}/order',
    action: 'payment-accounts.order',
    ...ofPerson,
    approval: { when: 'depends', where: 'where who asks is not the person' },
    summary: 'In which order accounts are debited: each of them once',
    body: closed({ accountIds: Type.Array(Id, { minItems: 1, maxItems: 20 }) }),
    responses: { 204: null },
    problems: ['ACCOUNTS_DIFFER', 'MANDATE_REVOKED', 'PERSON_DIED'],
  }),
  limitAccount: route({
    method: 'PUT',
    path: '/payment/accounts/{personId}/{accountId}/mandate',
    action: 'payment-accounts.limit',
    ...ofAccount,
    approval: {
      when: 'depends',
      where: 'where it permits more, and who asks is not the person',
      shows: ['perPaymentFen', 'perDayFen', 'until'],
    },
    summary: 'What an account may be debited for: of one payment, of a day, and until when',
    body: closed(terms),
    responses: { 204: null },
    problems: ['ACCOUNT_UNKNOWN', 'MANDATE_IMPOSSIBLE', 'MANDATE_REVOKED', 'PERSON_DIED'],
  }),
  unbindAccount: route({
    method: 'DELETE',
    path: '/payment/accounts/{personId}',
    action: 'payment-accounts.unbind',
    ...ofPerson,
    summary: 'Unbind all accounts; an order that is out ends by itself. Repeatable',
    responses: { 204: null },
    problems: [],
  }),
  unbindOneAccount: route({
    method: 'DELETE',
    path: '/payment/accounts/{personId}/{accountId}',
    action: 'payment-accounts.unbind-one',
    ...ofAccount,
    summary: 'Unbind one account; an order that is out ends by itself. Repeatable',
    responses: { 204: null },
    problems: [],
  }),
};
