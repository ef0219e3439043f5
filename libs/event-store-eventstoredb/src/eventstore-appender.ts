import type { Clock } from '@caretab/kernel';
import {
  type AppendResult,
  chainHash,
  contentDigest,
  type EventSigner,
  EventStoreUnavailable,
  type ExpectedRevision,
  type Groupable,
  GroupCommit,
  isFault,
  NO_TAIL,
  type Outcome,
  type SerialisedEvent,
  type StoredEvent,
  type StreamFault,
  StreamFaulty,
  type Tail,
  type TransferredEvent,
  WrongExpectedRevision,
} from '@caretab/event-store';
import type { EventStoreConnection } from './eventstore-connection';
import { onStream, untilAnswered } from './eventstore-errors';
import { appendRequests } from './eventstore-messages';
import type { EventStoreReader } from './eventstore-reader';

interface AppendRequest extends Groupable {
  readonly content: readonly SerialisedEvent[];
  readonly expected: ExpectedRevision;
  readonly deadlineAtMs: number;
}

/** One call per append; a server lets a client have 100 calls open. */
const LIMITS = { batchEventsMax: 1, batchBytesMax: 1, inFlightMax: 64, queueMax: 20_000 };
/** Streams whose last hash is remembered; for another it costs one read. */
const TAILS_MAX = 20_000;

export interface EventStoreAppenderOptions {
  readonly clock: Clock;
  readonly signer: EventSigner;
  /** From the call to its refusal, when the server does not answer. */
  readonly deadlineMs: number;
  readonly onWritten: () => void;
}

/**
 * Appends, one at a time for each stream, with the chain: every event carries the hash over the one
 * before it, which is remembered or read. What the server takes is exactly what was computed (see
 * `wireId`), so a remembered hash is the one that stands in the log.
 */
export class EventStoreAppender {
  private readonly group = new GroupCommit<AppendRequest, AppendResult>(
    LIMITS,
    async (batch) => Promise.all(batch.map((request) => this.outcome(request))),
    () => new EventStoreUnavailable(`${LIMITS.queueMax} appends are waiting`),
  );
  /** In the order of their use, the oldest first. */
  private readonly tails = new Map<string, Tail>();

  constructor(
    private readonly connection: EventStoreConnection,
    private readonly reader: EventStoreReader,
    private readonly options: EventStoreAppenderOptions,
  ) {}

  append(
    stream: string,
    content: readonly SerialisedEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    const deadlineAtMs = performance.now() + this.options.deadlineMs;
    return this.group.add({ lane: stream, events: 1, bytes: 1, content, expected, deadlineAtMs });
  }

  drain(): Promise<void> {
    return this.group.drain();
  }

  private async outcome(request: AppendRequest): Promise<Outcome<AppendResult>> {
    try {
      return { answer: await this.write(request) };
    } catch (error) {
      return { error };
    }
  }

  private async write(request: AppendRequest): Promise<AppendResult> {
    const { lane: stream, content, expected, deadlineAtMs } = request;
    const before = await this.before(stream, expected);
    if (!before) return this.overtaken(request);
    const events = this.chained(stream, content, before);
    const last = events.at(-1)!;
    const requests = appendRequests(this.reader.namespace + stream, events, before.revision);
    const answer = await onStream(stream, () =>
      untilAnswered('an append', deadlineAtMs, (timeoutMs) =>
        this.connection.append(requests, timeoutMs),
      ),
    );
    if (typeof answer !== 'number') return this.overtaken(request, answer.actual);
    // A stream that was deleted softly takes a first event, behind those that are gone.
    if (answer !== last.revision) throw misplaced(stream, answer - events.length + 1);
    this.remember(stream, last);
    this.options.onWritten();
    return { revision: last.revision };
  }

  /** The event that the first new one follows; undefined when the stream does not end there. */
  private async before(stream: string, expected: ExpectedRevision): Promise<Tail | undefined> {
    const known = this.tails.get(stream);
    if (expected === 'none') return known ? undefined : NO_TAIL;
    if (known && known.revision >= expected) return known.revision === expected ? known : undefined;
    const tail = await this.reader.tail(stream);
    if (tail) this.remember(stream, tail);
    return tail?.revision === expected ? tail : undefined;
  }

  /**
   * The first answer when these very events stand where this append would have put them, else the
   * refusal.
   */
  private async overtaken(
    { lane: stream, content, expected }: AppendRequest,
    actual?: number,
  ): Promise<AppendResult> {
    const place = expected === 'none' ? 0 : expected + 1;
    const there = await this.reader.stream(stream, place, content.length);
    if (content.every((event, index) => isSame(stream, event, there[index])))
      return { revision: place + content.length - 1 };
    const head = actual ?? (await this.reader.tail(stream))?.revision ?? -1;
    throw new WrongExpectedRevision(stream, expected, head < 0 ? 'none' : head);
  }

  private chained(
    stream: string,
    content: readonly SerialisedEvent[],
    before: Tail,
  ): TransferredEvent[] {
    const recordedAtMs = this.options.clock.now().getTime();
    let { revision, hash }: Tail = before;
    return content.map((event) => {
      revision += 1;
      const digest = contentDigest({ stream, ...event });
      hash = chainHash(hash, digest, revision, recordedAtMs);
      const signature = this.options.signer.sign(digest, revision);
      return { stream, ...event, revision, recordedAtMs, hash, signature };
    });
  }

  /** Where streams end is read again. */
  forget(): void {
    this.tails.clear();
  }

  private remember(stream: string, { revision, hash }: Tail): void {
    this.tails.delete(stream);
    this.tails.set(stream, { revision, hash });
    if (this.tails.size > TAILS_MAX) this.tails.delete(this.tails.keys().next().value!);
  }
}

const misplaced = (stream: string, revision: number): StreamFaulty =>
  new StreamFaulty({ kind: 'truncated', stream, revision, position: 0n, digest: '' });

/** Ids can be derived: two processes may have decided differently for the same cause. */
const isSame = (
  stream: string,
  event: SerialisedEvent,
  there: StoredEvent | StreamFault | undefined,
): boolean =>
  there !== undefined &&
  !isFault(there) &&
  there.id === event.id &&
  contentDigest(there).equals(contentDigest({ stream, ...event }));
