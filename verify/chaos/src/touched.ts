/** What others than the ledger did to the stream of one visit. */
export interface Touched {
  readonly visitId: string;
  readonly stream: string;
  readonly kind: 'foreign' | 'forged' | 'truncated';
  /** Of the event that they wrote; of the last one that they took away. */
  readonly revision: number;
  /** The event that they wrote. */
  readonly eventId?: string;
}

/** What others did in a run, in its order: by it audits know a fault that is not the ledger's. */
export class OtherHands {
  readonly touched: Touched[] = [];
  /** How often the log was put back to an older copy for a while. */
  olderCopies = 0;
  /** Processes that were started on it, and ended. */
  startsRefused = 0;

  get visitIds(): string[] {
    return this.touched.map(({ visitId }) => visitId);
  }
}
