import type { ReceivedMessage } from '@caretab/bus';

/**
 * What waits in memory per partition before no more of it is fetched; fetching goes on when half of
 * it is worked off.
 */
const MESSAGES_MAX = 2000;
const BYTES_MAX = 2 * 1024 * 1024;

/**
 * A partition that this member has: what was fetched and is not yet handled, and the batch at work.
 */
export class HeldPartition {
  readonly abort = new AbortController();
  work: Promise<void> | undefined;
  failures = 0;
  isPaused = false;
  /** It was given up while its batch was still at work: what that batch did is not committed. */
  isLost = false;
  private readonly fetched: ReceivedMessage[] = [];
  private bytes = 0;

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  get isEmpty(): boolean {
    return this.fetched.length === 0;
  }

  get isFull(): boolean {
    return this.fetched.length >= MESSAGES_MAX || this.bytes >= BYTES_MAX;
  }

  get isHalfEmpty(): boolean {
    return this.fetched.length <= MESSAGES_MAX / 2 && this.bytes <= BYTES_MAX / 2;
  }

  add(messages: readonly ReceivedMessage[]): void {
    for (const message of messages) {
      this.fetched.push(message);
      this.bytes += sizeOf(message);
    }
  }

  /** The next messages, which stay until they are done with. */
  next(countMax: number): readonly ReceivedMessage[] {
    return this.fetched.slice(0, countMax);
  }

  done(count: number): void {
    for (const message of this.fetched.splice(0, count)) this.bytes -= sizeOf(message);
  }
}

const sizeOf = ({ key, value }: ReceivedMessage): number => key.length + value.length;
