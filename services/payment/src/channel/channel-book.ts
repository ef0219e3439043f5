import { dataOf } from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { COUNTER } from '../collection/order.table';
import { type Static, Type } from '@sinclair/typebox';

const named = {
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,30}$' }),
  name: Type.Object(
    { zh: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) },
    { additionalProperties: false },
  ),
  /** Whether accounts are bound to it and new orders go by it; what is out goes on either way. */
  isOpen: Type.Boolean(),
};
const Url = Type.String({ pattern: '^https?://[^/?#]+$' });
const File = Type.String({ minLength: 1 });

/** By the acquirer of PAYMENT_ACQUIRER_URL, whatever the channel is called there. */
const ByAcquirer = Type.Object(
  {
    ...named,
    kind: Type.Literal('acquirer'),
    /** Whether it is asked about an account before it is bound; absent: it is not. */
    verifies: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
/** In the shape of WeChat Pay's API of version 3; files of keys are PEM. */
const ByWechat = Type.Object(
  {
    ...named,
    kind: Type.Literal('wechat'),
    url: Url,
    appId: Type.String({ minLength: 1, maxLength: 32 }),
    merchantId: Type.String({ pattern: '^\\d{1,32}$' }),
    /** Of our certificate there, in hex. */
    serial: Type.String({ pattern: '^[0-9A-F]{1,64}$' }),
    privateKeyFile: File,
    /** The key of API version 3, 32 characters, which seals what they push; without it nothing is taken. */
    apiKeyFile: Type.Optional(File),
    /** Their public keys by serial number or id: the old one and the new one while they change. */
    platformKeyFiles: Type.Record(Type.String({ minLength: 1 }), File),
  },
  { additionalProperties: false },
);
/** In the shape of Alipay's gateway; files of keys are PEM. */
const ByAlipay = Type.Object(
  {
    ...named,
    kind: Type.Literal('alipay'),
    /** Of the gateway, with its path. */
    url: Type.String({ pattern: '^https?://[^?#]+$' }),
    appId: Type.String({ minLength: 1, maxLength: 32 }),
    privateKeyFile: File,
    /** Their public keys: the old one and the new one while they change. */
    platformKeyFiles: Type.Array(File, { minItems: 1, maxItems: 4 }),
  },
  { additionalProperties: false },
);
export const ChannelsFile = Type.Object(
  {
    channels: Type.Array(Type.Union([ByAcquirer, ByWechat, ByAlipay]), {
      minItems: 1,
      maxItems: 50,
    }),
  },
  { additionalProperties: false },
);

export type ChannelTerms = Static<typeof ChannelsFile>['channels'][number];
export type WechatTerms = ChannelTerms & { readonly kind: 'wechat' };
export type AlipayTerms = ChannelTerms & { readonly kind: 'alipay' };

/** The channels of a region, as its file names them. */
export class ChannelBook {
  private readonly byId: ReadonlyMap<string, ChannelTerms>;

  constructor(readonly channels: readonly ChannelTerms[]) {
    this.byId = new Map(channels.map((channel) => [channel.id, channel]));
  }

  find(id: string): ChannelTerms | undefined {
    return this.byId.get(id);
  }

  isOpen(id: string): boolean {
    return this.byId.get(id)?.isOpen ?? false;
  }

  verifies(id: string): boolean {
    const channel = this.byId.get(id);
    return channel?.kind === 'acquirer' && channel.verifies === true;
  }

  /** Throws CHANNEL_NOT_OPEN (unprocessable): no such channel, or it takes no new accounts. */
  mustBeOpen(id: string): void {
    if (this.isOpen(id)) return;
    const open = this.channels.filter(({ isOpen }) => isOpen).map((channel) => channel.id);
    throw new DomainError('CHANNEL_NOT_OPEN', 'unprocessable', {
      field: '/channel',
      why: this.byId.has(id) ? 'the channel is closed' : 'there is no such channel',
      remedy: `name one of: ${open.join(', ')}`,
    });
  }

  /**
   * Money goes back by the party that took it: by the same channel, or another of the same acquirer.
   * Throws CHANNEL_NOT_OPEN (unprocessable).
   */
  mustTakeBack(id: string, paidBy: string): void {
    this.mustBeOpen(id);
    const [kind, kindOfPaid] = [this.byId.get(id)!.kind, this.byId.get(paidBy)?.kind ?? 'acquirer'];
    const isTheirs = id === paidBy || (kind === 'acquirer' && kindOfPaid === 'acquirer');
    if (isTheirs && paidBy !== COUNTER) return;
    throw new DomainError('CHANNEL_NOT_OPEN', 'unprocessable', {
      field: '/channel',
      why: 'another party took the money, and no money goes back by this one',
      remedy: 'name an account of the channel that took it, or pay it by transfer',
    });
  }
}

/** Reads a file of channels. Throws an Error of one sentence for who starts the service. */
export const channelBookOf = (name: string, text: string): ChannelBook => {
  const { channels } = dataOf(name, text, ChannelsFile);
  const ids = channels.map(({ id }) => id);
  const again = ids.find((id, index) => ids.indexOf(id) !== index);
  if (again !== undefined)
    throw new Error(`The data file ${name} is wrong: the channel ${again} stands there twice.`);
  if (ids.includes(COUNTER))
    throw new Error(
      `The data file ${name} is wrong: ${COUNTER} stands for hospitals' own counters.`,
    );
  return new ChannelBook(channels);
};
