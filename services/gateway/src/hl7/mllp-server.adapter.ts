import { createServer, type Server, type Socket } from 'node:net';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { MLLP_OPTIONS } from '../parts';
import { Hl7Door } from './hl7-door';
import { type ConnectionOptions, MllpConnection } from './mllp-connection.adapter';

export interface MllpOptions extends ConnectionOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly connectionsMax: number;
  /** From one address. */
  readonly connectionsPerPeerMax: number;
  /** Called for each refused connection. */
  readonly refused: () => void;
}

const HELP: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken: stop what listens there, or set GATEWAY_MLLP_PORT to another port',
  EACCES: 'may not be opened by this user: set GATEWAY_MLLP_PORT to a port above 1023',
  EADDRNOTAVAIL: 'is not an address of this machine: set GATEWAY_MLLP_HOST',
};

/** HL7 v2 over MLLP in: listens, and counts the connections of each peer. */
@Injectable()
export class MllpServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly server: Server;
  private readonly connections = new Set<MllpConnection>();
  private readonly ofPeer = new Map<string, number>();

  constructor(
    @Inject(Hl7Door) door: Hl7Door,
    @Inject(MLLP_OPTIONS) private readonly options: MllpOptions,
  ) {
    this.server = createServer({ allowHalfOpen: true }, (socket) => {
      if (!this.counts(socket)) return;
      const connection = new MllpConnection(socket, door, options);
      this.connections.add(connection);
      socket.once(
        'close',
        () => void connection.close().then(() => this.connections.delete(connection)),
      );
    });
    this.server.maxConnections = options.connectionsMax;
    this.server.on('drop', () => options.refused());
  }

  /** The port that is listened on. */
  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : this.options.port;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { host, port } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          new Error(`HL7 v2 (MLLP): ${host}:${port} ${HELP[error.code ?? ''] ?? error.message}`, {
            cause: error,
          }),
        ),
      );
      this.server.listen(port, host, resolve);
    });
  }

  /** A door closes before the consumers behind it: answers what has come, then closes. */
  async beforeApplicationShutdown(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    await Promise.all([...this.connections].map((connection) => connection.close()));
    await closed;
  }

  /** Whether the peer may have one more. */
  private counts(socket: Socket): boolean {
    const peer = socket.remoteAddress ?? '';
    const count = (this.ofPeer.get(peer) ?? 0) + 1;
    if (count > this.options.connectionsPerPeerMax) {
      socket.destroy();
      this.options.refused();
      return false;
    }
    this.ofPeer.set(peer, count);
    socket.once('close', () => {
      const left = this.ofPeer.get(peer)! - 1;
      if (left === 0) this.ofPeer.delete(peer);
      else this.ofPeer.set(peer, left);
    });
    return true;
  }
}
