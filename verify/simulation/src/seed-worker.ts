import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Hand, SeedResult } from './division';

/** A process of its own for seeds; with a planted bug where one is named. */
export const startHand = (planted: string | undefined): Hand => {
  const child = fork(join(__dirname, 'worker.js'), planted === undefined ? [] : [planted], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return {
    run: (seed) =>
      new Promise<SeedResult>((resolve, reject) => {
        const ended = (code: number | null, signal: string | null): void =>
          reject(new Error(`its process ended (${signal ?? `status ${code}`})`));
        child.once('exit', ended);
        child.once('message', (result) => {
          child.off('exit', ended);
          resolve(result as SeedResult);
        });
        child.send(seed);
      }),
    end: () => void child.kill('SIGKILL'),
  };
};
