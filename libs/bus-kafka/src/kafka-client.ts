import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Kafka, type KafkaConfig, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs';
import type { Log } from '@caretab/bus';

export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** A connection whose broker leaves a request unanswered for so long is replaced. */
  readonly requestMs?: number;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: SASLOptions;
}

/**
 * Short retries, so that a restarted broker is found at once. A session that gives up is restarted
 * by its owner, without limit.
 */
export const RETRY: RetryOptions = {
  initialRetryTime: 50,
  multiplier: 2,
  factor: 0.2,
  maxRetryTime: 1000,
  retries: 8,
};

const KEEP_ALIVE_MS = 30_000;
const CONNECT_MS = 5000;
const REQUEST_MS = 30_000;

/** Every socket a client opened, so that a test can make a member vanish without a word. */
export class Sockets {
  private readonly open = new Set<Socket>();
  private isCut = false;

  readonly factory: NonNullable<KafkaConfig['socketFactory']> = ({
    host,
    port,
    ssl,
    onConnect,
  }) => {
    // A type error is the one kind that kafkajs does not try again after.
    if (this.isCut) throw new TypeError('the member has crashed');
    const socket = ssl
      ? connectTls({ host, port, servername: host, ...ssl }, onConnect)
      : connect({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
    return socket;
  };

  /** Ends all connections, now and later. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.open) socket.destroy(new Error('the member has crashed'));
  }
}

/**
 * A kafkajs client that is silent on the console. What it meets is said by its owner, once;
 * kafkajs' own lines reach the given log when KAFKAJS_LOG_LEVEL (a variable of kafkajs) asks for
 * them. They carry no message's content.
 */
export const kafkaClient = (
  { brokers, clientId, ssl, sasl, requestMs = REQUEST_MS }: KafkaConnection,
  log: Log,
  sockets = new Sockets(),
): Kafka =>
  new Kafka({
    brokers: [...brokers],
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    connectionTimeout: Math.min(CONNECT_MS, requestMs),
    requestTimeout: requestMs,
    retry: RETRY,
    socketFactory: sockets.factory,
    logLevel: logLevel.NOTHING,
    logCreator:
      () =>
      ({ namespace, log: { message } }) =>
        log.info({ namespace }, `kafkajs: ${message}`),
  });

/** The Kafka error code in an error or in what caused it, e.g. ILLEGAL_GENERATION. */
export const kafkaErrorType = (error: unknown): string | undefined => {
  for (
    let at = error as { type?: unknown; cause?: unknown } | undefined, depth = 0;
    at && depth < 8;
    at = at.cause as typeof at, depth += 1
  ) {
    if (typeof at.type === 'string') return at.type;
  }
  return undefined;
};

const PASSING = [
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'NOT_CONTROLLER',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_LOAD_IN_PROGRESS',
];

/**
 * A topic's leader or a group's coordinator is being found; the same question has an answer soon.
 */
export const isPassing = (error: unknown): boolean =>
  PASSING.includes(kafkaErrorType(error) ?? '') ||
  (error as Error).name === 'KafkaJSGroupCoordinatorNotFound';

interface Protocol {
  readonly requestTimeout?: number | null;
}

interface Connection {
  readonly requestTimeout: number;
  readonly socket: Socket | null;
  send(protocol: Protocol): Promise<unknown>;
}

/**
 * kafkajs keeps a connection on which a request timed out, and repeats the request on it: a line
 * that died without a word holds its requests up for many time-outs. It also measures them by the
 * machine's clock: one that is set back prolongs them by as much. Here a request that is not
 * answered in time ends its connection, by a timer, and kafkajs repeats it on a new one.
 */
const silenceEndsConnections = (): void => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { prototype } = require('kafkajs/src/network/connection') as {
    readonly prototype: Connection;
  };
  const { send } = prototype;
  prototype.send = async function (this: Connection, protocol: Protocol): Promise<unknown> {
    const { socket } = this;
    const limitMs = Math.max(this.requestTimeout, protocol.requestTimeout ?? 0);
    const silent = (): void =>
      void socket?.destroy(new Error(`a request was not answered for ${limitMs} ms`));
    const timer = setTimeout(silent, limitMs);
    try {
      return await send.call(this, protocol);
    } finally {
      clearTimeout(timer);
    }
  };
};
silenceEndsConnections();

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs sets a timer in the past after every response, even when nothing waits: Node 24 warns of
 * it (TimeoutNegativeWarning), and it costs a timer per request. It needs one only when requests
 * wait.
 */
const onlyTimersThatAreNeeded = (): void => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { prototype } = require('kafkajs/src/network/requestQueue') as {
    readonly prototype: RequestQueue;
  };
  const { scheduleCheckPendingRequests } = prototype;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
  };
};
onlyTimersThatAreNeeded();
