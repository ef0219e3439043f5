import { ReadReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { type ServerWritableStream, type ServiceError, status } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import {
  caughtUpAnswer,
  checkpointAnswer,
  confirmationAnswer,
  eventAnswer,
  failure,
  notFoundAnswer,
  streamDeleted,
  streamName,
} from './answers';
import type { ServerLog, StoredEvent } from './log';

type Call = ServerWritableStream<ReadReq, ReadResp>;
/** Why a read of a stream, or of `$all`, is refused; undefined: it is not. */
type Refusal = (stream: string) => ServiceError | undefined;
type Matches = (event: StoredEvent) => boolean;

/** Events a filtered read looks at in one step, when the client does not say. */
const READ_BATCH = 50;
/** Of what the server notes for itself, these are not among all events. */
const HIDDEN = /^\$epoch-information$|^\$persistentsubscription-\$all::/;

/** Ends a call with an error: the library listens for the event. */
const fail = (call: Call, error: ServiceError): void => void call.emit('error', error);

/**
 * Answers a read: of a stream or of all, forwards or backwards, as many as are wanted or as a
 * subscription.
 */
export const answerRead = (log: ServerLog, refusalOf: Refusal, call: Call): void => {
  const options = call.request.getOptions()!;
  const of = options.hasAll() ? '$all' : streamName(options.getStream()!.getStreamIdentifier());
  const refusal = refusalOf(of);
  if (refusal) return fail(call, refusal);
  const backwards = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
  if (!options.hasUuidOption())
    return fail(call, failure(status.INVALID_ARGUMENT, ' `uuidOption` is a required argument'));
  if (options.hasSubscription())
    return options.hasAll() ? new AllSubscription(log, call).start() : subscribeToStream(log, call);
  const count = Number(options.getCount());
  const events = options.hasAll()
    ? ofAll(log, options, backwards)
    : ofStream(log, call, options, backwards);
  if (!events) return;
  for (const event of events.slice(0, count)) call.write(eventAnswer(event, options.hasAll()));
  call.end();
};

const ofAll = (log: ServerLog, options: ReadReq.Options, backwards: boolean): StoredEvent[] => {
  const all = options.getAll()!;
  const matches = filterOf(options);
  const position = BigInt(all.getPosition()?.getCommitPosition() ?? 0);
  const visible = log.events.filter(matches);
  // Forwards a position is where the first record begins; backwards it is where the last one ends.
  if (!backwards) return all.hasEnd() ? [] : visible.filter((event) => event.position >= position);
  return visible.filter((event) => all.hasEnd() || event.position < position).reverse();
};

const ofStream = (
  log: ServerLog,
  call: Call,
  options: ReadReq.Options,
  backwards: boolean,
): StoredEvent[] | undefined => {
  const wanted = options.getStream()!;
  const name = streamName(wanted.getStreamIdentifier());
  const events = log.stream(name);
  if (events === 'deleted') return void fail(call, streamDeleted(name));
  if (!events) {
    call.write(notFoundAnswer(name));
    return void call.end();
  }
  const from = wanted.hasRevision()
    ? Number(wanted.getRevision())
    : wanted.hasEnd()
      ? Number.MAX_SAFE_INTEGER
      : 0;
  if (backwards) return events.filter(({ revision }) => revision <= from).reverse();
  return events.filter(({ revision }) => revision >= from && !wanted.hasEnd());
};

const filterOf = (options: ReadReq.Options): Matches => {
  const filter = options.getFilter();
  if (!filter) return ({ stream }) => !HIDDEN.test(stream);
  const expression = filter.getStreamIdentifier() ?? filter.getEventType()!;
  const textOf = (event: StoredEvent): string =>
    filter.hasStreamIdentifier() ? event.stream : event.type;
  if (expression.getRegex())
    return (event) =>
      !HIDDEN.test(event.stream) && new RegExp(expression.getRegex()).test(textOf(event));
  return (event) =>
    !HIDDEN.test(event.stream) &&
    expression.getPrefixList().some((prefix) => textOf(event).startsWith(prefix));
};

/**
 * Catches up from a position (not included), then goes on live; with a filter it reports how far it
 * has scanned.
 */
class AllSubscription {
  private readonly matches: Matches;
  private readonly options: ReadReq.Options;
  private readonly checkpointEvery: number;
  private position: bigint;
  private considered = 0;
  private checkpoint = -1n;

  constructor(
    private readonly log: ServerLog,
    private readonly call: Call,
  ) {
    this.options = call.request.getOptions()!;
    this.matches = filterOf(this.options);
    const filter = this.options.getFilter();
    const window = filter?.hasMax() ? filter.getMax() : READ_BATCH;
    this.checkpointEvery = filter ? window * filter.getCheckpointintervalmultiplier() : 0;
    const all = this.options.getAll()!;
    this.position = all.hasPosition()
      ? BigInt(all.getPosition()!.getCommitPosition())
      : all.hasEnd()
        ? (log.events.at(-1)?.position ?? -1n)
        : -1n;
  }

  start(): void {
    if (this.options.hasFilter() && this.checkpointEvery <= 0)
      return fail(this.call, failure(status.INVALID_ARGUMENT, 'checkpointIntervalMultiplier'));
    this.call.write(confirmationAnswer(randomUUID()));
    for (const event of this.log.events) if (event.position > this.position) this.take(event);
    if (this.checkpointEvery > 0 && this.position >= 0n) this.tellCheckpoint(this.position);
    this.call.write(caughtUpAnswer());
    const live = (event: StoredEvent): void => this.take(event);
    this.log.on('event', live);
    this.call.on('cancelled', () => void this.log.off('event', live));
    this.call.on('close', () => void this.log.off('event', live));
  }

  private take(event: StoredEvent): void {
    if (this.matches(event)) {
      this.call.write(eventAnswer(event, true));
      this.position = event.position;
    }
    this.considered += 1;
    if (this.checkpointEvery > 0 && this.considered % this.checkpointEvery === 0)
      this.tellCheckpoint(event.position);
  }

  /** The same is not reported twice. */
  private tellCheckpoint(position: bigint): void {
    if (position <= this.checkpoint) return;
    this.checkpoint = position;
    this.call.write(checkpointAnswer(position));
  }
}

const subscribeToStream = (log: ServerLog, call: Call): void => {
  const wanted = call.request.getOptions()!.getStream()!;
  const name = streamName(wanted.getStreamIdentifier());
  const events = log.stream(name);
  if (events === 'deleted') return fail(call, streamDeleted(name));
  call.write(confirmationAnswer(randomUUID()));
  const after = wanted.hasRevision()
    ? Number(wanted.getRevision())
    : wanted.hasEnd()
      ? Number.MAX_SAFE_INTEGER
      : -1;
  for (const event of events ?? [])
    if (event.revision > after) call.write(eventAnswer(event, true));
  call.write(caughtUpAnswer());
  const live = (event: StoredEvent): void =>
    void (event.stream === name && call.write(eventAnswer(event, true)));
  log.on('event', live);
  call.on('cancelled', () => void log.off('event', live));
  call.on('close', () => void log.off('event', live));
};
