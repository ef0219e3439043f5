import { EventStoreUnavailable, StreamFaulty, type TransferredEvent } from '@caretab/event-store';
import type { EventStoreReader } from './eventstore-reader';

interface Written {
  readonly event: Pick<TransferredEvent, 'stream' | 'revision' | 'hash'>;
  readonly position: bigint;
}

/**
 * The event at the highest position that this process has written: a log without it is an older
 * copy of the one that was written before.
 */
export class WrittenPlace {
  private last: Written | undefined;

  constructor(private readonly reader: Pick<EventStoreReader, 'streamPage' | 'truncation'>) {}

  /** 0n: nothing was written yet. */
  get position(): bigint {
    return this.last?.position ?? 0n;
  }

  note(event: Written['event'], position: bigint): void {
    const { stream, revision, hash } = event;
    if (position > this.position) this.last = { event: { stream, revision, hash }, position };
  }

  /**
   * Throws EventStoreUnavailable where the log has another event, or none, where that one was
   * written. Where its stream was deleted or truncated, nothing is proven: that is a fault of the
   * stream, which the readers of the log find.
   */
  async prove(): Promise<void> {
    const { last } = this;
    if (!last || (await this.isThere(last))) return;
    if (await this.reader.truncation(last.event.stream)) return this.forget(last);
    const { position } = last;
    throw new EventStoreUnavailable(
      `what was written at ${position} is not in the log: it is an older copy`,
    );
  }

  private async isThere(last: Written): Promise<boolean> {
    const { stream, revision, hash } = last.event;
    try {
      const [there] = await this.reader.streamPage(stream, revision, 1);
      return there?.event !== undefined && Buffer.from(there.event.hash).equals(hash);
    } catch (error) {
      if (!(error instanceof StreamFaulty)) throw error;
      this.forget(last);
      return true;
    }
  }

  private forget(last: Written): void {
    if (this.last === last) this.last = undefined;
  }
}
