import { connect, type Socket } from 'node:net';
import { NotNow, patiently } from './patience';

const START = 0x0b;
const END = Buffer.from([0x1c, 0x0d]);
const ANSWER_DEADLINE_MS = 30_000;
/** HL7 table 0357: the message is as good as before, and the receiver asks for it again later. */
const TRY_AGAIN = /(?:^|\r)ERR\|[^|]*\|[^|]*\|207\^/;

export interface MllpAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * A hospital's integration engine in small: sends bytes in an MLLP frame and waits for the answer,
 * one message at a time. A message that was not acknowledged is sent again, over a new connection
 * and to the next of the addresses: the gateway knows it by its control id.
 */
export class MllpSender {
  private socket: Socket | undefined;

  constructor(
    private readonly addresses: readonly MllpAddress[],
    private turn: number,
    private readonly answerTimeoutMs = ANSWER_DEADLINE_MS,
  ) {}

  /**
   * The acknowledgement code of the answer (AA, AE, AR). Throws when there is none for two minutes.
   */
  send(message: Buffer): Promise<string> {
    return patiently(async () => {
      try {
        return await this.sendOnce(message);
      } catch (error) {
        this.close();
        throw error;
      }
    });
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private async sendOnce(message: Buffer): Promise<string> {
    const socket = (this.socket ??= await this.connect());
    const answer = this.receive(socket);
    socket.write(Buffer.concat([Buffer.from([START]), message, END]));
    const text = (await answer).toString('utf8');
    const code = /(?:^|\r)MSA\|([A-Z]{2})/.exec(text)?.[1];
    if (!code) throw new Error('the answer has no MSA segment');
    if (TRY_AGAIN.test(text)) throw new NotNow('the gateway asks to send the message again later');
    return code;
  }

  private connect(): Promise<Socket> {
    const address = this.addresses[(this.turn += 1) % this.addresses.length]!;
    const socket = connect({ ...address });
    return new Promise((resolve, reject) => {
      socket.once('connect', () => {
        // A pending answer is rejected by the end of the connection.
        socket.removeAllListeners('error').on('error', () => undefined);
        resolve(socket);
      });
      socket.once('error', (cause) =>
        reject(new NotNow(`nobody listens for HL7 at ${address.host}:${address.port}`, { cause })),
      );
    });
  }

  private receive(socket: Socket): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        socket.off('data', data).off('close', closed);
        if (error) reject(error);
        else resolve(Buffer.concat(chunks));
      };
      const data = (chunk: Buffer): void => {
        chunks.push(chunk);
        if (Buffer.concat(chunks).includes(END)) finish();
      };
      const closed = (): void => finish(new NotNow('the gateway closed the connection'));
      const timer = setTimeout(
        () => finish(new NotNow('the gateway did not answer in time')),
        this.answerTimeoutMs,
      );
      socket.on('data', data).on('close', closed);
    });
  }
}
