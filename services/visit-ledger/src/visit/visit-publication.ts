import { AsyncLocalStorage } from 'node:async_hooks';
import type { ContractMessage } from '@caretab/contracts';
import type { EventStore, RecordedEvent, Subscription } from '@caretab/event-store';
import { type Bus, publish } from '@caretab/bus';
import type { Store, Transaction } from '@caretab/store';
import type { SetAside } from '../set-aside/set-aside';
import {
  Checkpoints,
  pendingAfter,
  type Place,
  placeAfter,
  VISIT_STREAMS,
} from '../views/checkpoints';
import { isFact } from './stored-facts';
import { publicMessage } from './visit.publisher';

/**
 * Follows the event store and publishes its public facts, in order; restarts where it stopped.
 * Where several processes follow, one sends and the others find it sent.
 */
export class VisitPublication {
  private subscription: Subscription | undefined;
  private position = 0n;
  /** Of the last batch, and up to where the checkpoint is on disk. */
  private place: Place | undefined;
  private flushedTo = 0n;
  /** Whom a message wakes must not take the checkpoint's transaction for its own. */
  private readonly outside = AsyncLocalStorage.snapshot();

  private readonly checkpoint: Checkpoints;

  /** `storeId` says which event store `events` is. */
  constructor(
    private readonly events: EventStore,
    private readonly bus: Bus,
    private readonly store: Store,
    storeId: string,
    private readonly setAside?: Pick<SetAside, 'isBehindFault' | 'refresh'>,
  ) {
    this.checkpoint = new Checkpoints('publication', storeId);
  }

  /** Throws CheckpointOfAnotherStore. */
  async start(): Promise<void> {
    this.position = await this.checkpoint.resume(this.store, this.events);
    this.subscription = this.events.subscribe(
      { after: this.position, batchSizeMax: 500, ...VISIT_STREAMS },
      (batch) => this.publish(batch),
    );
  }

  async stop(): Promise<void> {
    await this.subscription?.stop();
  }

  /** Facts not yet published, counted up to 100. */
  pending(): Promise<number> {
    return pendingAfter(this.events, this.position);
  }

  private async publish(batch: readonly RecordedEvent[]): Promise<void> {
    const place = placeAfter(batch, this.position);
    const { position } = place;
    const sendFresh = async (transaction: Transaction): Promise<void> => {
      const stored = await this.checkpoint.read(transaction, 'wait');
      // A crash of the database may have lost the checkpoint, and not what this process has sent.
      const sent = stored < this.position ? this.position : stored;
      if (position <= sent) return;
      const fresh = batch.filter((event) => event.position > sent);
      await this.outside(() => this.send(fresh));
      await this.checkpoint.write(transaction, placeAfter(fresh, sent));
    };
    // The messages are on the bus's disk by then; sent again they are recognised by their ids.
    await this.store.transact(sendFresh, { commit: 'asynchronous' });
    this.position = position;
    this.place = place;
  }

  /**
   * Brings the checkpoint to the disk, and writes again what a crash of the database took back:
   * nothing else would where no further fact comes. Returns 0: a job that waits for its interval.
   */
  async flush(): Promise<0> {
    const { place } = this;
    if (!place || place.position === this.flushedTo) return 0;
    await this.store.transact(async (transaction) => {
      const stored = await this.checkpoint.read(transaction, 'wait');
      if (stored < place.position) await this.checkpoint.write(transaction, place);
      else await this.checkpoint.touch(transaction);
    });
    this.flushedTo = place.position;
    return 0;
  }

  /**
   * What is behind a fault is passed by, and published when its visit goes on. Another process may
   * have ended that a moment ago: what is passed by is looked up first.
   */
  private async send(events: readonly RecordedEvent[]): Promise<void> {
    const isPassedBy = (event: RecordedEvent): boolean =>
      this.setAside?.isBehindFault(event) ?? false;
    if (events.some(isPassedBy)) await this.setAside!.refresh();
    const byTopic = new Map<string, ContractMessage[]>();
    for (const event of events) {
      if (!isFact(event) || isPassedBy(event)) continue;
      const translated = publicMessage(event);
      if (!translated) continue;
      const messages = byTopic.get(translated.topic) ?? [];
      messages.push(translated);
      byTopic.set(translated.topic, messages);
    }
    for (const [topic, messages] of byTopic)
      await publish({ bus: this.bus, service: 'visit-ledger' }, topic, messages);
  }
}
