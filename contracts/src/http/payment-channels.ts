import { Type } from '@sinclair/typebox';
import { PersonId } from '../schemas';
import { Channel } from './payment-shapes';
import { route } from './route';
import { closed, Moment, orNull } from './shapes';

export const paymentChannelRoutes = {
  showAccount: route({
    method: 'GET',
    path: '/payment/accounts/{personId}',
    action: 'payment-accounts.read',
    whose: { person: 'params.personId' },
    summary: 'From which account a person pays, and whether they may be debited',
    params: closed({ personId: PersonId }),
    responses: {
      200: closed({
        personId: PersonId,
        account: orNull(
          closed({
            channel: Channel,
            isOpen: { ...Type.Boolean(), description: 'Whether orders go by the channel' },
            boundAt: Moment,
          }),
        ),
        mandateRevoked: Type.Boolean({ description: 'They pay each bill by themselves' }),
      }),
    },
    problems: [],
  }),
  unbindAccount: route({
    method: 'DELETE',
    path: '/payment/accounts/{personId}',
    action: 'payment-accounts.unbind',
    whose: { person: 'params.personId' },
    summary: 'Unbind the account; an order that is out ends by itself. Repeatable',
    params: closed({ personId: PersonId }),
    responses: { 204: null },
    problems: [],
  }),
  listChannels: route({
    method: 'GET',
    path: '/payment/channels',
    action: 'payment-channels.list',
    whose: 'platform',
    unrecorded: true,
    summary:
      'The channels that accounts can be of; no new account and no order goes by a closed one',
    responses: {
      200: closed({
        channels: Type.Array(
          closed({
            id: Channel,
            name: closed({ zh: Type.String(), en: Type.String() }),
            isOpen: Type.Boolean(),
          }),
        ),
      }),
    },
    problems: [],
  }),
  pushByChannel: route({
    method: 'POST',
    path: '/payment/channels/{channel}/callback',
    action: 'payment-channels.push',
    whose: 'public',
    summary: 'A channel pushes that an order or a refund has an outcome',
    description:
      'In the form of WeChat Pay’s API of version 3: `resource` is sealed by its key. It is taken as ' +
      'a reason to ask the channel, and for nothing else; the same again changes nothing.',
    params: closed({ channel: Channel }),
    body: Type.Object({
      resource: Type.Object({
        algorithm: Type.String({ maxLength: 40 }),
        ciphertext: Type.String({ maxLength: 20_000 }),
        nonce: Type.String({ minLength: 1, maxLength: 16 }),
        associated_data: Type.Optional(Type.String({ maxLength: 32 })),
      }),
    }),
    responses: { 204: null },
    problems: ['CHANNEL_NOT_OPEN', 'SIGNATURE_WRONG'],
  }),
};
