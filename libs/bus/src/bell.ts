import { OVER, type Timers } from '@caretab/kernel';

/** A wait that can be cut short. A ring without a waiter is kept for the next wait. */
export class Bell {
  private isRung = false;
  private current = new AbortController();

  constructor(private readonly timers: Timers) {}

  ring(): void {
    if (this.isRung) return;
    this.isRung = true;
    this.current.abort(OVER);
  }

  /** True when it was rung, false when the time is over. */
  async wait(durationMs: number): Promise<boolean> {
    if (!this.isRung) await this.timers.sleep(durationMs, this.current.signal);
    const wasRung = this.isRung;
    this.isRung = false;
    if (wasRung) this.current = new AbortController();
    return wasRung;
  }
}
