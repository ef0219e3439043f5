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

/** `wanted`, or any free port for 0. Rejects with one line when it cannot be listened on. */
export const freePort = (wanted: number): Promise<number> =>
  new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => reject(faultOf(wanted, error)));
    probe.listen({ host: HOST, port: wanted, exclusive: true }, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolvePort(port));
    });
  });
