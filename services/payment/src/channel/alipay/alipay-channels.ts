import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { ServiceParts } from '@caretab/host';
import type { Static } from '@sinclair/typebox';
import type { PaymentConfig } from '../../config';
import type { Channel } from '../channel';
import type { AlipayTerms, ChannelBook, ChannelTerms } from '../channel-book';
import type { ChannelWatch } from '../channel-watch';
import { keyOf } from '../key-file';
import { AlipayChannel } from './alipay.adapter';

const isAlipay = (channel: ChannelTerms): channel is AlipayTerms => channel.kind === 'alipay';

/** An adapter for each channel of this kind. Throws an Error of one sentence where a key is missing. */
export const alipayChannels = (
  { config, clock, fetch }: ServiceParts<Static<typeof PaymentConfig>>,
  { channels }: ChannelBook,
  watch: Pick<ChannelWatch, 'forged'>,
): readonly (readonly [string, Channel])[] =>
  channels.filter(isAlipay).map(({ id, url, appId, privateKeyFile, platformKeyFiles }) => [
    id,
    new AlipayChannel({
      ...{ url, appId, clock, fetch },
      privateKey: keyOf(id, privateKeyFile, createPrivateKey),
      platformKeys: platformKeyFiles.map((file) => keyOf(id, file, createPublicKey)),
      timeoutMs: config.PAYMENT_ACQUIRER_TIMEOUT_MS,
      statementTimeoutMs: config.PAYMENT_STATEMENT_TIMEOUT_MS,
      forged: () => watch.forged(id),
    }),
  ]);
