import { connect, createServer, type Server, type Socket } from 'node:net';
import { pause } from '@caretab/hospital';
import type { LineFault } from './faults';

export interface LineEnds {
  readonly host: string;
  /** Where clients come in. */
  readonly port: number;
  /** Where the server listens. */
  readonly serverPort: number;
}

/** One client's connection: its half, and ours to the server once there is one. */
interface Call {
  readonly client: Socket;
  server: Socket | undefined;
  /** Neither half receives from the other any more. */
  isDead: boolean;
}

const REOPEN_INTERVAL_MS = 50;
const REOPEN_TIMEOUT_MS = 10_000;

/**
 * A line between clients and one server on loopback, which can break. It holds no bytes of its own:
 * what one side does not take stays in the sockets of the other, and the sender has to wait, as on
 * a wire.
 */
export class TcpLine {
  private readonly calls = new Set<Call>();
  private listening: Server | undefined;
  private fault: LineFault | undefined;

  private constructor(private readonly ends: LineEnds) {}

  static async open(ends: LineEnds): Promise<TcpLine> {
    const line = new TcpLine(ends);
    await line.listen();
    return line;
  }

  /** What is wrong with it now. */
  get state(): LineFault | 'normal' {
    return this.fault ?? 'normal';
  }

  /** Breaks it; `cut` is over at once, the others last until `heal`. */
  async break(fault: LineFault): Promise<void> {
    await this.heal();
    if (fault === 'cut') return this.cut();
    this.fault = fault;
    if (fault === 'refused') return this.refuse();
    for (const call of this.calls) this.strike(call, fault);
  }

  /** Everything passes again, save what is dead for good. */
  async heal(): Promise<void> {
    const { fault } = this;
    this.fault = undefined;
    if (fault === 'refused') await this.listen();
    for (const call of [...this.calls].filter(({ isDead }) => !isDead)) {
      if (fault === 'deaf') end(call);
      if (fault === 'silent') this.join(call);
    }
  }

  async close(): Promise<void> {
    this.cut();
    await this.refuse();
  }

  private cut(): void {
    for (const call of this.calls) end(call);
  }

  private refuse(): Promise<void> {
    const { listening } = this;
    this.listening = undefined;
    const closed = new Promise<void>((resolve) =>
      listening ? listening.close(() => resolve()) : resolve(),
    );
    this.cut();
    return closed;
  }

  /** Its port may still be in the hands of a listener that is closing. */
  private async listen(): Promise<void> {
    for (
      const giveUpAt = performance.now() + REOPEN_TIMEOUT_MS;
      ;
      await pause(REOPEN_INTERVAL_MS)
    ) {
      try {
        this.listening = await this.listenOnce();
        return;
      } catch (error) {
        if (performance.now() > giveUpAt) throw error;
      }
    }
  }

  private listenOnce(): Promise<Server> {
    const server = createServer(
      { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
      (client) => this.answer(client),
    );
    return new Promise((resolve, reject) => {
      server
        .once('error', reject)
        .listen({ host: this.ends.host, port: this.ends.port, exclusive: true }, () =>
          resolve(server),
        );
    });
  }

  private answer(client: Socket): void {
    const call: Call = { client, server: undefined, isDead: false };
    this.calls.add(call);
    client
      .on('error', () => undefined)
      .once('close', () => {
        // The server's half of a dead connection gets no notice.
        if (!call.isDead) end(call);
        if (!call.server || call.server.destroyed) this.calls.delete(call);
      });
    if (this.fault && this.fault !== 'refused') this.strike(call, this.fault);
    else this.join(call);
  }

  private strike(call: Call, fault: LineFault): void {
    if (call.isDead) return;
    if (fault === 'deaf') {
      if (!call.server) this.join(call);
      call.server!.unpipe(call.client).resume();
    } else {
      separate(call);
      if (fault !== 'dead') return;
      call.isDead = true;
      // Read on, so that the end of either half is noticed; what it says goes nowhere.
      for (const half of [call.client, call.server])
        half?.once('end', () => half.destroy()).resume();
    }
  }

  private join(call: Call): void {
    call.server ??= this.callServer(call);
    call.client.pipe(call.server);
    call.server.pipe(call.client);
  }

  private callServer(call: Call): Socket {
    const server = connect({
      host: this.ends.host,
      port: this.ends.serverPort,
      allowHalfOpen: true,
      noDelay: true,
    });
    server
      .on('error', () => undefined)
      .once('close', () => {
        if (!call.isDead) end(call);
        if (call.client.destroyed) this.calls.delete(call);
      });
    return server;
  }
}

const separate = ({ client, server }: Call): void => {
  client.unpipe();
  client.pause();
  server?.unpipe();
  server?.pause();
};

const end = ({ client, server }: Call): void => {
  client.destroy();
  server?.destroy();
};
