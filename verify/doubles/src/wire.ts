import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A connection to a server, by way of a port of its own, that a test can spoil. */
export interface Wire {
  /** `url` with the wire's host and port in the place of the server's. */
  through(url: string): string;
  /**
   * From now on nothing passes and nothing is closed, as behind a broken switch; new connections
   * are accepted and receive nothing.
   */
  silence(): void;
  /** Bytes pass again, on new connections. */
  mend(): void;
  /**
   * The next request that holds `text` reaches the server and is done there; its answer does not
   * come back.
   */
  loseAnswerTo(text: string): void;
  /** Bytes of requests so far. */
  readonly sentBytes: number;
  /** Writes of requests so far. */
  readonly sentWrites: number;
  close(): Promise<void>;
}

/** Opens a wire to the server that `target` names (any URL with a host and a port). */
export const wireTo = async (target: string): Promise<Wire> => {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isSilent = false;
  let lose: string | undefined;
  let sentBytes = 0;
  let sentWrites = 0;
  const join = (client: Socket): void => {
    const server = connect({ host: hostname, port: Number(port) });
    let isLost = false;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on(
          'close',
          () => (sockets.delete(socket), isSilent || (client.destroy(), server.destroy())),
        );
    }
    client.on('data', (chunk: Buffer) => {
      if (isSilent) return;
      sentBytes += chunk.length;
      sentWrites += 1;
      if (lose !== undefined && chunk.includes(lose)) [isLost, lose] = [true, undefined];
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      if (isLost) client.destroy();
      else if (!isSilent) client.write(chunk);
    });
  };
  const listener = createServer(join);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const end = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    through: (url) =>
      Object.assign(new URL(url), { host: `127.0.0.1:${(listener.address() as AddressInfo).port}` })
        .href,
    silence: () => void (isSilent = true),
    mend: () => ((isSilent = false), end()),
    loseAnswerTo: (text) => void (lose = text),
    get sentBytes() {
      return sentBytes;
    },
    get sentWrites() {
      return sentWrites;
    },
    close: () => (end(), new Promise((resolve) => listener.close(() => resolve()))),
  };
};
