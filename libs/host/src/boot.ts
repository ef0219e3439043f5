import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { type Topic, topics } from '@caretab/contracts';
import { CannotStart } from '@caretab/kernel';
import { type Logger, logger } from '@caretab/telemetry';
import { type BootConfig, parseBootConfig } from './boot-config';
import { parseChassisConfig } from './chassis-config';
import { Closing } from './closing';
import { collectFaults, type Environment, parseConfig } from './config';
import { openBus } from './open-bus';
import type { ServiceDefinition } from './service';
import { startServices } from './start-services';

interface Telemetry {
  metricsHandler(request: IncomingMessage, response: ServerResponse): void;
  shutdown(): Promise<void>;
}

/** Every fault of the environment in one ConfigError, for all readers of a variable. */
const configOf = (service: ServiceDefinition<any>, env: Environment): BootConfig => {
  const [config] = collectFaults<unknown>(service.name, [
    () => parseBootConfig(service.name, env),
    () => parseChassisConfig(env),
    () => parseConfig(service.name, service.config, env),
  ]);
  return config as BootConfig;
};

/**
 * The contracts' topics and those that the service publishes (one per insurer of its plans), with no
 * more partitions than the machine is to have.
 */
const topicsOf = (
  { publishes }: ServiceDefinition,
  { TOPIC_PARTITIONS_MAX = Infinity }: BootConfig,
): Topic[] =>
  [...new Map([...topics, ...publishes].map((topic) => [topic.name, topic])).values()].map(
    (topic) => ({
      ...topic,
      partitions: Math.min(topic.partitions, TOPIC_PARTITIONS_MAX),
    }),
  );

/**
 * Resolves when the process is asked to stop: by SIGINT or SIGTERM, or because the launcher that
 * forked it is gone. Asked for before the start, so that a signal during it ends with everything
 * closed; a second signal ends the process at once.
 */
const askedToStop = (): Promise<void> =>
  new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    if (process.send) process.once('disconnect', () => resolve());
    if (process.send && !process.connected) resolve();
  });

/** Longer than the bus waits for handlers at work, and shorter than an orchestrator waits for us. */
const CLOSE_MS = 35_000;
/** What libraries still end by themselves. */
const LINGER_MS = 2_000;

/**
 * On any outcome: a connection that is open, as kafkajs leaves one after a failed start, would keep a
 * process alive that serves no client, and its supervisor would wait for it.
 */
const closeAll = async (closing: Closing, log: Logger): Promise<void> => {
  const limit = setTimeout(() => {
    log.error({ limitMs: CLOSE_MS }, 'not closed in time: the process ends as it is');
    process.exit(1);
  }, CLOSE_MS);
  await closing.run();
  clearTimeout(limit);
  setTimeout(() => process.exit(), LINGER_MS).unref();
};

/**
 * Runs one service as a process: starts it, stops it cleanly when asked to, and ends with one clear
 * line if it cannot start.
 */
export const boot = async (
  service: ServiceDefinition<any>,
  env: NodeJS.ProcessEnv,
  telemetry: Telemetry,
): Promise<void> => {
  const log = logger(service.name);
  const closing = new Closing((what, err) => log.error({ what, err }, 'close failed'));
  closing.add('telemetry', () => telemetry.shutdown());
  const stop = askedToStop();
  try {
    const config = configOf(service, env);
    const bus = openBus(config, `${service.name}@${hostname()}/${process.pid}`, log);
    closing.add('bus', () => bus.close());
    const running = await startServices({
      services: [service],
      env,
      bus,
      topics: topicsOf(service, config),
      databaseUrl: () => config.DATABASE_URL,
      ownerUrl: () => config.DATABASE_OWNER_URL,
      metrics: (request, response) => telemetry.metricsHandler(request, response),
    });
    closing.add('service', () => running.stop());
    await stop;
  } catch (error) {
    if (error instanceof CannotStart) log.fatal(error.message);
    else log.fatal({ err: error }, error instanceof Error ? error.message : 'cannot start');
    process.exitCode = 1;
  } finally {
    await closeAll(closing, log);
    if (process.connected) process.disconnect();
  }
};
