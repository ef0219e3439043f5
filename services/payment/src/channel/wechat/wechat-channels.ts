import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServiceParts } from '@caretab/host';
import type { Static } from '@sinclair/typebox';
import type { PaymentConfig } from '../../config';
import type { Channel } from '../channel';
import type { ChannelBook, ChannelTerms, WechatTerms } from '../channel-book';
import type { ChannelWatch } from '../channel-watch';
import { keyOf } from '../key-file';
import { WechatChannel } from './wechat.adapter';

const isWechat = (channel: ChannelTerms): channel is WechatTerms => channel.kind === 'wechat';

const API_KEY_BYTES = 32;

/** By which what each channel pushes is sealed. Throws an Error of one sentence where one is no key. */
export const callbackKeys = ({ channels }: ChannelBook): ReadonlyMap<string, Buffer> =>
  new Map(
    channels.filter(isWechat).flatMap(({ id, apiKeyFile }): [string, Buffer][] => {
      if (apiKeyFile === undefined) return [];
      const key = Buffer.from(readFileSync(apiKeyFile, 'utf8').trim());
      if (key.length !== API_KEY_BYTES)
        throw new Error(`The key ${apiKeyFile} of the channel ${id} has not 32 characters.`);
      return [[id, key]];
    }),
  );

/** An adapter for each channel of this kind. Throws an Error of one sentence where a key is missing. */
export const wechatChannels = (
  { config, clock, fetch }: ServiceParts<Static<typeof PaymentConfig>>,
  { channels }: ChannelBook,
  watch: Pick<ChannelWatch, 'forged'>,
): readonly (readonly [string, Channel])[] =>
  channels.filter(isWechat).map((terms) => [
    terms.id,
    new WechatChannel({
      ...{ url: terms.url, appId: terms.appId, clock, fetch },
      ...{ merchantId: terms.merchantId, serial: terms.serial },
      privateKey: keyOf(terms.id, terms.privateKeyFile, createPrivateKey),
      platformKeys: new Map(
        Object.entries(terms.platformKeyFiles).map(([serial, file]) => [
          serial,
          keyOf(terms.id, file, createPublicKey),
        ]),
      ),
      timeoutMs: config.PAYMENT_ACQUIRER_TIMEOUT_MS,
      statementTimeoutMs: config.PAYMENT_STATEMENT_TIMEOUT_MS,
      forged: () => watch.forged(terms.id),
    }),
  ]);
