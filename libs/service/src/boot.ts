import type { IncomingMessage, ServerResponse } from 'node:http';
import { topicsFor } from '@caretab/contracts';
import { PgBus } from '@caretab/messaging';
import { logger } from '@caretab/telemetry';
import { type Static, Type } from '@sinclair/typebox';
import { Closing } from './closing';
import { parseConfig } from './config';
import type { ServiceDefinition } from './service';
import { startServices } from './start-services';

/** What a service that runs in a process of its own reads besides its own schema and the chassis'. */
export const BootConfig = Type.Object({
  DATABASE_URL: Type.String({ pattern: '^postgres(ql)?://', description: "the service's own database" }),
  BUS_DATABASE_URL: Type.String({ pattern: '^postgres(ql)?://', description: 'the database that carries the bus' }),
  PAYER_IDS: Type.String({ default: 'city-employee,city-resident,evergreen-health', description: 'insurers that have a settlement topic, separated by commas' }),
});

interface Telemetry {
  metricsHandler(request: IncomingMessage, response: ServerResponse): void;
  shutdown(): Promise<void>;
}

/** Runs one service as a process: starts it, stops it cleanly on SIGINT and SIGTERM, and ends with one clear line if it cannot start. */
export const boot = async (service: ServiceDefinition<any>, env: NodeJS.ProcessEnv, telemetry: Telemetry): Promise<void> => {
  const log = logger(service.name);
  const closing = new Closing((what, err) => log.error({ what, err }, 'could not be closed'));
  closing.add('telemetry', () => telemetry.shutdown());
  try {
    const config: Static<typeof BootConfig> = parseConfig(service.name, BootConfig, env);
    const bus = new PgBus({ url: config.BUS_DATABASE_URL, logger: log });
    closing.add('bus', () => bus.close());
    const running = await startServices({
      services: [service], env, bus, topics: topicsFor(config.PAYER_IDS.split(',')), databaseUrl: () => config.DATABASE_URL,
      metrics: (request, response) => telemetry.metricsHandler(request, response),
    });
    closing.add('service', () => running.stop());
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
  } catch (error) {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'cannot start');
    process.exitCode = 1;
  } finally {
    // Whatever happened: a connection left open would keep a process alive that serves nobody.
    await closing.run();
  }
};
