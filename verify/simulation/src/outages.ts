import type { Timers } from '@caretab/kernel';

/** While it lasts, the acquirer answers 401. */
export const KEY_REJECTED = 'acquirer key';

/**
 * What is away for a while: `database <service>`, `disk <service>`, `tables <service>`, `events`,
 * `bus`, `acquirer`, `acquirer key`.
 */
export class Outages {
  private readonly endsAtMs = new Map<string, number>();

  constructor(private readonly nowMs: () => number) {}

  begin(what: string, forMs: number): void {
    this.endsAtMs.set(what, Math.max(this.endsAtMs.get(what) ?? 0, this.nowMs() + forMs));
  }

  has(what: string): boolean {
    return this.endsAtMs.size > 0 && this.leftMs(what) > 0;
  }

  leftMs(what: string): number {
    return (this.endsAtMs.get(what) ?? 0) - this.nowMs();
  }

  async over(what: string, timers: Timers): Promise<void> {
    while (this.has(what)) await timers.sleep(this.leftMs(what));
  }

  endAll(): void {
    this.endsAtMs.clear();
  }
}
