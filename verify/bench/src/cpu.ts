import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * Seconds of CPU that processes have used so far; zero where the system does not report it (only
 * Linux does).
 */
export interface Cpu {
  readonly bench: number;
  readonly ledger: number;
  readonly postgres: number;
}

const ticksPerSecond = (): number => {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  } catch {
    return 100;
  }
};
const TICKS_PER_SECOND = ticksPerSecond();

/** Fields of /proc/<pid>/stat after the name: parent, and ticks in user and system mode. */
const statOf = (
  pid: string,
): { readonly parent: number; readonly seconds: number; readonly reaped: number } | undefined => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .split(') ')
      .at(-1)!
      .split(' ')
      .map(Number);
    return {
      parent: fields[1]!,
      seconds: (fields[11]! + fields[12]!) / TICKS_PER_SECOND,
      reaped: (fields[13]! + fields[14]!) / TICKS_PER_SECOND,
    };
  } catch {
    return undefined;
  }
};

export const cpuOf = (ledgerPid: number, postgresPid: number): Cpu => {
  const { user, system } = process.cpuUsage();
  const own = { bench: (user + system) / 1e6 };
  if (!existsSync('/proc/self/stat')) return { ...own, ledger: 0, postgres: 0 };
  const server = statOf(String(postgresPid));
  let postgres = (server?.seconds ?? 0) + (server?.reaped ?? 0);
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = statOf(pid);
    if (stat?.parent === postgresPid) postgres += stat.seconds;
  }
  return { ...own, ledger: statOf(String(ledgerPid))?.seconds ?? 0, postgres };
};

/** Seconds of CPU of one process so far; zero where the system does not report it. */
export const processCpuSeconds = (pid: number): number => statOf(String(pid))?.seconds ?? 0;

/**
 * Seconds of CPU of a PostgreSQL server so far, by the role that its backends serve; its own
 * processes and ended backends are under an empty name.
 */
export const postgresCpuByRole = (postmasterPid: number): Map<string, number> => {
  const seconds = new Map<string, number>();
  const add = (role: string, more: number): void =>
    void seconds.set(role, (seconds.get(role) ?? 0) + more);
  const server = statOf(String(postmasterPid));
  if (!server) return seconds;
  add('', server.seconds + server.reaped);
  for (const pid of readdirSync('/proc')) {
    const stat = /^\d+$/.test(pid) ? statOf(pid) : undefined;
    if (stat?.parent === postmasterPid) add(roleOf(pid), stat.seconds);
  }
  return seconds;
};

/** A backend's title is `postgres: <role> <database> <address> <state>`. */
const roleOf = (pid: string): string => {
  try {
    const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return /^postgres: (\w+) \w+ [\d.]+\(\d+\)/.exec(title)?.[1] ?? '';
  } catch {
    return '';
  }
};
