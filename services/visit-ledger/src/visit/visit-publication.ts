import { AsyncLocalStorage } from 'node:async_hooks';
import type { Bus, Message } from '@caretab/messaging';
import type { EventStore, RecordedEvent, Subscription } from '@caretab/event-store';
import type { Store } from '@caretab/postgres';
import { checkpointTable } from '../views/checkpoint.table';
import { publicMessage } from './visit.publisher';

const NAME = 'publication';

/** Follows the event store and sends what others may hear, in order; restarts where it stopped. Where several processes follow, one sends and the others find it sent. */
export class VisitPublication {
  private subscription: Subscription | undefined;
  private position = 0n;
  /** Whom a message wakes must not take the checkpoint's transaction for its own. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(private readonly events: EventStore, private readonly bus: Bus, private readonly store: Store) {}

  async start(): Promise<void> {
    const checkpoint = await this.store.transact((transaction) => transaction.rows(checkpointTable).get({ name: NAME }));
    this.position = BigInt(checkpoint?.position ?? '0');
    this.subscription = this.events.subscribe({ after: this.position, streamPrefix: 'visit-', batchSizeMax: 500, breathMs: 10 }, (batch) => this.publish(batch));
  }

  async stop(): Promise<void> {
    await this.subscription?.stop();
  }

  /** Facts not yet published, counted up to 100. */
  async pending(): Promise<number> {
    const ahead = await this.events.readAll({ after: this.position, countMax: 100, streamPrefix: 'visit-' });
    return ahead.length;
  }

  private async publish(batch: readonly RecordedEvent[]): Promise<void> {
    const position = batch.at(-1)!.position;
    await this.store.transact(async (transaction) => {
      const checkpoint = await transaction.rows(checkpointTable).get({ name: NAME }, { lock: 'wait' });
      const sent = BigInt(checkpoint?.position ?? '0');
      if (position <= sent) return;
      await this.outside(() => this.send(batch.filter((event) => event.position > sent)));
      await transaction.rows(checkpointTable).save({ name: NAME, position: position.toString() });
    });
    this.position = position;
  }

  private async send(events: readonly RecordedEvent[]): Promise<void> {
    const byTopic = new Map<string, Message[]>();
    for (const event of events) {
      const translated = publicMessage(event);
      if (!translated) continue;
      const messages = byTopic.get(translated.topic) ?? [];
      messages.push({ key: translated.key, headers: translated.headers, value: JSON.stringify(translated.value) });
      byTopic.set(translated.topic, messages);
    }
    for (const [topic, messages] of byTopic) await this.bus.send(topic, messages);
  }
}
