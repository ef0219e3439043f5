import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import type { EventStoreConnection } from './eventstore-connection';
import { untilAnswered } from './eventstore-errors';
import { batchRequest, wireBytes } from './eventstore-messages';
import { type EventStoreReader, ours } from './eventstore-reader';
import {
  ImportRefused,
  type KnownFaults,
  placeOf,
  stillToImport,
  type Tail,
  type TransferredEvent,
} from '@caretab/event-store';

/**
 * Appends under way at once. The server works one stream of requests off in order, so several under
 * way do not change the order.
 */
const IN_FLIGHT_MAX = 64;
const READS_AT_ONCE = 32;
/** An append holds at most so much; the server refuses more than 1 MB. */
const APPEND_BYTES_MAX = 512 * 1024;
const APPEND_EVENTS_MAX = 500;
/** For one call of import. */
const DEADLINE_MS = 120_000;

type Call = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

/** Writes events as they are, in the order they come. */
export class EventStoreImporter {
  /** Where the streams stand that this importer wrote to or looked up. */
  private readonly tails = new Map<string, Tail>();
  /**
   * Began with an empty namespace and saw no trouble: a stream that is not in `tails` does not
   * exist.
   */
  private knowsAll: boolean | undefined;

  constructor(
    private readonly connection: EventStoreConnection,
    private readonly reader: EventStoreReader,
  ) {}

  async import(events: readonly TransferredEvent[], known?: KnownFaults): Promise<void> {
    this.knowsAll ??= (await this.reader.head()) === 0n;
    await untilAnswered('an import', performance.now() + DEADLINE_MS, async (timeoutMs) => {
      const missing = await this.missing(events, known);
      if (missing.length === 0) return;
      try {
        await this.connection.batches(timeoutMs, (call) => this.write(call, missing));
        for (const { stream, revision, hash } of missing)
          this.tails.set(stream, { revision, hash });
      } catch (error) {
        // An answer that was lost may have been a yes: everything is looked up again.
        this.tails.clear();
        this.knowsAll = false;
        throw error;
      }
    });
  }

  private async missing(
    events: readonly TransferredEvent[],
    known: KnownFaults | undefined,
  ): Promise<TransferredEvent[]> {
    const there = new Map<string, Uint8Array>();
    const waiting = this.toLookUp(events);
    const look = async (): Promise<void> => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const { stream, from, to } = next;
        const tail = await this.reader.tail(stream);
        if (!tail) continue;
        this.tails.set(stream, tail);
        const countMax = Math.min(tail.revision, to) - from + 1;
        for (const held of countMax > 0 ? await this.reader.stream(stream, from, countMax) : [])
          there.set(placeOf(held), ours(held).hash);
      }
    };
    await Promise.all(Array.from({ length: READS_AT_ONCE }, look));
    return stillToImport(events, there, this.tails, { known });
  }

  /** The streams of which something may be there already, with the revisions to look for. */
  private toLookUp(
    events: readonly TransferredEvent[],
  ): { stream: string; from: number; to: number }[] {
    const wanted = new Map<string, { stream: string; from: number; to: number }>();
    for (const { stream, revision } of events) {
      const known = wanted.get(stream) ?? { stream, from: revision, to: revision };
      wanted.set(stream, {
        stream,
        from: Math.min(known.from, revision),
        to: Math.max(known.to, revision),
      });
    }
    return [...wanted.values()].filter(({ stream, from }) => {
      const tail = this.tails.get(stream);
      return tail ? from <= tail.revision : !this.knowsAll;
    });
  }

  private async write(call: Call, events: readonly TransferredEvent[]): Promise<void> {
    const answers = new Answers(call);
    for (const run of runs(events)) {
      await answers.untilFewerThan(IN_FLIGHT_MAX);
      const id = randomUUID();
      answers.expect(id, run[0]!);
      call.write(batchRequest(id, this.reader.namespace + run[0]!.stream, run));
    }
    await answers.untilFewerThan(1);
  }
}

/** Pairs the answers of a stream of appends with what was sent. */
class Answers {
  private readonly open = new Map<string, TransferredEvent>();
  private failure: Error | undefined;
  private lastPosition = -1n;
  private changed: () => void = () => undefined;

  constructor(call: Call) {
    call.on('data', (response: BatchAppendResp) => this.take(response));
    call.on('error', (error: Error) => this.fail(error));
    call.on('end', () => this.fail(new Error('the server ended the stream of appends')));
  }

  expect(id: string, first: TransferredEvent): void {
    this.open.set(id, first);
  }

  /** Throws as soon as one append has failed. */
  async untilFewerThan(count: number): Promise<void> {
    while (this.failure === undefined && this.open.size >= count)
      await new Promise<void>((resolve) => (this.changed = resolve));
    if (this.failure !== undefined) throw this.failure;
  }

  private take(response: BatchAppendResp): void {
    const id = response.getCorrelationId()!.getString();
    const first = this.open.get(id);
    this.open.delete(id);
    const success = response.getSuccess();
    const position = success?.getPosition()?.getCommitPosition();
    if (!first || !success) this.fail(failureOf(response, first));
    // The order of all is what a move must not change: an answer out of it means that the server
    // did not keep to the order of the requests.
    else if (position !== undefined && BigInt(position) <= this.lastPosition)
      this.fail(new TypeError('the server wrote an import out of order'));
    else this.lastPosition = BigInt(position ?? this.lastPosition);
    this.changed();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.changed();
  }
}

const failureOf = (response: BatchAppendResp, first: TransferredEvent | undefined): Error => {
  const details = response.getError()?.getDetails()?.getTypeName() ?? '';
  if (first && details.endsWith('WrongExpectedVersion'))
    return new ImportRefused(first.stream, first.revision, 'another event is there');
  if (first && details.endsWith('StreamDeleted'))
    return new ImportRefused(first.stream, first.revision, 'the stream was deleted');
  const text = `an import was answered: ${response.getError()?.getMessage() ?? 'nothing'}`;
  // Too large, denied or malformed will not be better for trying again; a timeout or a server
  // without a leader will.
  return /Exceeded$|AccessDenied$|BadRequest$/.test(details)
    ? new RangeError(text)
    : new Error(text);
};

/** Events that follow each other on one stream go together. */
function* runs(events: readonly TransferredEvent[]): Generator<TransferredEvent[]> {
  let run: TransferredEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = wireBytes(event);
    const fits =
      run.length === 0 ||
      (event.stream === run[0]!.stream &&
        run.length < APPEND_EVENTS_MAX &&
        bytes + size <= APPEND_BYTES_MAX);
    if (!fits) {
      yield run;
      [run, bytes] = [[], 0];
    }
    run.push(event);
    bytes += size;
  }
  if (run.length > 0) yield run;
}
