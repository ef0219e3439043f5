import { readFileSync, writeFileSync } from 'node:fs';

const MB = 1024 * 1024;

/** Heap in use of a service, as its /metrics say, in MB. */
export const heapMb = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = /^nodejs_heap_used_bytes(?:\{[^}]*\})? (\S+)/m.exec(text)?.[1];
  if (value === undefined) throw new Error(`${url}/metrics has no nodejs_heap_used_bytes`);
  return Number(value) / MB;
};

const statusOf = (pid: number, field: 'VmRSS' | 'VmHWM'): number => {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
};

/** Resident memory of a process in MB; 0 where the system does not report it (only Linux does). */
export const rssMb = (pid: number): number => statusOf(pid, 'VmRSS');

/** Its peak since `forgetPeak`. */
export const peakRssMb = (pid: number): number => statusOf(pid, 'VmHWM');

/** Begins the peak again; 5 is the command of proc(5) for that. */
export const forgetPeak = (pid: number): void => {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Without it the peak is the one since the start of the process, which is only larger.
  }
};
