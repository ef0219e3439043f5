import type { ContractMessage } from '@caretab/contracts';
import type { EventStore, RecordedEvent } from '@caretab/event-store';
import { type Bus, publish } from '@caretab/bus';
import type { Store } from '@caretab/store';
import type { SetAside } from '../set-aside/set-aside';
import { Checkpoints, pendingAfter, VISIT_STREAMS } from '../views/checkpoints';
import { type Candidate, Leadership } from '../views/leadership';
import { isFact } from './stored-facts';
import { publicMessage } from './visit.publisher';

/**
 * Follows the event store and publishes its public facts, in order; restarts where it stopped. Of
 * several processes one leads. A leader that was replaced unawares sends again what the next one has
 * sent too: the same ids, in the same order.
 */
export class VisitPublication {
  private readonly checkpoint: Checkpoints;
  private readonly leadership: Leadership;
  /** Up to here the bus has taken what this process sent. */
  private sentTo = 0n;

  constructor(
    private readonly events: EventStore,
    private readonly bus: Bus,
    private readonly store: Store,
    candidate: Candidate,
    private readonly setAside?: Pick<SetAside, 'isBehindFault' | 'refresh'>,
  ) {
    this.checkpoint = new Checkpoints('publication', candidate.storeId);
    this.leadership = new Leadership(store, this.checkpoint, candidate, (after, onTurn) =>
      this.events.subscribe({ after, batchSizeMax: 500, onTurn, ...VISIT_STREAMS }, (batch) =>
        this.publish(batch),
      ),
    );
  }

  /** Throws CheckpointOfAnotherStore. */
  async start(): Promise<void> {
    await this.checkpoint.resume(this.store, this.events);
    await this.leadership.start();
  }

  async stop(): Promise<void> {
    await this.leadership.stop();
  }

  /** Whether this process publishes; any other stands by. */
  get leads(): boolean {
    return this.leadership.leads;
  }

  /** Up to where the facts are published, by whichever process. */
  position(): Promise<bigint> {
    return this.leadership.position();
  }

  /** Facts not yet published, counted up to 100. */
  async pending(): Promise<number> {
    return pendingAfter(this.events, await this.position());
  }

  private async publish(batch: readonly RecordedEvent[]): Promise<void> {
    if (!this.leads) return;
    // What a failure or a crash took back of the checkpoint alone is not sent again.
    const fresh = batch.filter(({ position }) => position > this.sentTo);
    if (fresh.length > 0) await this.send(fresh);
    this.sentTo = fresh.at(-1)?.position ?? this.sentTo;
    await this.leadership.commit(batch, async () => undefined);
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
