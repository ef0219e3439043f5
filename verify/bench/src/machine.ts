import { twinBusSettings } from '@caretab/bus';
import { TWIN_KEYS_TEXT } from '@caretab/event-store';
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort, removeEmbeddedPostgres, startEmbeddedPostgres } from '@caretab/engines';
import type { Options } from './options';
import type { Progress } from './progress';

const ROOT = resolve(__dirname, '../../..');
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
/**
 * As the image runs a service: room for what a batch makes and throws away, else a fifth of the
 * time goes into collecting it.
 */
export const LEDGER_FLAGS = ['--max-semi-space-size=64'];

export interface Database {
  readonly url: string;
  readonly pid: number;
}

/** A service as a process of its own: what a pod runs. */
export interface Process {
  readonly pid: number;
  readonly url: string;
  /** Asks one of its HTTP routes. */
  get<Answer>(path: string): Promise<Answer>;
  /** Rejects if the process ends by itself. */
  readonly died: Promise<never>;
  stop(): Promise<void>;
}

export type Ledger = Process;

interface Program {
  readonly name: string;
  readonly main: string;
  readonly flags: readonly string[];
  readonly upAt?: string;
}

/**
 * One run on a machine of its own: what it started is taken away at its end, at its failure, and
 * when it is interrupted. Rejects as `run` does.
 */
export const onMachine = async <Result>(
  progress: Progress,
  run: (machine: Machine) => Promise<Result>,
): Promise<Result> => {
  const machine = new Machine();
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  });
  try {
    return await Promise.race([run(machine), interrupted]);
  } finally {
    await progress.step('stopped and cleaned up', () => machine.clean());
  }
};

/** What a run starts, and takes away again in the reverse order, whatever happened. */
export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'caretab-bench-'));
  private readonly cleaning: (() => Promise<void>)[] = [
    () => rm(this.folder, { recursive: true, force: true }),
  ];

  onClean(work: () => Promise<void>): void {
    this.cleaning.push(work);
  }

  async clean(): Promise<void> {
    for (const work of this.cleaning.splice(0).reverse())
      await work().catch((error: unknown) =>
        console.error(`could not be cleaned up: ${String(error)}`),
      );
  }

  /** `countsStatements`: with the extension pg_stat_statements, for all databases of the server. */
  async database(log: (line: string) => void, countsStatements = false): Promise<Database> {
    const dataDir = join(this.folder, 'postgres');
    this.onClean(() => removeEmbeddedPostgres({ dataDir }));
    let server = await startEmbeddedPostgres({ dataDir, log });
    if (countsStatements) {
      await query(server.url, "alter system set shared_preload_libraries = 'pg_stat_statements'");
      await server.stop();
      server = await startEmbeddedPostgres({ dataDir, log });
      await query(server.url, 'create extension pg_stat_statements');
    }
    this.onClean(() => server.stop());
    return {
      url: server.url,
      pid: Number(readFileSync(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]),
    };
  }

  /** Takes whatever is exported and throws it away; gives its address. */
  async traceReceiver(): Promise<string> {
    const server = createHttpServer(
      (request, response) => void request.resume().on('end', () => response.end('{}')),
    );
    await new Promise<void>((listening, reject) =>
      server.once('error', reject).listen(0, '127.0.0.1', listening),
    );
    this.onClean(
      () => new Promise((closed) => (server.close(() => closed()), server.closeAllConnections())),
    );
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  ledger(
    { profileDir }: Pick<Options, 'profileDir'>,
    environment: Readonly<Record<string, string>>,
  ): Promise<Ledger> {
    const profile = profileDir ? ['--cpu-prof', `--cpu-prof-dir=${resolve(profileDir)}`] : [];
    return this.service('visit-ledger', environment, [...LEDGER_FLAGS, ...profile]);
  }

  /** Starts a service, and waits until it answers. */
  async service(
    name: string,
    environment: Readonly<Record<string, string>>,
    flags: readonly string[] = LEDGER_FLAGS,
  ): Promise<Process> {
    return this.program({ name, main: `services/${name}/dist/main.js`, flags }, environment);
  }

  /** Starts a program of the repository that listens on HTTP_PORT; `upAt`: a path it answers. */
  async program(
    { name, main, flags, upAt = '/health' }: Program,
    environment: Readonly<Record<string, string>>,
  ): Promise<Process> {
    const port = Number(environment['HTTP_PORT'] ?? (await freePort()));
    const logFile = join(this.folder, `${name}.log`);
    const output = openSync(logFile, 'w');
    const child = spawn(process.execPath, [...flags, join(ROOT, main)], {
      env: {
        PATH: process.env['PATH'],
        LOG_LEVEL: 'warn',
        HTTP_PORT: String(port),
        VISIT_LEDGER_EVENT_KEYS: TWIN_KEYS_TEXT,
        ...twinBusSettings(),
        ...environment,
      },
      stdio: ['ignore', output, output],
      // Ctrl-C in the terminal reaches us alone, and the ledger ends before its database does.
      detached: true,
    });
    closeSync(output);
    let isStopping = false;
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    const died = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once(
        'exit',
        (code, signal) =>
          !isStopping &&
          reject(new Error(`${name} ended by itself (${code ?? signal}): ${lastLines(logFile)}`)),
      );
    });
    died.catch(() => undefined);
    const stop = async (): Promise<void> => {
      isStopping = true;
      await end(child, ended);
    };
    this.onClean(stop);
    const url = `http://127.0.0.1:${port}`;
    const get = async <Answer>(path: string): Promise<Answer> => {
      const response = await fetch(`${url}${path}`);
      if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
      return (await response.json()) as Answer;
    };
    await Promise.race([untilUp(name, `${url}${upAt}`), died]);
    return { pid: child.pid!, url, get, died, stop };
  }
}

const query = async (url: string, text: string): Promise<void> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(text).finally(() => client.end());
};

const untilUp = async (name: string, url: string): Promise<void> => {
  for (const givenUpAtMs = performance.now() + READY_TIMEOUT_MS; ; await sleep(100)) {
    try {
      const { status } = await fetch(url);
      if (status < 500) return;
      throw new Error(`${url} answers ${status}`); // It runs and is not ready.
    } catch (error) {
      if (performance.now() > givenUpAtMs)
        throw new Error(`${name} did not start`, { cause: error });
    }
  }
};

const end = async (child: ChildProcess, ended: Promise<void>): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended.finally(() => clearTimeout(late));
};

const lastLines = (file: string): string =>
  readFileSync(file, 'utf8').trim().split('\n').slice(-3).join(' | ').slice(0, 2000);
