import {
  type DeleteReq,
  DeleteResp,
  type TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb';
import { type ServerUnaryCall, type ServiceError, status } from '@grpc/grpc-js';
import { failure, streamDeleted, streamName } from './answers';
import type { ServerLog } from './log';
import { expectationOf } from './writing';

type DeleteCall =
  ServerUnaryCall<DeleteReq, DeleteResp> | ServerUnaryCall<TombstoneReq, TombstoneResp>;

/** Deletes softly (the stream may go on) or for ever. */
export const answerDelete = (
  log: ServerLog,
  refusalOf: (stream: string) => ServiceError | undefined,
  call: DeleteCall,
  hard: boolean,
  answer: (error: Error | null, position?: bigint) => void,
): void => {
  const options = call.request.getOptions()!;
  const name = streamName(options.getStreamIdentifier());
  const refusal = refusalOf(name);
  if (refusal) return answer(refusal);
  const expected = expectationOf(options, options.getRevision());
  const outcome = log.delete(name, expected, hard);
  if (outcome.kind === 'written') return answer(null, outcome.position);
  if (outcome.kind === 'deleted') return answer(streamDeleted(name));
  const versions = {
    'stream-name': name,
    'expected-version': String(expected),
    'actual-version': String(outcome.current),
  };
  answer(
    failure(
      status.FAILED_PRECONDITION,
      'Delete failed due to WrongExpectedVersion.',
      'wrong-expected-version',
      versions,
    ),
  );
};

export const deleteAnswer = (position: bigint): DeleteResp => {
  const place = new DeleteResp.Position();
  place.setCommitPosition(String(position));
  place.setPreparePosition(String(position));
  const response = new DeleteResp();
  response.setPosition(place);
  return response;
};

export const tombstoneAnswer = (position: bigint): TombstoneResp => {
  const place = new TombstoneResp.Position();
  place.setCommitPosition(String(position));
  place.setPreparePosition(String(position));
  const response = new TombstoneResp();
  response.setPosition(place);
  return response;
};
