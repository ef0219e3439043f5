import { visitLedgerVisits } from '@caretab/contracts';
import type { Bus, Consumer, ReceivedMessage } from '@caretab/bus';

type Listener = (sentAtMs: number, decidedAtMs: number) => void;

/**
 * Receives the decision on each charge, as a hospital would, and how long it took. Times are
 * `performance.now()`.
 */
export class Decisions {
  private readonly waiting = new Map<string, number>();
  private readonly listeners: Listener[] = [];
  private consumer: Consumer | undefined;
  decided = 0;

  /** Begins to listen, from the first message on; goes on by itself when the bus was away. */
  async listen(bus: Bus, group: string): Promise<void> {
    this.consumer = await bus.consume(
      { group, topics: [visitLedgerVisits.name], batchSizeMax: 1000 },
      async ({ messages }) => messages.forEach((message) => this.receive(message)),
    );
  }

  async stop(): Promise<void> {
    await this.consumer?.stop();
  }

  onDecision(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** A charge goes out for the first time. */
  sent(visitId: string, chargeId: string): void {
    this.waiting.set(`${visitId}/${chargeId}`, performance.now());
  }

  /** Charges that were sent and have no decision. */
  get undecided(): number {
    return this.waiting.size;
  }

  private receive({ headers, value }: Pick<ReceivedMessage, 'headers' | 'value'>): void {
    const type = headers['ce_type'];
    if (type !== 'ChargeDeferred' && type !== 'ChargeNotDeferred') return;
    const { visitId, chargeId } = JSON.parse(value) as { visitId: string; chargeId: string };
    const sentAtMs = this.waiting.get(`${visitId}/${chargeId}`);
    if (sentAtMs === undefined) return; // Heard again after a rebalance.
    this.waiting.delete(`${visitId}/${chargeId}`);
    this.decided += 1;
    const decidedAtMs = performance.now();
    for (const listener of this.listeners) listener(sentAtMs, decidedAtMs);
  }
}
