import { connect, createServer, type Socket } from 'node:net';
import { FrameReader, MLLP_END, MLLP_START } from '@caretab/contracts';

const framed = (text: string): Buffer =>
  Buffer.concat([MLLP_START, Buffer.from(text, 'utf8'), MLLP_END]);
const controlIdOf = (text: string): string => text.split('\r')[0]!.split('|')[9] ?? '';

export const hl7 = (controlId: string, { text = '', msh15 = '' } = {}): string =>
  [
    `MSH|^~\\&|HIS|HZ001|CARETAB|CARETAB|20260302080000||ADT^A04^ADT_A01|${controlId}|P|2.5.1|||` +
      `${msh15}|||UNICODE UTF-8`,
    `PV1|1|O|${text}`,
  ].join('\r');

/** The platform's HL7 port: it remembers what it took, in order, and takes each once. */
export class MllpFake {
  readonly attempts: string[] = [];
  readonly took = new Map<string, string>();
  /** By control id: an answer other than AA, with the segments that follow it. */
  readonly answers = new Map<string, string>();
  /** A second answer to the next message. */
  second: string | undefined;
  isAway = false;
  /** Takes a message and breaks the line: no answer comes. */
  cuts = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => {
    if (this.isAway) return void socket.destroy();
    this.sockets.add(socket);
    const reader = new FrameReader();
    socket.on('error', () => socket.destroy()).on('close', () => this.sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      for (const { bytes } of reader.push(chunk)) this.take(socket, bytes.toString('utf8'));
    });
  });

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this.port;
  }

  get port(): number {
    return (this.server.address() as { readonly port: number }).port;
  }

  goAway(): void {
    this.isAway = true;
    for (const socket of this.sockets) socket.destroy();
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.sockets) socket.destroy();
    });
  }

  private take(socket: Socket, text: string): void {
    if (this.isAway) return void socket.destroy();
    const id = controlIdOf(text);
    const answer = this.answers.get(id);
    const isLater = answer?.includes('|207^') ?? false;
    if (!isLater) {
      this.attempts.push(id);
      if (!this.took.has(id)) this.took.set(id, text);
    }
    if (this.cuts > 0) {
      this.cuts -= 1;
      return void socket.destroy();
    }
    const msh = `MSH|^~\\&|CARETAB|CARETAB|HIS|HZ001|20260302080001||ACK|A${id}|P|2.5.1\r`;
    socket.write(framed(`${msh}${answer ?? `MSA|AA|${id}|accepted as 1 event`}`));
    if (this.second !== undefined) socket.write(framed(`${msh}${this.second}`));
  }
}

/** A system of the hospital: one connection, one message at a time. */
export class Hl7Sender {
  private readonly reader = new FrameReader();
  private constructor(private readonly socket: Socket) {}

  static open(port: number): Promise<Hl7Sender> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port }, () => resolve(new Hl7Sender(socket)));
      socket.once('error', reject);
    });
  }

  /** The answer; undefined where the line broke, or nothing came in time. */
  send(text: string, waitMs = 10_000): Promise<string | undefined> {
    return this.sendRaw(framed(text), waitMs);
  }

  sendRaw(bytes: Buffer, waitMs = 10_000): Promise<string | undefined> {
    return new Promise((resolve) => {
      const over = (answer?: string): void => {
        clearTimeout(timer);
        this.socket.off('data', read).off('close', closed);
        resolve(answer);
      };
      const closed = (): void => over();
      const read = (chunk: Buffer): void => {
        for (const frame of this.reader.push(chunk)) return over(frame.bytes.toString('utf8'));
      };
      const timer = setTimeout(closed, waitMs);
      this.socket.on('data', read).once('close', closed);
      this.socket.write(bytes);
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

export const msaOf = (answer: string | undefined): readonly string[] =>
  answer
    ?.split('\r')
    .find((line) => line.startsWith('MSA'))
    ?.split('|')
    .slice(1) ?? [];
