import { convertToCommandError, EventStoreDBClient } from '@eventstore/db-client';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import type {
  AppendReq,
  BatchAppendReq,
  BatchAppendResp,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb';
import type {
  CallOptions,
  Channel,
  ClientDuplexStream,
  Metadata,
  ServiceError,
} from '@grpc/grpc-js';
import { readRequest, type ReadWanted } from './eventstore-messages';

/**
 * What we use of the client beneath its public methods: it finds the server, keeps the channel,
 * replaces a broken one and follows the leader. Its public methods do not fit a ledger: its batch
 * append keeps one table of waiting answers for the whole process, so that a broken connection
 * fails the appends of another, whose answers then crash the process; its reads of all events
 * cannot be filtered; and it serialises JSON again. The version is pinned, and the suite runs
 * through here.
 */
interface Channels {
  execute<Result>(
    client: typeof StreamsClient,
    doing: string,
    action: (client: StreamsClient) => Promise<Result>,
  ): Promise<Result>;
  callArguments(
    options: { readonly deadline?: number; readonly requiresLeader: boolean },
    callOptions?: CallOptions,
  ): [Metadata, CallOptions];
  getChannel(): Promise<Channel>;
}

/** A read from the leader sees every acknowledged write, and never an older log than before. */
const LEADER = { requiresLeader: true };

/** Where the last event of an append stands. */
export interface WrittenAt {
  readonly revision: number;
  /** 0n where the server does not say it. */
  readonly position: bigint;
}

/** Answered to an append whose expectation does not hold; -1: the stream does not exist. */
export interface WrongRevision {
  readonly actual: number;
}

/**
 * Calls on one server or cluster, each with its deadline in milliseconds; errors are the client's
 * own.
 */
export class EventStoreConnection {
  private readonly channels: Channels;
  private isUsed = false;

  /**
   * `url` is the whole of it: hosts, TLS and credentials (esdb://user:password@host:2113?tls=true).
   */
  constructor(url: string) {
    this.channels = EventStoreDBClient.connectionString(url) as unknown as Channels;
  }

  /** A call of its own. Where the last event was written, or why it was not. */
  append(requests: readonly AppendReq[], deadlineMs: number): Promise<WrittenAt | WrongRevision> {
    return this.call(
      'append',
      (client) =>
        new Promise((resolve, reject) => {
          const call = client.append(
            ...this.channels.callArguments({ deadline: deadlineMs, ...LEADER }),
            (error, response) => {
              if (error) return reject(error);
              const wrong = response.getWrongExpectedVersion();
              if (wrong)
                resolve({
                  actual: wrong.hasCurrentRevision() ? Number(wrong.getCurrentRevision()) : -1,
                });
              else resolve(writtenAt(response.getSuccess()!));
            },
          );
          call.on('error', reject);
          for (const request of requests) call.write(request);
          call.end();
        }),
    );
  }

  /** What a bounded read answers, in order. */
  read(
    wanted: ReadWanted & { readonly countMax: number },
    deadlineMs: number,
  ): Promise<ReadResp[]> {
    return this.call(
      'read',
      (client) =>
        new Promise((resolve, reject) => {
          const responses: ReadResp[] = [];
          client
            .read(
              readRequest(wanted),
              ...this.channels.callArguments({ deadline: deadlineMs, ...LEADER }),
            )
            .on('data', (response: ReadResp) => void responses.push(response))
            .on('error', reject)
            .on('end', () => resolve(responses));
        }),
    );
  }

  /**
   * Reports every answer of a subscription until `signal` aborts (then resolves) or the connection
   * breaks (then rejects).
   */
  listen(
    wanted: ReadWanted,
    onAnswer: (response: ReadResp) => void,
    signal: AbortSignal,
  ): Promise<void> {
    return this.call(
      'subscribe',
      (client) =>
        new Promise((resolve, reject) => {
          if (signal.aborted) return resolve();
          const call = client.read(
            readRequest(wanted),
            ...this.channels.callArguments(LEADER, { deadline: Infinity }),
          );
          const stop = (): void => call.cancel();
          const ended = (finish: () => void): void => {
            signal.removeEventListener('abort', stop);
            if (signal.aborted) resolve();
            else finish();
          };
          signal.addEventListener('abort', stop, { once: true });
          call
            .on('data', onAnswer)
            .on('error', (error) => ended(() => reject(error)))
            .on('end', () => ended(resolve));
        }),
    );
  }

  /**
   * A stream of appends and answers, for `work`; cancelled when that ends. Without a deadline it
   * goes on for as long as that does.
   */
  batches<Result>(
    deadlineMs: number | undefined,
    work: (call: ClientDuplexStream<BatchAppendReq, BatchAppendResp>) => Promise<Result>,
  ): Promise<Result> {
    return this.call('batch append', async (client) => {
      const call = client.batchAppend(
        ...(deadlineMs === undefined
          ? this.channels.callArguments(LEADER, { deadline: Infinity })
          : this.channels.callArguments({ deadline: deadlineMs, ...LEADER })),
      );
      try {
        return await work(call);
      } finally {
        call.on('error', () => undefined).cancel();
      }
    });
  }

  async close(): Promise<void> {
    if (!this.isUsed) return;
    // No server was found: there is none to close.
    const channel = await this.channels.getChannel().catch(() => undefined);
    channel?.close();
  }

  private async call<Result>(
    doing: string,
    action: (client: StreamsClient) => Promise<Result>,
  ): Promise<Result> {
    this.isUsed = true;
    try {
      return await this.channels.execute(StreamsClient, doing, action);
    } catch (error) {
      throw error instanceof Error ? convertToCommandError(error as ServiceError) : error;
    }
  }
}

/** What both kinds of append answer. */
export const writtenAt = (success: {
  getCurrentRevision(): string;
  getPosition(): { getCommitPosition(): string } | undefined;
}): WrittenAt => ({
  revision: Number(success.getCurrentRevision()),
  position: BigInt(success.getPosition()?.getCommitPosition() ?? 0),
});
