import { TypeOrmStore } from '@caretab/store';
import { ChannelGateway } from '../src/channel/channel.gateway';
import { till } from './till';
import { payment } from '../src';

/** Where a payment service finds its rows and its acquirer. */
export interface Place {
  readonly url: string;
  readonly schema: string;
  readonly acquirerUrl: string;
}

export const ACQUIRER_SECRET = 'an acquirer secret';
const TIMEOUT_MS = 600;

/**
 * Payment over real rows and real HTTP; `aheadMs`: how far its clock is ahead, so that no test
 * waits for a lease.
 */
export const paymentAt = async ({ url, schema, acquirerUrl }: Place, aheadMs = (): number => 0) => {
  const store = await TypeOrmStore.open({
    url,
    schema,
    tables: payment.tables,
    migrations: payment.migrations,
  });
  const clock = {
    now: () => new Date(Date.now() + aheadMs()),
    advance: () => undefined,
    set: () => undefined,
  };
  const channel = new ChannelGateway({
    url: acquirerUrl,
    secret: ACQUIRER_SECRET,
    timeoutMs: TIMEOUT_MS,
    clock,
  });
  return { ...till({ store, clock, channel: () => channel }), store };
};

/** Run as a process of its own: sends the refunds that are due, once. */
export const run = async (place: string, aheadMs: string): Promise<void> => {
  const { refunder } = await paymentAt(JSON.parse(place) as Place, () => Number(aheadMs));
  process.send!('sends refunds');
  await refunder.runOnce();
  process.send!('sent refunds');
};
