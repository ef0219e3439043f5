import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export const START = 0x0b;
export const END = Buffer.from([0x1c, 0x0d]);

export interface MllpAddress {
  readonly host: string;
  readonly port: number;
  /** Whom it trusts and who it is, in PEM; without it the connection is plain. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
}

/** A message in its MLLP frame. */
export const framed = (message: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([START]), message, END]);

/** One TCP connection to an MLLP server. Answers are read in their order, by their end marks. */
export class MllpConnection {
  private received = Buffer.alloc(0);
  private changed: () => void = () => undefined;
  /** Whether the connection has ended, by whichever side. */
  closed = false;

  private constructor(private readonly socket: Socket) {
    socket
      .on('data', (chunk: Buffer) => {
        this.received = Buffer.concat([this.received, chunk]);
        this.changed();
      })
      .on('error', () => undefined) // 'close' follows.
      .on('close', () => {
        this.closed = true;
        this.changed();
      });
  }

  /** Rejects when nothing listens there, or it is another. */
  static open({ host, port, tls }: MllpAddress): Promise<MllpConnection> {
    return new Promise((resolve, reject) => {
      const opened = (): void => {
        socket.off('error', reject);
        resolve(new MllpConnection(socket));
      };
      const socket = tls
        ? connectTls({ host, port, ...tls }, opened)
        : connect({ host, port }, opened);
      socket.once('error', reject);
    });
  }

  /** Writes bytes as they are; see `framed`. */
  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Ends the own side; what was written is still answered. */
  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /**
   * The next answer, without its frame. Undefined when the connection ended or no answer came in
   * time; `closed` says which.
   */
  async answer(timeoutMs: number): Promise<string | undefined> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const end = this.received.indexOf(END);
      if (end >= 0) {
        const answer = this.received.subarray(1, end).toString('utf8');
        this.received = this.received.subarray(end + END.length);
        return answer;
      }
      const leftMs = deadlineMs - performance.now();
      if (this.closed || leftMs <= 0) return undefined;
      await this.change(leftMs);
    }
  }

  private change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.changed = () => (clearTimeout(timer), resolve());
    });
  }
}
