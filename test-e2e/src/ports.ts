import { createServer } from 'node:net';

/** Below the range of ephemeral ports, so that no other process gets one of ours in between. */
const [FIRST, LAST] = [20_000, 31_900];
/** HTTP, the three of the sandbox after it, and MLLP. */
const PORTS_OF_ONE_PROCESS = 5;
const ATTEMPTS_MAX = 200;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () =>
      probe.close(() => resolve(true)),
    );
  });

export interface Ports {
  readonly port: number;
  readonly mllpPort: number;
}

/** Ports for one platform: HTTP with three (or more) free ones after it, and MLLP as the last. */
export const freePorts = async (needed = PORTS_OF_ONE_PROCESS): Promise<Ports> => {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const first = FIRST + Math.floor(Math.random() * ((LAST - FIRST) / needed)) * needed;
    const free = await Promise.all(
      Array.from({ length: needed }, (_, index) => isFree(first + index)),
    );
    if (free.every(Boolean)) return { port: first, mllpPort: first + needed - 1 };
  }
  throw new Error(`no ${needed} free ports in a row between ${FIRST} and ${LAST}`);
};
