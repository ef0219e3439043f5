import { setTimeout as sleep } from 'node:timers/promises';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import {
  SupportedMethod,
  SupportedMethods,
} from '@eventstore/db-client/generated/serverfeatures_pb';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import {
  Server,
  ServerCredentials,
  type ServiceError,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { freePort } from '@caretab/engines';
import { type LogCopy, ServerLog, type StoredEvent } from './log';
import { answerDelete, deleteAnswer, tombstoneAnswer } from './deleting';
import { answerRead } from './reading';
import { type Caller, refusalOf, type Right, unimplemented } from './rights';
import { answerAppend, answerBatchAppend, type AppendRules, type Treatment } from './writing';

const VERSION = '24.10.4';
/** What the wire takes in one message. */
const MESSAGE_BYTES_MAX = 17 * 1024 * 1024;

export interface EventStoreServerOptions {
  /** A free one by default. */
  readonly port?: number;
  /** How long the server takes before it looks at a call, as a network would; default 0. */
  readonly delayMs?: number;
}

/**
 * A server that keeps everything in memory and speaks EventStoreDB's wire protocol, without TLS.
 */
export interface EventStoreServer {
  readonly url: string;
  readonly port: number;
  /** Calls that were made since the start, by method. */
  readonly calls: ReadonlyMap<string, number>;
  stop(): Promise<void>;
  /** Cuts every connection; new ones are taken. */
  dropConnections(): void;
  /** Goes down, and comes up on the same port with the same data after a while. */
  restart(downMs?: number): Promise<void>;
  /**
   * The next append (to a stream whose name ends so), or so many, is written but not answered, or
   * not even written.
   */
  leaveUnanswered(
    treatment: Exclude<Treatment, 'answer'>,
    streamEnd?: string,
    times?: number,
  ): void;
  /** Its clock is so far ahead of the client's. */
  setClockAhead(byMs: number): void;
  /** From now on no append is written or answered, or every one again. */
  ignoreAppends(on: boolean): void;
  /** Cuts every connection after so many more appends were written, before the next is. */
  interruptAfter(appends: number): void;
  /** From now on every client is taken for such a caller; at first for a member of `$admins`. */
  takeCallersFor(caller: Caller): void;
  /** From now on it answers as another server does, which has no streams; or again as it is. */
  beAnotherServer(on: boolean): void;
  /** Its data as they are now. */
  copied(): LogCopy;
  /** Goes down, and comes up on the same port with these data. */
  restartOn(copy: LogCopy): Promise<void>;
  /** Offset of the newest event in the log. */
  readonly end: bigint;
  /** What the owner of the server's disk can do: changes an event in place. */
  tamper(streamEnd: string, revision: number, change: (event: StoredEvent) => void): void;
}

export const startEventStoreServer = async (
  options: EventStoreServerOptions = {},
): Promise<EventStoreServer> => {
  const server = new WireServer(options.port || (await freePort()), options.delayMs ?? 0);
  await server.start();
  return server;
};

class WireServer implements EventStoreServer {
  readonly calls = new Map<string, number>();
  private readonly log = new ServerLog();
  private grpc: Server | undefined;
  private isDeaf = false;
  private isAnother = false;
  private caller: Caller = 'admin';
  private appendsLeft = Infinity;
  private unanswered:
    { readonly treatment: Treatment; readonly streamEnd: string; left: number } | undefined;
  private clockAheadMs = 0;

  constructor(
    readonly port: number,
    private readonly delayMs: number,
  ) {}

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  async start(): Promise<void> {
    const grpc = new Server({
      'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
      'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    });
    grpc.addService(StreamsService as never, this.streams());
    grpc.addService(
      ServerFeaturesService as never,
      {
        getSupportedMethods: (
          _call: unknown,
          answer: (error: null, value: SupportedMethods) => void,
        ) => answer(null, features()),
      } as never,
    );
    grpc.addService(
      GossipService as never,
      {
        read: (_call: unknown, answer: (error: null, value: ClusterInfo) => void) =>
          answer(null, cluster(this.port)),
      } as never,
    );
    await new Promise<void>((resolve, reject) => {
      grpc.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    this.grpc = grpc;
  }

  async stop(): Promise<void> {
    this.grpc?.forceShutdown();
    this.grpc = undefined;
    this.log.removeAllListeners();
  }

  dropConnections(): void {
    this.grpc?.drain(`127.0.0.1:${this.port}`, 0);
  }

  async restart(downMs = 100): Promise<void> {
    await this.stop();
    await sleep(downMs);
    await this.start();
  }

  leaveUnanswered(treatment: Exclude<Treatment, 'answer'>, streamEnd = '', times = 1): void {
    this.unanswered = { treatment, streamEnd, left: times };
  }

  setClockAhead(byMs: number): void {
    this.clockAheadMs = byMs;
  }

  ignoreAppends(on: boolean): void {
    this.isDeaf = on;
  }

  interruptAfter(appends: number): void {
    this.appendsLeft = appends;
  }

  takeCallersFor(caller: Caller): void {
    this.caller = caller;
  }

  beAnotherServer(on: boolean): void {
    this.isAnother = on;
  }

  copied(): LogCopy {
    return this.log.copied();
  }

  async restartOn(copy: LogCopy): Promise<void> {
    await this.stop();
    this.log.put(copy);
    await this.start();
  }

  get end(): bigint {
    return this.log.events.at(-1)!.position;
  }

  tamper(streamEnd: string, revision: number, change: (event: StoredEvent) => void): void {
    const event = this.log.events.find(
      (one) => one.stream.endsWith(streamEnd) && one.revision === revision,
    );
    if (!event) throw new Error(`No event ${revision} of a stream that ends in ${streamEnd}`);
    change(event);
  }

  private treat(stream: string): Treatment {
    if (this.isDeaf) return 'ignore';
    if ((this.appendsLeft -= 1) < 0) {
      this.appendsLeft = Infinity;
      this.dropConnections();
      return 'ignore';
    }
    const { unanswered } = this;
    if (!unanswered || !stream.endsWith(unanswered.streamEnd)) return 'answer';
    if ((unanswered.left -= 1) <= 0) this.unanswered = undefined;
    return unanswered.treatment;
  }

  private refusal(right: Right, stream: string): ServiceError | undefined {
    return this.isAnother ? unimplemented() : refusalOf(this.log, this.caller, right, stream);
  }

  private streams(): UntypedServiceImplementation {
    const { log } = this;
    const aheadMs = (): number => this.clockAheadMs;
    const rules: AppendRules = {
      get clockAheadMs() {
        return aheadMs();
      },
      treat: (stream) => this.treat(stream),
      refusal: (stream) => this.refusal('$w', stream),
    };
    const mayRead = (stream: string) => this.refusal('$r', stream);
    const mayDelete = (stream: string) => this.refusal('$d', stream);
    const methods: Record<string, (...call: never[]) => void> = {
      read: (call) => answerRead(log, mayRead, call),
      append: (call, answer) => answerAppend(log, rules, call, answer),
      batchAppend: (call) => answerBatchAppend(log, rules, call),
      delete: (call, answer: Answer) =>
        answerDelete(log, mayDelete, call, false, (error, position) =>
          error ? answer(error) : answer(null, deleteAnswer(position!)),
        ),
      tombstone: (call, answer: Answer) =>
        answerDelete(log, mayDelete, call, true, (error, position) =>
          error ? answer(error) : answer(null, tombstoneAnswer(position!)),
        ),
    };
    return Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [name, this.counted(name, method)]),
    ) as unknown as UntypedServiceImplementation;
  }

  private counted(name: string, method: (...call: never[]) => void): (...call: never[]) => void {
    return (...call) => {
      this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
      if (this.delayMs > 0) setTimeout(() => method(...call), this.delayMs);
      else method(...call);
    };
  }
}

type Answer = (error: Error | null, value?: unknown) => void;

const features = (): SupportedMethods => {
  const supported = new SupportedMethods();
  supported.setEventStoreServerVersion(VERSION);
  for (const [name, list] of [
    ['append', []],
    ['batchappend', ['deadline_duration']],
    ['delete', []],
    ['read', ['position', 'events']],
    ['tombstone', []],
  ] as const) {
    const method = new SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    method.setFeaturesList([...list]);
    supported.addMethods(method);
  }
  return supported;
};

/** A cluster of one, which leads. */
const cluster = (port: number): ClusterInfo => {
  const endPoint = new EndPoint();
  endPoint.setAddress('127.0.0.1');
  endPoint.setPort(port);
  const member = new MemberInfo();
  member.setState(MemberInfo.VNodeState.LEADER);
  member.setIsAlive(true);
  member.setHttpEndPoint(endPoint);
  const info = new ClusterInfo();
  info.setMembersList([member]);
  return info;
};
