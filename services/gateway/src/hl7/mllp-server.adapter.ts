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
import { type Cut, type Seat, type SeatLimits, Seats } from './seats';
import { type Line, PLAIN } from './senders';

export interface MllpOptions extends ConnectionOptions, SeatLimits {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Without it the port is plain. */
  readonly tls?: MllpTls | undefined;
  /** Networks from which plain connections may come; without them from anywhere. */
  readonly plainFrom?: readonly string[] | undefined;
  /**
   * Called for a message in the name of an institution that its sender may not speak for; `from`:
   * its address and who it is.
   */
  readonly forbidden: (from: string, institutionId: string) => void;
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

const addressOf = ({ remoteAddress }: Socket): string => remoteAddress ?? '';
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
      const address = addressOf(socket);
      if (this.networks?.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') === false)
        return this.refuse(socket, 'address', address);
      const seat = this.seats.take(() => socket.destroy(), address);
      if (typeof seat === 'string') return this.refuse(socket, seat, address);
      // An address proves little: only who names an institution keeps the place.
      const speaksFor = (): boolean => ((seat.isKnown = () => true), true);
      this.connect(socket, seat, { line: { ...PLAIN, speaksFor }, from: address });
    });
  }

  private secured(tls: MllpTls): TlsServer {
    const server = createTlsServer({
      requestCert: true,
      // Looked at in `identified`, where it can be said who was refused and why.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      handshakeTimeout: this.options.firstByteTimeoutMs,
    });
    server.on('connection', (socket: Socket) => {
      const address = addressOf(socket);
      const cut = (why: Cut): void => (this.options.cut(why, address), void socket.destroy());
      const seat = this.seats.take(cut);
      if (typeof seat === 'string') return this.refuse(socket, seat, address);
      const caller = callerOf(socket);
      this.handshakes.set(caller, seat);
      socket.once('close', () => {
        if (this.handshakes.delete(caller)) this.seats.leave(seat);
      });
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      // Who goes away by itself was not refused: the probe of a load balancer does.
      if (error.code === 'ECONNRESET') return socket.destroy();
      this.refuse(socket, 'handshake', `${addressOf(socket)} ${error.code}`);
    });
    server.on('secureConnection', (socket) => this.identified(socket, tls));
    return server;
  }

  private identified(socket: TLSSocket, tls: MllpTls): void {
    const address = addressOf(socket);
    const seat = this.handshakes.get(callerOf(socket));
    const certificate = socket.getPeerX509Certificate();
    if (!socket.authorized || !certificate)
      return this.refuse(socket, 'certificate', `${address} ${socket.authorizationError}`);
    // Its place was taken meanwhile.
    if (!seat) return void socket.destroy();
    const { fingerprint256: fingerprint } = certificate;
    const from = `${address} ${tls.senderOf(certificate)?.name ?? fingerprint}`;
    if (!this.seats.name(seat, fingerprint)) return this.refuse(socket, 'peer', from);
    this.handshakes.delete(callerOf(socket));
    seat.isKnown = () => tls.senderOf(certificate) !== undefined;
    const speaksFor = (institutionId: string): boolean => {
      const sender = tls.senderOf(certificate);
      const mayDo = sender?.institutions.includes(institutionId) ?? false;
      if (!mayDo) this.options.forbidden(from, institutionId);
      return mayDo;
    };
    // A sender may half-close and still wait for its answers; in the handshake it may not.
    socket.allowHalfOpen = true;
    this.connect(socket, seat, { line: { certificate: fingerprint, speaksFor }, from });
  }

  private connect(
    socket: Socket,
    seat: Seat,
    who: { readonly line: Line; readonly from: string },
  ): void {
    const place = { seats: this.seats, seat, ...who };
    const connection = new MllpConnection(socket, this.door, place, this.options);
    this.connections.add(connection);
    socket.once(
      'close',
      () => void connection.close().then(() => this.connections.delete(connection)),
    );
  }

  private refuse(socket: Socket, why: Cut, from: string): void {
    this.options.cut(why, from);
    socket.destroy();
  }
}
