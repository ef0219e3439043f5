import {
  AccessDenied,
  AllStreamPosition,
  Empty,
  MaximumAppendSizeExceeded,
  StreamDeleted,
  Timeout,
  UUID,
  WrongExpectedVersion,
} from '@eventstore/db-client/generated/shared_pb';
import { Status } from '@eventstore/db-client/generated/status_pb';
import {
  type AppendReq,
  AppendResp,
  type BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb';
import {
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';
import { failure, streamDeleted, streamIdentifier, streamName } from './answers';
import type { Expectation, ProposedEvent, ServerLog, WriteOutcome } from './log';

/** Bytes of one append, the server's default. */
export const APPEND_BYTES_MAX = 1024 * 1024;

/**
 * How the server treats one append: as it should; writes and keeps silent; or does not even write:
 * it says nothing, says that it is starting or without a leader, or ends the call.
 */
export type Treatment = 'answer' | 'write silently' | 'ignore' | 'not ready' | 'no leader' | 'cut';
/** What a server does with appends to a stream, besides what its log says. */
export interface AppendRules {
  treat(stream: string): Treatment;
  /** How far its clock is ahead of the client's. */
  readonly clockAheadMs: number;
  /** Undefined: the caller may. */
  refusal(stream: string): ServiceError | undefined;
}

const sizeOf = (events: readonly ProposedEvent[]): number =>
  events.reduce(
    (total, { type, data, metadata }) => total + data.length + metadata.length + 2 * type.length,
    0,
  );

const proposed = (
  message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage,
): ProposedEvent => ({
  id: message.getId()!.getString(),
  type: message.getMetadataMap().get('type') ?? '',
  isJson: message.getMetadataMap().get('content-type') === 'application/json',
  data: Buffer.from(message.getData_asU8()),
  metadata: Buffer.from(message.getCustomMetadata_asU8()),
});

type WithExpectation = { hasNoStream(): boolean; hasAny(): boolean; hasStreamExists(): boolean };
export const expectationOf = (options: WithExpectation, revision: string): Expectation =>
  options.hasNoStream()
    ? 'none'
    : options.hasAny()
      ? 'any'
      : options.hasStreamExists()
        ? 'exists'
        : Number(revision);

/** One append per call. */
export const answerAppend = (
  log: ServerLog,
  rules: AppendRules,
  call: ServerReadableStream<AppendReq, AppendResp>,
  answer: sendUnaryData<AppendResp>,
): void => {
  let options: AppendReq.Options | undefined;
  const events: ProposedEvent[] = [];
  call.on('data', (request: AppendReq) => {
    if (request.hasOptions()) options = request.getOptions();
    else events.push(proposed(request.getProposedMessage()!));
  });
  call.on('end', () => {
    if (!options) return answer(failure(status.UNKNOWN, 'Exception was thrown by handler.'));
    if (sizeOf(events) > APPEND_BYTES_MAX) {
      const size = { 'maximum-append-size': String(APPEND_BYTES_MAX) };
      return answer(
        failure(
          status.INVALID_ARGUMENT,
          `Maximum Append Size of ${APPEND_BYTES_MAX} Exceeded.`,
          'maximum-append-size-exceeded',
          size,
        ),
      );
    }
    const name = streamName(options.getStreamIdentifier());
    const refusal = rules.refusal(name);
    if (refusal) return answer(refusal);
    const treatment = rules.treat(name);
    if (treatment === 'ignore') return;
    if (isUnavailable(treatment)) return answer(failure(status.UNAVAILABLE, SAYS[treatment]));
    const expected = expectationOf(options, options.getRevision());
    const outcome = log.write(name, events, expected);
    if (treatment === 'write silently') return;
    if (outcome.kind === 'deleted') return answer(streamDeleted(name));
    answer(null, outcome.kind === 'written' ? written(outcome) : wrong(outcome.current, expected));
  });
};

const written = ({ revision, position }: WriteOutcome & { kind: 'written' }): AppendResp => {
  const place = new AppendResp.Position();
  place.setCommitPosition(String(position));
  place.setPreparePosition(String(position));
  const success = new AppendResp.Success();
  success.setCurrentRevision(String(revision));
  success.setPosition(place);
  const response = new AppendResp();
  response.setSuccess(success);
  return response;
};

const wrong = (current: number, expected: Expectation): AppendResp => {
  const version = new AppendResp.WrongExpectedVersion();
  if (current < 0) version.setCurrentNoStream(new Empty());
  else version.setCurrentRevision(String(current));
  if (expected === 'none') version.setExpectedNoStream(new Empty());
  else if (expected === 'any') version.setExpectedAny(new Empty());
  else if (expected === 'exists') version.setExpectedStreamExists(new Empty());
  else version.setExpectedRevision(String(expected));
  const response = new AppendResp();
  response.setWrongExpectedVersion(version);
  return response;
};

/**
 * Many appends on one call; each may come in several parts. Worked off, and answered, in their
 * order.
 */
export const answerBatchAppend = (
  log: ServerLog,
  rules: AppendRules,
  call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>,
): void => {
  const open = new Map<
    string,
    { readonly options: BatchAppendReq.Options; readonly events: ProposedEvent[] }
  >();
  let isStuck = false;
  call.on('data', (request: BatchAppendReq) => {
    const id = request.getCorrelationId()!.getString();
    if (request.hasOptions() && !open.has(id))
      open.set(id, { options: request.getOptions()!, events: [] });
    const batch = open.get(id);
    if (!batch || isStuck) return;
    batch.events.push(...request.getProposedMessagesList().map(proposed));
    const name = streamName(batch.options.getStreamIdentifier());
    if (isPast(batch.options, rules.clockAheadMs)) {
      open.delete(id);
      return void call.write(batchAnswer(id, name, timeout()));
    }
    if (sizeOf(batch.events) > APPEND_BYTES_MAX) {
      open.delete(id);
      return void call.write(batchAnswer(id, name, tooLarge()));
    }
    if (!request.getIsFinal()) return;
    open.delete(id);
    const refusal = rules.refusal(name);
    if (refusal?.code === status.PERMISSION_DENIED)
      return void call.write(batchAnswer(id, name, denied()));
    if (refusal) return void call.emit('error', refusal);
    const treatment = rules.treat(name);
    // What is not looked at holds up what comes behind it.
    if (treatment === 'ignore') return void (isStuck = true);
    if (treatment === 'cut')
      return void call.emit('error', failure(status.UNAVAILABLE, SAYS[treatment]));
    if (isUnavailable(treatment))
      return void call.write(batchAnswer(id, name, unavailable(SAYS[treatment])));
    const expected = expectationOf(batch.options, batch.options.getStreamPosition());
    const outcome = log.write(name, batch.events, expected);
    if (treatment === 'answer')
      call.write(
        batchAnswer(
          id,
          name,
          outcome.kind === 'written' ? batchWritten(outcome) : batchFailed(name, outcome, expected),
        ),
      );
  });
  call.on('end', () => call.end());
};

const batchAnswer = (
  id: string,
  stream: string,
  result: Status | BatchAppendResp.Success,
): BatchAppendResp => {
  const correlationId = new UUID();
  correlationId.setString(id);
  const response = new BatchAppendResp();
  response.setCorrelationId(correlationId);
  response.setStreamIdentifier(streamIdentifier(stream));
  if (result instanceof Status) response.setError(result);
  else response.setSuccess(result);
  return response;
};

const batchWritten = ({
  revision,
  position,
}: WriteOutcome & { kind: 'written' }): BatchAppendResp.Success => {
  const place = new AllStreamPosition();
  place.setCommitPosition(String(position));
  place.setPreparePosition(String(position));
  const success = new BatchAppendResp.Success();
  success.setCurrentRevision(String(revision));
  success.setPosition(place);
  return success;
};

const withDetails = (code: number, name: string, details: Uint8Array): Status => {
  const any = new Any();
  any.pack(details, `event_store.client.${name}`);
  const error = new Status();
  error.setCode(code);
  error.setMessage(name);
  error.setDetails(any);
  return error;
};

/** What it says while it can serve no append. */
const SAYS = {
  'not ready': 'Server Is Not Ready',
  'no leader': 'No leader info available in response',
  cut: 'the call was cut',
} as const;
const isUnavailable = (treatment: Treatment): treatment is keyof typeof SAYS => treatment in SAYS;

const unavailable = (message: string): Status => {
  const any = new Any();
  any.pack(new GoogleEmpty().serializeBinary(), 'google.protobuf.Empty');
  const error = new Status();
  error.setCode(status.UNAVAILABLE as number);
  error.setMessage(message);
  error.setDetails(any);
  return error;
};

/** A deadline is a time of day, and the server's own clock is subtracted from it. */
const isPast = (options: BatchAppendReq.Options, clockAheadMs: number): boolean =>
  options.hasDeadline() && options.getDeadline()!.toDate().getTime() <= Date.now() + clockAheadMs;

const timeout = (): Status =>
  withDetails(status.DEADLINE_EXCEEDED, 'Timeout', new Timeout().serializeBinary());

const denied = (): Status =>
  withDetails(status.PERMISSION_DENIED, 'AccessDenied', new AccessDenied().serializeBinary());

const tooLarge = (): Status => {
  const details = new MaximumAppendSizeExceeded();
  details.setMaxappendsize(APPEND_BYTES_MAX);
  return withDetails(
    status.INVALID_ARGUMENT,
    'MaximumAppendSizeExceeded',
    details.serializeBinary(),
  );
};

const batchFailed = (
  stream: string,
  outcome: Exclude<WriteOutcome, { kind: 'written' }>,
  expected: Expectation,
): Status => {
  if (outcome.kind === 'deleted') {
    const details = new StreamDeleted();
    details.setStreamIdentifier(streamIdentifier(stream));
    return withDetails(status.NOT_FOUND, 'StreamDeleted', details.serializeBinary());
  }
  const details = new WrongExpectedVersion();
  if (outcome.current < 0) details.setCurrentNoStream(new GoogleEmpty());
  else details.setCurrentStreamRevision(String(outcome.current));
  if (expected === 'none') details.setExpectedNoStream(new GoogleEmpty());
  else if (expected === 'any') details.setExpectedAny(new GoogleEmpty());
  else if (expected === 'exists') details.setExpectedStreamExists(new GoogleEmpty());
  else details.setExpectedStreamPosition(String(expected));
  return withDetails(status.ALREADY_EXISTS, 'WrongExpectedVersion', details.serializeBinary());
};
