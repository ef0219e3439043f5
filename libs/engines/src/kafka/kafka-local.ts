import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '../free-port';
import { endOrphan, end, startBroker } from './kafka-broker';
import { kafkaJars } from './kafka-jars';
import { format, HOST, type SecondDoor, writeSettings } from './kafka-settings';

export type { SecondDoor } from './kafka-settings';

export interface LocalKafkaOptions {
  /**
   * Ours alone: the log segments, the settings and the broker's own log. Made when missing;
   * survives a restart.
   */
  readonly dataDir: string;
  /** A free one when 0 or absent. */
  readonly port?: number;
  readonly log?: (line: string) => void;
  /**
   * false (default): an acknowledged message survives the death of the broker, not a power cut
   * before the system wrote it out, as a single Kafka node is usually run. true: every write is on
   * disk before it is acknowledged.
   */
  readonly durable?: boolean;
  /**
   * A second listener, for clients behind a proxy of the caller: a client that connects to `port`
   * is redirected to `advertisedPort`, from where the caller's proxy forwards.
   */
  readonly behind?: SecondDoor;
  /** Settings of the broker that are other ones than ours, by Kafka's names. */
  readonly otherwise?: Readonly<Record<string, string>>;
}

export interface LocalKafka {
  readonly brokers: string[];
  /** Orderly shutdown, awaited. Repeatable. */
  stop(): Promise<void>;
  /** Ends the broker without a word (kill -9); what tests do. */
  kill(): Promise<void>;
  /** Resolves when the broker is no more, for whatever reason. */
  readonly ended: Promise<void>;
}

/**
 * Starts one real Apache Kafka node (broker and controller in one process, KRaft) on loopback, as a
 * child of this process: it ends when this process ends, however that happens. Resolves when it
 * answers. Every failure is an Error of one line that says what to do.
 */
export const startLocalKafka = async (options: LocalKafkaOptions): Promise<LocalKafka> => {
  const log = options.log ?? (() => undefined);
  const jars = await kafkaJars(log);
  const dataDir = resolve(options.dataDir);
  await endOrphan(dataDir, log);
  const { behind, durable = false, otherwise } = options;
  const [port, controllerPort] = [await freePort(options.port ?? 0), await freePort(0)];
  if (behind) await freePort(behind.port);
  const settings = writeSettings(dataDir, {
    ...{ port, controllerPort, durable, behind, otherwise },
  });
  if (!existsSync(join(dataDir, 'log', 'meta.properties'))) format(jars, dataDir, settings, log);
  log(`starting Apache Kafka ${jars.version}`);
  const broker = await startBroker(jars, dataDir, settings, port);
  log(`Apache Kafka ${jars.version} listens on ${HOST}:${port}`);
  const ended = new Promise<void>((resolveEnded) => broker.once('exit', () => resolveEnded()));
  return {
    brokers: [`${HOST}:${port}`],
    stop: () => end(broker, ''),
    kill: () => end(broker, 'kill\n'),
    ended,
  };
};
