import { DomainError, OVER, type Timers } from '@caretab/kernel';

export interface AdmissionLimits {
  /** At work at once. */
  readonly inWorkMax: number;
  /** Of these, of one institution: what is slow about one must leave room for the others. */
  readonly perInstitutionMax: number;
  /** Waiting for their turn. */
  readonly waitingMax: number;
}

/** To be called once, when the work is over. */
export type Leave = () => void;

interface Waiter {
  readonly admit: () => void;
  readonly refuse: () => void;
}

/** One institution's submissions that are here now. */
interface InstitutionQueue {
  inWork: number;
  readonly waiting: Waiter[];
}

const RETRY_AFTER_S = 1;

export const overloaded = (why: string, retryAfterSeconds: number): DomainError =>
  new DomainError('OVERLOADED', 'overloaded', {
    why,
    remedy: 'send the same again later',
    retryAfterSeconds,
  });

/**
 * Bounds concurrent submissions and the queue behind them. A free slot goes to the institution with
 * the fewest running, so that a flooding sender gets what the others leave. When the queue is full,
 * the longest institution's queue loses its last.
 */
export class Admission {
  /** Those who were served last stand last. */
  private readonly queues = new Map<string, InstitutionQueue>();
  private inWork = 0;
  private waiting = 0;
  /** Sent away so far. */
  refused = 0;

  constructor(
    private readonly limits: AdmissionLimits,
    private readonly timers: Timers,
  ) {}

  /**
   * Resolves when the work may begin. Throws OVERLOADED (overloaded) when there is no room to wait,
   * or no turn within `waitMs`. `gone` ends the waiting; it is asked for where there is any.
   */
  async enter(institutionId: string, waitMs: number, gone?: () => AbortSignal): Promise<Leave> {
    const line = this.queues.get(institutionId) ?? { inWork: 0, waiting: [] };
    this.queues.set(institutionId, line);
    if (this.hasPlace(line)) this.begin(institutionId, line);
    else await this.turn(institutionId, line, waitMs, gone?.());
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.end(institutionId, line);
    };
  }

  /** What is here now, for metrics. */
  get counts(): { readonly inWork: number; readonly waiting: number; readonly refused: number } {
    return { inWork: this.inWork, waiting: this.waiting, refused: this.refused };
  }

  private hasPlace(line: InstitutionQueue): boolean {
    return this.inWork < this.limits.inWorkMax && line.inWork < this.limits.perInstitutionMax;
  }

  private begin(institutionId: string, line: InstitutionQueue): void {
    this.inWork += 1;
    line.inWork += 1;
    this.queues.delete(institutionId);
    this.queues.set(institutionId, line);
  }

  private end(institutionId: string, line: InstitutionQueue): void {
    this.inWork -= 1;
    line.inWork -= 1;
    this.forgetEmpty(institutionId, line);
    this.serve();
  }

  private serve(): void {
    for (let next = this.next(); next; next = this.next()) {
      const [institutionId, line] = next;
      const waiter = line.waiting.shift()!;
      this.begin(institutionId, line);
      waiter.admit();
    }
  }

  private next(): readonly [string, InstitutionQueue] | undefined {
    let best: readonly [string, InstitutionQueue] | undefined;
    for (const entry of this.queues)
      if (
        entry[1].waiting.length > 0 &&
        this.hasPlace(entry[1]) &&
        !(best && best[1].inWork <= entry[1].inWork)
      )
        best = entry;
    return best;
  }

  private async turn(
    institutionId: string,
    line: InstitutionQueue,
    waitMs: number,
    gone: AbortSignal | undefined,
  ): Promise<void> {
    this.makeRoom(institutionId, line);
    const over = new AbortController();
    const ended = (): void => over.abort(OVER);
    gone?.addEventListener('abort', ended);
    this.waiting += 1;
    try {
      await new Promise<void>((resolve, reject) => {
        const waiter: Waiter = { admit: resolve, refuse: () => reject(this.refusal()) };
        line.waiting.push(waiter);
        void this.timers.sleep(gone?.aborted ? 0 : waitMs, over.signal).then(() => {
          const place = line.waiting.indexOf(waiter);
          if (place >= 0) line.waiting.splice(place, 1)[0]!.refuse();
        });
      });
    } finally {
      this.waiting -= 1;
      gone?.removeEventListener('abort', ended);
      ended();
      this.forgetEmpty(institutionId, line);
    }
  }

  private makeRoom(institutionId: string, line: InstitutionQueue): void {
    if (this.waiting < this.limits.waitingMax) return;
    const longest = [...this.queues.values()].reduce((one, other) =>
      other.waiting.length > one.waiting.length ? other : one,
    );
    if (longest.waiting.length > line.waiting.length + 1) return longest.waiting.pop()!.refuse();
    this.forgetEmpty(institutionId, line);
    throw this.refusal();
  }

  private refusal(): DomainError {
    this.refused += 1;
    return overloaded('too many requests at once', RETRY_AFTER_S);
  }

  private forgetEmpty(institutionId: string, line: InstitutionQueue): void {
    if (line.inWork === 0 && line.waiting.length === 0 && this.queues.get(institutionId) === line)
      this.queues.delete(institutionId);
  }
}
