import { randomBytes } from 'node:crypto';
import { startEventStoreServer } from '.';

const IMAGE = 'eventstore/eventstore:24.10';
const PORT = 2113;
const STARTUP_MS = 180_000;

export interface TestEventStore {
  readonly url: string;
  /** What stands behind it: a running server, a container, or the wire server in this process. */
  readonly kind: 'server' | 'container' | 'wire server';
  stop(): Promise<void>;
}

/**
 * An event store for tests, which may be shared and not empty (see `freshNamespace`): the one at
 * EVENTSTORE_URL; else EventStoreDB in a container where Docker is at hand (EVENTSTORE=docker
 * insists, EVENTSTORE=wire does without); else the wire server. Says which on one line.
 */
export const testEventStore = async (): Promise<TestEventStore> => {
  const url = process.env.EVENTSTORE_URL;
  const store = url
    ? { url, kind: 'server' as const, stop: async () => undefined }
    : ((await inContainer()) ?? (await onTheWire()));
  const { hostname, port } = new URL(
    store.url.replace(/^esdb(\+discover)?:/, 'http:').replace(/,[^/?]*/, ''),
  );
  process.stdout.write(`event store under test: ${store.kind} at ${hostname}:${port}\n`);
  return store;
};

/** A namespace of its own is an empty store, on whatever server. */
export const freshNamespace = (): string => `test_${randomBytes(8).toString('hex')}`;

const onTheWire = async (): Promise<TestEventStore> => {
  const server = await startEventStoreServer();
  return { url: server.url, kind: 'wire server', stop: () => server.stop() };
};

const inContainer = async (): Promise<TestEventStore | undefined> => {
  if (process.env.EVENTSTORE === 'wire') return undefined;
  try {
    const { GenericContainer, Wait } = await import('testcontainers');
    const container = await new GenericContainer(IMAGE)
      .withEnvironment({
        EVENTSTORE_INSECURE: 'true',
        EVENTSTORE_MEM_DB: 'true',
        EVENTSTORE_CLUSTER_SIZE: '1',
        EVENTSTORE_TELEMETRY_OPTOUT: 'true',
      })
      .withExposedPorts(PORT)
      .withWaitStrategy(Wait.forHttp('/health/live', PORT).forStatusCode(204))
      .withStartupTimeout(STARTUP_MS)
      .start();
    const url = `esdb://${container.getHost()}:${container.getMappedPort(PORT)}?tls=false`;
    return { url, kind: 'container', stop: async () => void (await container.stop()) };
  } catch (error) {
    if (process.env.EVENTSTORE === 'docker') throw error;
    return undefined;
  }
};
