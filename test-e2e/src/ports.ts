import { createServer } from 'node:net';

/** Below the range from which systems hand out ports by themselves, so that nobody gets one of ours in between. */
const [FIRST, LAST] = [20_000, 31_900];
/** HTTP, the three of the sandbox after it, and MLLP. */
const NEEDED = 5;
const ATTEMPTS_MAX = 200;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => resolve(true)));
  });

export interface Ports {
  readonly port: number;
  readonly mllpPort: number;
}

/** Ports for one platform: HTTP with three free ones after it, and MLLP. */
export const freePorts = async (): Promise<Ports> => {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const first = FIRST + Math.floor(Math.random() * ((LAST - FIRST) / NEEDED)) * NEEDED;
    const free = await Promise.all(Array.from({ length: NEEDED }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return { port: first, mllpPort: first + NEEDED - 1 };
  }
  throw new Error(`no ${NEEDED} free ports in a row between ${FIRST} and ${LAST}`);
};
