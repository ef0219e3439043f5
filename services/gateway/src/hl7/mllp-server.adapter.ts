import { BlockList, createServer, isIP, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type Server as TlsServer,
  type TLSSocket,
} from 'node:tls';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { MLLP_OPTIONS } from '../parts';
import { Hl7Door } from './hl7-door';
import { type ConnectionOptions, MllpConnection } from './mllp-connection.adapter';
import type { MllpTls } from './mllp-tls.adapter';
import { type Seat, type SeatLimits, Seats } from './seats';
import type { SpeaksFor } from './senders';

export interface MllpOptions extends ConnectionOptions, SeatLimits {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Without it the port is plain. */
  readonly tls?: MllpTls | undefined;
  /** Networks from which plain connections may come; without them from anywhere. */
  readonly plainFrom?: readonly string[] | undefined;
  /** Called for a message in the name of an institution that its sender may not speak for. */
  readonly forbidden: (sender: string, institutionId: string) => void;
}

const HELP: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken: stop what listens there, or set GATEWAY_MLLP_PORT to another port',
  EACCES: 'may not be opened by this user: set GATEWAY_MLLP_PORT to a port above 1023',
  EADDRNOTAVAIL: 'is not an address of this machine: set GATEWAY_MLLP_HOST',
};

const networksOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
};

const callerOf = ({ remoteAddress, remotePort }: Socket): string =>
  `${remoteAddress} ${remotePort}`;

/** HL7 v2 over MLLP in: listens, and gives each connection its place. */
@Injectable()
export class MllpServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly server: Server | TlsServer;
  private readonly connections = new Set<MllpConnection>();
  private readonly handshakes = new Map<string, Seat>();
  private readonly networks: BlockList | undefined;
  readonly seats: Seats;

  constructor(
    @Inject(Hl7Door) private readonly door: Hl7Door,
    @Inject(MLLP_OPTIONS) private readonly options: MllpOptions,
  ) {
    this.seats = new Seats(options);
    this.networks = options.plainFrom && networksOf(options.plainFrom);
    this.server = options.tls ? this.secured(options.tls) : this.plain();
  }

  /** The port that is listened on. */
  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : this.options.port;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.refresh();
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

  /** Takes over the files of TLS as they are now. Throws where they are wrong. */
  refresh(): void {
    const material = this.options.tls?.refresh();
    if (material) (this.server as TlsServer).setSecureContext(material);
  }

  /** A door closes before the consumers behind it: answers what has come, then closes. */
  async beforeApplicationShutdown(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const seat of this.handshakes.values()) seat.cut('gave way');
    await Promise.all([...this.connections].map((connection) => connection.close()));
    await closed;
  }

  private plain(): Server {
    return createServer({ allowHalfOpen: true }, (socket) => {
      const address = socket.remoteAddress ?? '';
      if (this.networks?.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') === false)
        return this.refuse(socket, 'address');
      const seat = this.seats.take(() => socket.destroy(), address);
      if (typeof seat === 'string') return this.refuse(socket, seat);
      // An address proves little: only who names an institution keeps the place.
      this.connect(socket, seat, () => (seat.isKnown = true));
    });
  }

  private secured(tls: MllpTls): TlsServer {
    const server = createTlsServer({
      allowHalfOpen: true,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      handshakeTimeout: this.options.firstByteTimeoutMs,
    });
    server.on('connection', (socket: Socket) => {
      const seat = this.seats.take((why) => (this.options.cut(why), socket.destroy()));
      if (typeof seat === 'string') return this.refuse(socket, seat);
      const caller = callerOf(socket);
      this.handshakes.set(caller, seat);
      socket.once('close', () => {
        if (this.handshakes.delete(caller)) this.seats.leave(seat);
      });
    });
    server.on('tlsClientError', (_error, socket) => this.refuse(socket, 'handshake'));
    server.on('secureConnection', (socket) => this.identified(socket, tls));
    return server;
  }

  private identified(socket: TLSSocket, tls: MllpTls): void {
    const seat = this.handshakes.get(callerOf(socket));
    const certificate = socket.getPeerX509Certificate();
    if (!seat || !certificate) return this.refuse(socket, 'handshake');
    if (!this.seats.name(seat, certificate.fingerprint256)) return this.refuse(socket, 'peer');
    this.handshakes.delete(callerOf(socket));
    seat.isKnown = tls.senderOf(certificate) !== undefined;
    this.connect(socket, seat, (institutionId) => {
      const sender = tls.senderOf(certificate);
      const mayDo = sender?.institutions.includes(institutionId) ?? false;
      if (!mayDo) this.options.forbidden(sender?.name ?? certificate.fingerprint256, institutionId);
      return mayDo;
    });
  }

  private connect(socket: Socket, seat: Seat, speaksFor: SpeaksFor): void {
    const place = { seats: this.seats, seat, speaksFor };
    const connection = new MllpConnection(socket, this.door, place, this.options);
    this.connections.add(connection);
    socket.once(
      'close',
      () => void connection.close().then(() => this.connections.delete(connection)),
    );
  }

  private refuse(socket: Socket, why: Parameters<MllpOptions['cut']>[0]): void {
    this.options.cut(why);
    socket.destroy();
  }
}
