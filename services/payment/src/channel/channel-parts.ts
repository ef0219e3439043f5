import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceParts } from '@caretab/host';
import type { Provider } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { CollectionPolicy } from '../collection/policy';
import type { PaymentConfig } from '../config';
import { alipayChannels } from './alipay/alipay-channels';
import { Callbacks } from './callbacks';
import { ChannelBook, channelBookOf } from './channel-book';
import { ChannelGateway } from './channel.gateway';
import { ChannelWatch } from './channel-watch';
import { Channels } from './channels';
import { callbackKeys, wechatChannels } from './wechat/wechat-channels';

type Config = Static<typeof PaymentConfig>;

const bookOf = ({ config }: ServiceParts<Config>): ChannelBook => {
  const file = config.PAYMENT_CHANNELS_FILE ?? join(__dirname, '../../data/channels.json');
  const name = config.PAYMENT_CHANNELS_FILE ?? 'services/payment/data/channels.json';
  return channelBookOf(name, readFileSync(file, 'utf8'));
};

const acquirerOf = ({ config, clock, fetch }: ServiceParts<Config>): ChannelGateway =>
  new ChannelGateway({
    url: config.PAYMENT_ACQUIRER_URL,
    secret: config.PAYMENT_ACQUIRER_SECRET,
    timeoutMs: config.PAYMENT_ACQUIRER_TIMEOUT_MS,
    statementTimeoutMs: config.PAYMENT_STATEMENT_TIMEOUT_MS,
    clock,
    fetch,
  });

/** The channels of the region, and what watches over them. */
export const channelsOf = (parts: ServiceParts<Config>, { circuit }: CollectionPolicy) => {
  const { clock, logger } = parts;
  const channels = bookOf(parts);
  const watch = new ChannelWatch({ clock, policy: circuit, logger });
  const others = new Map([
    ...wechatChannels(parts, channels, watch),
    ...alipayChannels(parts, channels, watch),
  ]);
  return { channels, watch, channel: new Channels(channels, acquirerOf(parts), others) };
};

/** What the doors about channels ask. */
export const channelProviders = (
  channels: ChannelBook,
  parts: Omit<ConstructorParameters<typeof Callbacks>[0], 'keys'>,
): Provider[] => [
  { provide: ChannelBook, useValue: channels },
  { provide: Callbacks, useValue: new Callbacks({ ...parts, keys: callbackKeys(channels) }) },
];
