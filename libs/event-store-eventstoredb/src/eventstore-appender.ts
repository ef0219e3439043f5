import { type Clock, type Groupable, GroupCommit, type Outcome } from '@caretab/kernel';
import {
  type AppendResult,
  chainHash,
  contentDigest,
  type EventSigner,
  EventStoreUnavailable,
  type ExpectedRevision,
  isFault,
  NO_TAIL,
  type SerialisedEvent,
  type StoredEvent,
  type StreamFault,
  StreamFaulty,
  type Tail,
  type TransferredEvent,
  WrongExpectedRevision,
} from '@caretab/event-store';
import { AppendStream, type Sent } from './eventstore-append-stream';
import type { EventStoreConnection, WrittenAt, WrongRevision } from './eventstore-connection';
import { onStream, untilAnswered } from './eventstore-errors';
import { appendRequests } from './eventstore-messages';
import { WrittenPlace } from './eventstore-place';
import type { EventStoreReader } from './eventstore-reader';

interface AppendRequest extends Groupable {
  readonly content: readonly SerialisedEvent[];
  readonly expected: ExpectedRevision;
  readonly deadlineAtMs: number;
}

/** A lane waits for its answer; so many lanes are under way at once. */
const LIMITS = { batchEventsMax: 1, batchBytesMax: 1, inFlightMax: 64, queueMax: 20_000 };
/** A stream of appends that owes an answer and gives none for so long is broken. */
const SILENCE_MS = 500;
/**
 * An append that was under way when the stream of appends broke so often has a call of its own: it
 * may be what breaks the stream for all others.
 */
const BREAKS_MAX = 2;
/** Streams whose last hash is remembered; for another it costs one read. */
const TAILS_MAX = 20_000;

export interface EventStoreAppenderOptions {
  readonly clock: Clock;
  readonly signer: EventSigner;
  /** From the call to its refusal, when the server does not answer. */
  readonly deadlineMs: number;
  /** How old the stream of appends grows before a new one follows. */
  readonly reopenMs?: number;
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

  private readonly place: WrittenPlace;
  private readonly appends: AppendStream;

  constructor(
    private readonly connection: EventStoreConnection,
    private readonly reader: EventStoreReader,
    private readonly options: EventStoreAppenderOptions,
  ) {
    this.place = new WrittenPlace(reader);
    this.appends = new AppendStream(connection, {
      prove: () => this.place.prove(),
      silenceMs: Math.min(SILENCE_MS, options.deadlineMs / 2),
      reopenMs: options.reopenMs,
    });
  }

  append(
    stream: string,
    content: readonly SerialisedEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    const deadlineAtMs = performance.now() + this.options.deadlineMs;
    return this.group.add({ lane: stream, events: 1, bytes: 1, content, expected, deadlineAtMs });
  }

  /** Awaits running appends. */
  async close(): Promise<void> {
    await this.group.drain();
    this.appends.close();
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
    const writtenTo = this.place.position;
    const answer = await onStream(stream, () => this.answer(stream, events, deadlineAtMs));
    if ('actual' in answer) return this.overtaken(request, answer.actual);
    const { revision, position } = answer;
    // Answered once more, or by an older copy.
    if (position <= writtenTo) await this.proveAgain();
    // A stream that was deleted softly takes a first event, behind those that are gone.
    if (revision !== last.revision)
      throw truncated({ stream, revision: revision - events.length + 1, position: 0n });
    this.place.note(last, position);
    this.remember(stream, last);
    this.options.onWritten();
    return { revision, position };
  }

  /** Sends the same until it is answered; the server, or `overtaken`, recognises a repetition. */
  private async answer(
    stream: string,
    events: readonly TransferredEvent[],
    deadlineAtMs: number,
  ): Promise<WrittenAt | WrongRevision> {
    const name = this.reader.namespace + stream;
    let breaks = 0;
    let sent: Sent | undefined;
    try {
      return await untilAnswered('an append', deadlineAtMs, async (timeoutMs) => {
        sent?.giveUp();
        if (breaks >= BREAKS_MAX) {
          await this.place.prove();
          const requests = appendRequests(name, events, events[0]!.revision - 1);
          return this.connection.append(requests, timeoutMs);
        }
        // Counts as a break until it is answered.
        breaks += 1;
        sent = this.appends.send(name, events);
        return sent.answer;
      });
    } finally {
      sent?.giveUp();
    }
  }

  /** Throws EventStoreUnavailable on an older copy; nothing more is sent before it is the log again. */
  private async proveAgain(): Promise<void> {
    try {
      await this.place.prove();
    } catch (error) {
      this.appends.close();
      this.forget();
      throw error;
    }
  }

  /**
   * The event that the first new one follows; undefined when the stream does not end there. Throws
   * StreamFaulty where the server keeps events of it back, unless its end is remembered: then the
   * readers of the log find that.
   */
  private async before(stream: string, expected: ExpectedRevision): Promise<Tail | undefined> {
    const known = this.tails.get(stream);
    if (expected === 'none') return known ? undefined : NO_TAIL;
    if (known && known.revision >= expected) return known.revision === expected ? known : undefined;
    const [tail, truncation] = await Promise.all([
      this.reader.tail(stream),
      this.reader.truncation(stream),
    ]);
    if (truncation) throw truncated(truncation);
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
    const last = there.at(-1);
    if (last && content.every((event, index) => isSame(stream, event, there[index])))
      return { revision: last.revision, position: last.position };
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

const truncated = ({
  stream,
  revision,
  position,
}: Pick<StreamFault, 'stream' | 'revision' | 'position'>): StreamFaulty =>
  new StreamFaulty({ kind: 'truncated', stream, revision, position, digest: '' });

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
