import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JournalFault } from './journal';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Two nodes on one folder would write over each other. Throws JournalFault; returns what releases it. */
export const takeFolder = (folder: string): (() => void) => {
  const file = join(folder, 'node.pid');
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid !== process.pid && pid > 0 && isAlive(pid))
      throw new JournalFault(`Process ${pid} runs on ${folder}. Stop it, or name another --data.`);
    writeFileSync(file, String(process.pid));
  }
  return () => rmSync(file, { force: true });
};
