import { connect, type Socket } from 'node:net';

const START = 0x0b;
const END = Buffer.from([0x1c, 0x0d]);
const ANSWER_DEADLINE_MS = 30_000;

/** A hospital's integration engine in small: sends bytes in an MLLP frame and waits for the answer, one message at a time. */
export class MllpSender {
  private constructor(private readonly socket: Socket) {}

  static async connect(host: string, port: number): Promise<MllpSender> {
    const socket = connect({ host, port });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new MllpSender(socket);
  }

  /** The acknowledgement code of the answer (AA, AE, AR). Throws when the connection ends or no answer comes in time. */
  async send(message: Buffer): Promise<string> {
    const answer = this.receive();
    this.socket.write(Buffer.concat([Buffer.from([START]), message, END]));
    const code = /(?:^|\r)MSA\|([A-Z]{2})/.exec((await answer).toString('utf8'))?.[1];
    if (!code) throw new Error('the answer has no MSA segment');
    return code;
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        this.socket.off('data', data).off('error', finish).off('close', closed);
        if (error) reject(error);
        else resolve(Buffer.concat(chunks));
      };
      const data = (chunk: Buffer): void => {
        chunks.push(chunk);
        if (Buffer.concat(chunks).includes(END)) finish();
      };
      const closed = (): void => finish(new Error('the gateway closed the connection'));
      const timer = setTimeout(() => finish(new Error('no answer in time')), ANSWER_DEADLINE_MS);
      this.socket.on('data', data).on('error', finish).on('close', closed);
    });
  }
}
