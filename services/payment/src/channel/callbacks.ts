import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import type { Declarations } from '../collection/declarations';
import { AT_ONCE } from '../collection/owed';
import { orderTable } from '../collection/order.table';
import { refundTable } from '../refund/refund.table';
import type { ChannelWatch } from './channel-watch';
import { openedCallback, type Pushed, type WechatCallback } from './wechat/callback';

/** Outcomes that a channel asks itself about meanwhile: the collector's. */
const OPEN = 'sending';

/**
 * What channels push. It is a reason to ask, and nothing else: the channel is asked for the order, and
 * its signed answer is recorded as any inquiry's. So one that is late, doubled or sent by another
 * changes nothing.
 */
export class Callbacks {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly watch: Pick<ChannelWatch, 'forged'>;
      readonly declarations: Pick<Declarations, 'inquire'>;
      /** Of channels that push. */
      readonly keys: ReadonlyMap<string, Buffer>;
    },
  ) {}

  /**
   * Returns whether a refund is to be asked for, which its worker does. Throws CHANNEL_NOT_OPEN
   * (unprocessable): the channel pushes nothing; SIGNATURE_WRONG (unauthenticated).
   */
  async take(channel: string, pushed: WechatCallback): Promise<{ readonly refund: boolean }> {
    const { orderId, refundId } = this.opened(channel, pushed);
    if (refundId !== undefined) return { refund: await this.askForRefund(channel, refundId) };
    if (orderId === undefined) return { refund: false };
    const order = await this.parts.store.transact((transaction) =>
      transaction.rows(orderTable).get({ orderId }),
    );
    if (order?.channel === channel && order.status === OPEN)
      await this.parts.declarations.inquire(orderId);
    return { refund: false };
  }

  private opened(channel: string, pushed: WechatCallback): Pushed {
    const { keys, watch } = this.parts;
    const key = keys.get(channel);
    if (!key)
      throw new DomainError('CHANNEL_NOT_OPEN', 'unprocessable', {
        ...{ field: '/channel', why: 'no channel of this name pushes' },
        remedy: 'check apiKeyFile of the channel in PAYMENT_CHANNELS_FILE',
      });
    try {
      return openedCallback(pushed, key);
    } catch (error) {
      watch.forged(channel);
      throw error;
    }
  }

  private askForRefund(channel: string, refundId: string): Promise<boolean> {
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(refundTable);
      const row = await rows.get({ refundId }, { lock: 'wait' });
      if (row?.channel !== channel || row.status !== OPEN) return false;
      await rows.save({ ...row, nextAttemptAt: AT_ONCE });
      return true;
    });
  }
}
