import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { Refused } from './platform';

/** Where exported lines go. */
export interface Target {
  send(line: string): Promise<void>;
  end(): Promise<void>;
}

const TIMEOUT_MS = 10_000;

const overUdp = (host: string, port: number): Target => {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  return {
    send: (line) =>
      new Promise((resolve, reject) =>
        socket.send(line, port, host, (error) => (error ? reject(error) : resolve())),
      ),
    end: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
};

/** RFC 6587: each message after its length in bytes. */
const overTcp = async (host: string, port: number): Promise<Target> => {
  const socket = connect({ host, port });
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('timeout')));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const failed = new Promise<never>((_, reject) => socket.once('error', reject));
  failed.catch(() => undefined);
  return {
    send: (line) =>
      Promise.race([
        failed,
        new Promise<void>((resolve) =>
          socket.write(`${Buffer.byteLength(line)} ${line}`, () => resolve()),
        ),
      ]),
    end: () =>
      Promise.race([failed, new Promise<void>((resolve) => void socket.end(() => resolve()))]),
  };
};

/** `udp://host:port` or `tcp://host:port`. Throws Refused. */
export const targetOf = async (address: string): Promise<Target> => {
  const { protocol, hostname, port } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  try {
    return protocol === 'udp:' ? overUdp(host, Number(port)) : await overTcp(host, Number(port));
  } catch (error) {
    throw new Refused(`${address} does not answer: ${(error as Error).message}`, { cause: error });
  }
};
