import { InvariantViolation } from '@caretab/kernel';
import { status } from '@grpc/grpc-js';
import { NotLeaderError } from '@eventstore/db-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreUnavailable, ImportRefused, StreamFaulty } from '@caretab/event-store';

const BACKOFF_FIRST_MS = 20;
const BACKOFF_LAST_MS = 1_000;
/** An attempt is not cut shorter than this by halving what is left. */
const ATTEMPT_LEAST_MS = 500;

/**
 * The server or the way to it failed, and the same again may work. UNKNOWN is how a cluster says
 * that it is without a leader just now.
 */
const TRANSIENT = new Set([
  status.CANCELLED,
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
  status.INTERNAL,
  status.UNAVAILABLE,
]);

/**
 * The server answers, and refuses all we ask: a wrong or rotated password, a right that was
 * taken back, or a server that is none of these. Trying again within the deadline would not help; no
 * event is to blame.
 */
const REFUSES_ALL = new Map<number, string>([
  [status.UNAUTHENTICATED, 'the user or the password is wrong'],
  [status.PERMISSION_DENIED, 'the user has not the right'],
  [status.UNIMPLEMENTED, 'it is another server'],
]);

/** Runs a call on one stream. Throws StreamFaulty where the server says that it was deleted for good. */
export const onStream = async <Result>(
  stream: string,
  call: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await call();
  } catch (error) {
    if ((error as { readonly type?: unknown } | null)?.type !== 'stream-deleted') throw error;
    throw new StreamFaulty({ kind: 'deleted', stream, revision: 0, position: 0n, digest: '' });
  }
};

/** An attempt got no answer within its part of the deadline. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/**
 * Whether trying the same again may help. Errors without a gRPC status come from the connection,
 * unless they are ours.
 */
const isTransient = (error: unknown): boolean => {
  if (
    error instanceof InvariantViolation ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ImportRefused ||
    error instanceof EventStoreUnavailable ||
    error instanceof StreamFaulty
  )
    return false;
  if (error instanceof NotLeaderError || error instanceof NoAnswer) return true;
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code !== 'number' || TRANSIENT.has(code);
};

/**
 * Tries until it works, until it fails for good, or until the deadline, in milliseconds of
 * `performance.now()`: then throws EventStoreUnavailable, and at once where all is refused.
 * `attempt` is given the milliseconds it may take: half of what is left, so that a lost answer
 * leaves time for another try.
 */
export const untilAnswered = async <Result>(
  doing: string,
  deadlineAtMs: number,
  attempt: (timeoutMs: number) => Promise<Result>,
): Promise<Result> => {
  let cause: unknown;
  for (let backoffMs = BACKOFF_FIRST_MS; ; backoffMs = Math.min(backoffMs * 2, BACKOFF_LAST_MS)) {
    const leftMs = deadlineAtMs - performance.now();
    if (leftMs <= 1)
      throw new EventStoreUnavailable(`${doing} was not answered in time`, { cause });
    try {
      const timeoutMs = Math.ceil(Math.max(leftMs / 2, Math.min(leftMs, ATTEMPT_LEAST_MS)));
      return await within(timeoutMs, attempt(timeoutMs));
    } catch (error) {
      const refusal = REFUSES_ALL.get((error as { code?: number }).code ?? -1);
      if (refusal)
        throw new EventStoreUnavailable(`${doing} was refused: ${refusal}`, { cause: error });
      if (!isTransient(error)) throw error;
      cause = error;
    }
    await sleep(Math.min(backoffMs, Math.max(1, deadlineAtMs - performance.now())));
  }
};

/**
 * A deadline of our own: finding a server, or a call whose answer got lost, may otherwise take for
 * ever.
 */
const within = async <Result>(durationMs: number, work: Promise<Result>): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`no answer within ${durationMs} ms`)), durationMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
};
