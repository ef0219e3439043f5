/** When a receiver is left alone for a while, and for how long. All times are ms. */
export interface ReceiverPolicy {
  /** The circuit opens after so many failures in a row, for `delaysMs` in turn. */
  readonly circuit: { readonly failuresMin: number; readonly delaysMs: readonly number[] };
  /** Whose last answer took longer than `answerMs` is sent at most `lanesMax` notices at once. */
  readonly slow: {
    readonly answerMs: number;
    readonly lanesMax: number;
    readonly delayMs: number;
  };
}

/** What came of a notice that was sent. An answer that refuses it is an answer all the same. */
export interface Answer {
  readonly isAnswer: boolean;
  readonly tookMs: number;
  readonly now: Date;
}

interface Receiver {
  readonly inWork: number;
  /** Failures in a row. */
  readonly failures: number;
  readonly isSlow: boolean;
  /** When the open circuit lets the next one through. */
  readonly nextAtMs: number;
}

const UNKNOWN: Receiver = { inWork: 0, failures: 0, isSlow: false, nextAtMs: 0 };

/**
 * How each webhook receiver answers this process, so that one which is away or slow delays no other:
 * a circuit breaker and a limit of lanes for each. Nothing of it is stored; a fresh process learns
 * it again.
 */
export class Receivers {
  private readonly known = new Map<string, Receiver>();

  constructor(private readonly policy: ReceiverPolicy) {}

  /** Ms until a notice may be sent to the receiver; 0: now. One that was `asked` for tries at once. */
  waitMs(receiverId: string, now: Date, isAsked = false): number {
    const { failures, inWork, isSlow, nextAtMs } = this.of(receiverId);
    const { circuit, slow } = this.policy;
    if (failures >= circuit.failuresMin) {
      if (isAsked) return inWork > 0 ? slow.delayMs : 0;
      const delayMs = this.openMs(failures);
      const leftMs = nextAtMs - now.getTime();
      // A clock that was set back does not hold the circuit open for longer than its delay.
      if (leftMs > 0) return Math.min(leftMs, delayMs);
      return inWork > 0 ? delayMs : 0; // One notice tries; the others wait for its outcome.
    }
    return isSlow && inWork >= slow.lanesMax ? slow.delayMs : 0;
  }

  /** The longest that `waitMs` answers. */
  get waitMaxMs(): number {
    return Math.max(...this.policy.circuit.delaysMs, this.policy.slow.delayMs);
  }

  /** A notice is being sent; `left` must follow. */
  entered(receiverId: string): void {
    const receiver = this.of(receiverId);
    this.known.set(receiverId, { ...receiver, inWork: receiver.inWork + 1 });
  }

  /** Without an answer nothing was sent, and nothing is learned. */
  left(receiverId: string, answer: Answer | undefined): void {
    const receiver = this.of(receiverId);
    const inWork = receiver.inWork - 1;
    const after = { ...receiver, inWork, ...(answer && this.learned(receiver, answer)) };
    if (inWork === 0 && after.failures === 0 && !after.isSlow) this.known.delete(receiverId);
    else this.known.set(receiverId, after);
  }

  private learned({ failures }: Receiver, { isAnswer, tookMs, now }: Answer): Partial<Receiver> {
    const failuresNow = isAnswer ? 0 : failures + 1;
    return {
      failures: failuresNow,
      isSlow: tookMs > this.policy.slow.answerMs,
      nextAtMs: now.getTime() + this.openMs(failuresNow),
    };
  }

  private of(receiverId: string): Receiver {
    return this.known.get(receiverId) ?? UNKNOWN;
  }

  private openMs(failures: number): number {
    const { failuresMin, delaysMs } = this.policy.circuit;
    return delaysMs[Math.min(Math.max(failures - failuresMin, 0), delaysMs.length - 1)] ?? 0;
  }
}
