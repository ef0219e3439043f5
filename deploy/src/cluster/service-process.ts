import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { heapFlagsOf } from './heap-flags';
import { type Life, lifeOf } from './process-identity';
import type { Instance } from './topology';

const ROOT = join(__dirname, '../../..');
/** Nine of them, a broker and a database share one machine. */
const HEAP_MAX_MB = 256;
const LAST_LINE_MAX = 600;

export const logFileOf = (dataDir: string, name: string): string =>
  join(dataDir, 'logs', `${name}.log`);

export interface ProcessWishes {
  /** Where it logs; a file of its own when absent. */
  readonly output?: 'pipe';
  /** Modules that are loaded before the service. */
  readonly preloaded?: readonly string[];
}

/**
 * Starts one process of a service. It is in a session of its own, so that Ctrl-C reaches the
 * launcher alone, and its IPC channel closes when the launcher ends, for any reason.
 */
export const startProcess = (
  dataDir: string,
  { name, service }: Instance,
  env: Readonly<Record<string, string>>,
  { output, preloaded = [] }: ProcessWishes = {},
): { child: ChildProcess; life: Life } => {
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  const log = output ?? openSync(logFileOf(dataDir, name), 'a', 0o600);
  // What was set for a bus of another kind, or another database, must not mix with ours.
  const inherited = {
    ...process.env,
    KAFKA_BROKERS: undefined,
    BUS_DATABASE_URL: undefined,
    EVENTSTORE_URL: undefined,
    NODE_OPTIONS: undefined,
  };
  const node = [
    `--max-old-space-size=${HEAP_MAX_MB}`,
    ...heapFlagsOf(service),
    '--enable-source-maps',
    ...preloaded.flatMap((module) => ['--require', module]),
  ];
  const child = spawn(
    process.execPath,
    [...node, join(ROOT, 'services', service, 'dist/main.js')],
    {
      cwd: ROOT,
      env: { ...inherited, ...env },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    },
  );
  if (typeof log === 'number') closeSync(log);
  return { child, life: lifeOf(child.pid ?? 0) };
};

/** What the process said last, in words where the line is a log line. */
export const lastLineOf = (dataDir: string, name: string): string => {
  const file = logFileOf(dataDir, name);
  const line = existsSync(file)
    ? (readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '')
    : '';
  return inWords(line).slice(0, LAST_LINE_MAX);
};

const inWords = (line: string): string => {
  try {
    const { msg, err, method, route, status } = JSON.parse(line) as {
      msg?: string;
      err?: { message?: string };
      method?: string;
      route?: string;
      status?: number;
    };
    const why = err?.message && err.message !== msg ? `: ${err.message}` : '';
    return [`${msg ?? ''}${why}`, method, route, status]
      .filter((part) => part !== undefined)
      .join(' ');
  } catch {
    return line;
  }
};
