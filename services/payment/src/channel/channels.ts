import { DomainError } from '@caretab/kernel';
import type {
  AccountOutcome,
  AccountVerifier,
  Channel,
  PaymentOrder,
  PaymentOutcome,
  RefundOrder,
  RefundOutcome,
  StatementPage,
} from './channel';
import type { ChannelBook } from './channel-book';

/** Which adapter's statement goes on, and behind what: `1 cursor`. */
const CURSOR = /^(\d{1,2})(?: (.*))?$/s;

/**
 * Every order goes by its own channel, and is asked for there. Channels of one adapter share it: the
 * acquirer's. A channel that the file no longer names goes on by the acquirer, which had all of them.
 */
export class Channels implements Channel, AccountVerifier {
  private readonly adapters: readonly Channel[];

  constructor(
    private readonly book: ChannelBook,
    private readonly acquirer: Channel & AccountVerifier,
    private readonly others: ReadonlyMap<string, Channel>,
  ) {
    this.adapters = [acquirer, ...others.values()];
  }

  async verify(account: Pick<PaymentOrder, 'accountToken' | 'channel'>): Promise<AccountOutcome> {
    return this.book.verifies(account.channel)
      ? this.acquirer.verify(account)
      : { status: 'not-offered' };
  }

  pay(order: PaymentOrder): Promise<PaymentOutcome> {
    return this.of(order).pay(order);
  }

  findPayment(
    order: Pick<PaymentOrder, 'orderId' | 'amountFen' | 'channel'>,
  ): Promise<PaymentOutcome> {
    return this.of(order).findPayment(order);
  }

  refund(order: RefundOrder): Promise<RefundOutcome> {
    return this.of(order).refund(order);
  }

  findRefund(order: RefundOrder): Promise<RefundOutcome> {
    return this.of(order).findRefund(order);
  }

  /** The statements of all, one after the other. Throws CHANNEL_UNAVAILABLE (conflict). */
  async statement(date: string, after = '0'): Promise<StatementPage> {
    const [, place, behind] = CURSOR.exec(after) ?? [];
    const index = Number(place);
    const adapter = this.adapters[index];
    if (!adapter) throw new DomainError('CHANNEL_UNAVAILABLE', 'conflict', { date });
    const { entries, next } = await adapter.statement(date, behind);
    if (next !== undefined) return { entries, next: `${index} ${next}` };
    return index + 1 < this.adapters.length ? { entries, next: String(index + 1) } : { entries };
  }

  private of({ channel }: { readonly channel: string }): Channel {
    const kind = this.book.find(channel)?.kind ?? 'acquirer';
    return (kind === 'acquirer' ? undefined : this.others.get(channel)) ?? this.acquirer;
  }
}
