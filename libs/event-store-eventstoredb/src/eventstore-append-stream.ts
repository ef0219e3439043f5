import {
  type BatchAppendReq,
  type BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb';
import { WrongExpectedVersion } from '@eventstore/db-client/generated/shared_pb';
import type { TransferredEvent } from '@caretab/event-store';
import { type ClientDuplexStream, Metadata, status } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import {
  type EventStoreConnection,
  type WrittenAt,
  writtenAt,
  type WrongRevision,
} from './eventstore-connection';
import { batchRequest } from './eventstore-messages';
import { setImmediate as endOfTurn } from 'node:timers/promises';

/** Users, and the leader, are checked at the opening of a call only. */
const REOPEN_MS = 30_000;

export interface AppendStreamOptions {
  /** A call that owes an answer and gives none for so long is broken. */
  readonly silenceMs: number;
  /** How old a call grows before a new one follows; default 30 s. */
  readonly reopenMs?: number;
  /** Before anything is sent on a new call; rejects where nothing may be written. */
  readonly prove: () => Promise<void>;
}

type Call = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;
/** Where the last event was written, or why it was not. */
type Answer = WrittenAt | WrongRevision;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** One append under way. */
export interface Sent {
  /** Rejects when the server refuses it, and when the call breaks before the answer. */
  readonly answer: Promise<Answer>;
  /** Stops waiting; a call that is silent altogether is broken for all who wait on it. */
  giveUp(): void;
}

/**
 * One long call that carries the appends of all streams, and a new one after it broke or grew old.
 * Answers are paired with appends by a correlation id.
 */
export class AppendStream {
  private call: AppendCall | undefined;

  constructor(
    private readonly connection: EventStoreConnection,
    private readonly options: AppendStreamOptions,
  ) {}

  /** `stream` is the full name on the server. */
  send(stream: string, events: readonly TransferredEvent[]): Sent {
    const { reopenMs = REOPEN_MS } = this.options;
    if (!this.call?.isUsable(reopenMs)) {
      this.call?.retire();
      this.call = new AppendCall(this.connection, this.options, this.call?.replaced);
    }
    return this.call.send(stream, events);
  }

  /** What comes next goes on a new call. */
  close(): void {
    this.call?.retire();
    this.call = undefined;
  }
}

/** From its opening to its end: broken, or retired and all answered. */
class AppendCall {
  private readonly openedAtMs = performance.now();
  private readonly waiting = new Map<string, Waiting>();
  /** Until the server was found. */
  private unsent: BatchAppendReq[] = [];
  private call: Call | undefined;
  /** Since when an answer is owed and none came. */
  private silentSinceMs: number | undefined;
  private isRetired = false;
  private failure: Error | undefined;
  private changed: () => void = () => undefined;

  private readonly ended: Promise<void>;

  /** Opens after `previous` at the earliest. */
  constructor(
    connection: EventStoreConnection,
    private readonly options: Pick<AppendStreamOptions, 'silenceMs' | 'prove'>,
    previous?: Promise<void>,
  ) {
    this.ended = Promise.resolve(previous)
      .then(() => connection.batches(undefined, (call) => this.work(call)))
      .catch((error: Error) => this.rejectAll(error))
      // The connection closes a failed channel at the end of the turn: what is opened on it sooner fails.
      .then(() => endOfTurn());
  }

  /** When the connection is done with a call that broke. A retired one holds up none. */
  get replaced(): Promise<void> | undefined {
    return this.failure && this.ended;
  }

  isUsable(ageMaxMs: number): boolean {
    return !this.isRetired && !this.failure && performance.now() - this.openedAtMs < ageMaxMs;
  }

  send(stream: string, events: readonly TransferredEvent[]): Sent {
    const id = randomUUID();
    this.silentSinceMs ??= performance.now();
    const answer = new Promise<Answer>((resolve, reject) =>
      this.waiting.set(id, { resolve, reject }),
    );
    const request = batchRequest(id, stream, events);
    if (this.call) this.call.write(request);
    else this.unsent.push(request);
    return { answer, giveUp: () => this.giveUp(id) };
  }

  /** Takes no more appends, and ends when all are answered. */
  retire(): void {
    this.isRetired = true;
    this.changed();
  }

  private async work(call: Call): Promise<void> {
    call.on('data', (response: BatchAppendResp) => this.take(response));
    call.on('error', (error: Error) => this.break(error));
    call.on('end', () => this.break(broken('the server ended the stream of appends')));
    // A server that went down and came up with an older copy has broken this call, too.
    await this.options.prove();
    this.call = call;
    for (const request of this.unsent.splice(0)) call.write(request);
    while (!this.failure && !(this.isRetired && this.waiting.size === 0))
      await new Promise<void>((resolve) => (this.changed = resolve));
    // The connection looks for another server, or for the leader, where this one cannot answer.
    if (this.failure) throw this.failure;
    call.end();
  }

  private take(response: BatchAppendResp): void {
    this.silentSinceMs = this.waiting.size > 1 ? performance.now() : undefined;
    const id = response.getCorrelationId()!.getString();
    const one = this.waiting.get(id);
    const success = response.getSuccess();
    const outcome = success ? writtenAt(success) : refusalOf(response);
    if (outcome === undefined) return this.break(broken(textOf(response)));
    // Given up; it may have been written all the same.
    if (!one) return;
    this.waiting.delete(id);
    if (!(outcome instanceof Error)) one.resolve(outcome);
    else {
      // Rights may have been given back since the user was checked.
      if (codeOf(outcome) === status.PERMISSION_DENIED) this.isRetired = true;
      one.reject(outcome);
    }
    if (this.isRetired) this.changed();
  }

  private giveUp(id: string): void {
    if (!this.waiting.delete(id)) return;
    if (performance.now() - (this.silentSinceMs ?? Infinity) >= this.options.silenceMs)
      this.break(broken('the stream of appends is not answered'));
    else if (this.isRetired) this.changed();
  }

  private break(error: Error): void {
    this.failure ??= error;
    this.changed();
  }

  private rejectAll(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    this.unsent = [];
  }
}

const failed = (code: status, message: string): Error =>
  Object.assign(new Error(message), { code, details: message, metadata: new Metadata() });

/** As if the server were not there: the connection then looks for one that is. */
const broken = (message: string): Error => failed(status.UNAVAILABLE, message);

const codeOf = (error: Error): number | undefined => (error as { code?: number }).code;

const detailsOf = (response: BatchAppendResp): string =>
  response.getError()?.getDetails()?.getTypeName().split('.').at(-1) ?? '';

const textOf = (response: BatchAppendResp): string =>
  `an append was answered: ${response.getError()?.getMessage() || detailsOf(response) || 'nothing'}`;

/**
 * What the server says of this append alone. Undefined for all else, as a server says that is not
 * ready or without a leader: the call is broken then.
 */
const refusalOf = (response: BatchAppendResp): WrongRevision | Error | undefined => {
  const text = textOf(response);
  switch (detailsOf(response)) {
    case 'WrongExpectedVersion': {
      const details = response.getError()!.getDetails()!.getValue_asU8();
      const wrong = WrongExpectedVersion.deserializeBinary(details);
      return {
        actual: wrong.hasCurrentStreamRevision() ? Number(wrong.getCurrentStreamRevision()) : -1,
      };
    }
    case 'StreamDeleted':
      return Object.assign(failed(status.FAILED_PRECONDITION, text), { type: 'stream-deleted' });
    case 'AccessDenied':
      return failed(status.PERMISSION_DENIED, text);
    case 'MaximumAppendSizeExceeded':
      return failed(status.INVALID_ARGUMENT, `${text} (Maximum Append Size)`);
    case 'BadRequest':
      return failed(status.INVALID_ARGUMENT, text);
    default:
      return undefined;
  }
};
