import { existsSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// Jest resolves nothing by alias here and the workspaces may not be built yet, so this one import
// is by path.
import {
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '@caretab/engines';

const PREFIX = 'caretab-test-';

/** Ends what the setup began; global-teardown finds it here. */
export interface TestServer {
  close(): Promise<void>;
}

declare global {
  var caretabTestServer: TestServer | undefined;
}

/**
 * Offers an embedded PostgreSQL to every test worker: it is started by the first request to a
 * loopback port, so a run of pure tests pays nothing. With TEST_DATABASE_URL set, that server is
 * used and nothing is offered.
 */
export default async function globalSetup(): Promise<void> {
  if (process.env.TEST_DATABASE_URL) return;
  let dataDir: string | undefined;
  const start = async (): Promise<EmbeddedPostgres> => {
    await removeLeftovers();
    dataDir = await mkdtemp(join(tmpdir(), PREFIX));
    return startEmbeddedPostgres({ dataDir, durable: false });
  };
  let started: Promise<EmbeddedPostgres> | undefined;
  const starter = createServer((_request, response) => {
    started ??= start();
    // A kept connection could close just as a busy worker uses it again.
    response.setHeader('connection', 'close');
    started.then(
      ({ url }) => response.end(url),
      (error: unknown) =>
        response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((listening) => starter.listen(0, '127.0.0.1', listening));
  starter.unref();
  process.env.TEST_DATABASE_STARTER_URL = `http://127.0.0.1:${(starter.address() as AddressInfo).port}/`;
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= end());
  const end = async (): Promise<void> => {
    starter.close();
    starter.closeAllConnections();
    // It never started: its tests have said so.
    await started?.then((server) => server.stop()).catch(() => undefined);
    if (dataDir) await removeEmbeddedPostgres({ dataDir });
  };
  globalThis.caretabTestServer = { close };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void close().finally(() => process.exit(1)));
  }
}

/**
 * Ends what killed runs left behind. A run that still lives owns its folder, and removal is
 * refused.
 */
const removeLeftovers = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const dataDir = join(tmpdir(), name);
    if (name.startsWith(PREFIX) && existsSync(join(dataDir, 'owner.json'))) {
      await removeEmbeddedPostgres({ dataDir }).catch(() => undefined);
    }
  }
};
