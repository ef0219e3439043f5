import { Type } from '@sinclair/typebox';
import { Channel } from './payment-shapes';
import { route } from './route';
import { closed } from './shapes';

export const paymentChannelRoutes = {
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
