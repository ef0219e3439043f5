import { createServer } from 'node:net';

const HOST = '127.0.0.1';
const REMEDY = 'stop what listens there, or choose another port.';

export const portTaken = (port: number): Error =>
  new Error(`Port ${port} on ${HOST} is taken: ${REMEDY}`);

const faultOf = (port: number, { code, message }: NodeJS.ErrnoException): Error => {
  if (code === 'EADDRINUSE') return portTaken(port);
  const why = code === 'EACCES' ? 'is not allowed to this user' : `cannot be used (${message})`;
  return new Error(`Port ${port} on ${HOST} ${why}: ${REMEDY}`);
};

/** Below the ports that systems give to outgoing connections, so that none takes one in between. */
const [FIRST, LAST] = [10_000, 31_999];
const ATTEMPTS_MAX = 500;

const probed = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => reject(faultOf(port, error)));
    probe.listen({ host: HOST, port, exclusive: true }, () => probe.close(() => resolve()));
  });

/** The first of so many free ports in a row, drawn by chance. */
export const freePorts = async (count: number): Promise<number> => {
  for (let attempt = 1; ; attempt += 1) {
    const first = FIRST + Math.floor(Math.random() * (LAST - FIRST - count + 2));
    try {
      for (let port = first; port < first + count; port += 1) await probed(port);
      return first;
    } catch (error) {
      if (attempt === ATTEMPTS_MAX) throw error;
    }
  }
};

/** `wanted`, or any free port for 0. Rejects with one line when it cannot be listened on. */
export const freePort = async (wanted = 0): Promise<number> => {
  if (wanted === 0) return freePorts(1);
  await probed(wanted);
  return wanted;
};
