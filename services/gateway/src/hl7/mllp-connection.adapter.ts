import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { Hl7Message } from '@medplum/core';
import { CR, FS, Hl7Connection, VT } from '@medplum/hl7';
import { type Frame, FrameReader } from './frames';
import type { Hl7Door } from './hl7-door';

const FRAME_START = Buffer.from([VT]);
const FRAME_END = Buffer.from([FS, CR]);
/**
 * A charset in which every byte is a character: Medplum carries the bytes through unchanged, both
 * ways.
 */
const BYTEWISE = 'latin1';

export interface ConnectionOptions {
  /**
   * A connection that says nothing for so long is closed; an unfinished frame is then quarantined.
   */
  readonly idleMs: number;
  /** Runs the work for one message in its own trace. */
  readonly traced: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/**
 * One hospital's connection. Medplum's connection reads and writes the frames, but takes a packet
 * for a frame: two messages in one packet become one, an end mark split over two packets is never
 * seen, and a message that does not begin with MSH stays in its buffer and spoils the next. So it
 * is given a stream of whole frames, and what is no frame goes to the quarantine past it. Messages
 * are answered one after the other, in their order.
 */
export class MllpConnection {
  private readonly reader = new FrameReader();
  private readonly wire: Duplex;
  private readonly connection: Hl7Connection;
  /** What waits for Medplum to hand a frame over, in order. */
  private readonly handedOver: (() => void)[] = [];
  private tail: Promise<void> = Promise.resolve();
  private waiting = 0;
  private closing = false;

  constructor(
    private readonly socket: Socket,
    private readonly door: Hl7Door,
    private readonly options: ConnectionOptions,
  ) {
    this.wire = new Duplex({
      readableObjectMode: true,
      read: () => undefined,
      write: (bytes: Buffer, _encoding, done) =>
        void (this.socket.writable ? this.socket.write(bytes, () => done()) : done()),
    });
    this.connection = new Hl7Connection(this.wire as Socket, BYTEWISE);
    this.connection.addEventListener('message', () => this.handedOver.shift()!());
    // Its only complaint about a whole frame is an acknowledgement that nobody waits for; the door
    // refuses those itself.
    this.connection.addEventListener('error', () => undefined);
    socket.setTimeout(options.idleMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.take(this.reader.push(chunk)));
    // A sender may half-close and still wait for its answers.
    socket.on('end', () => void this.close());
    // A reset: whatever was accepted is durable, and its sender asks again.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.take(this.reader.end()));
  }

  /** Resolves when what was received is answered; then the connection is closed. */
  async close(): Promise<void> {
    this.closing = true;
    this.socket.pause();
    this.take(this.reader.end());
    await this.tail;
    this.socket.destroySoon();
  }

  private take(frames: readonly Frame[]): void {
    for (const { bytes, fault } of frames) {
      const readable = !fault && bytes.subarray(0, 3).toString('latin1') === 'MSH';
      this.enqueue(readable ? this.throughMedplum(bytes) : Promise.resolve(), () =>
        fault ? this.door.answerBroken(bytes, fault) : this.door.answer(bytes),
      );
      if (fault === 'FRAME_TOO_LONG') {
        // Nothing after it can be told apart from it.
        this.socket.removeAllListeners('data').resume();
        this.tail = this.tail.then(() => this.socket.destroySoon());
      }
    }
  }

  private throughMedplum(bytes: Buffer): Promise<void> {
    const handedOver = new Promise<void>((resolve) => this.handedOver.push(resolve));
    this.wire.push(Buffer.concat([FRAME_START, bytes, FRAME_END]));
    return handedOver;
  }

  private enqueue(ready: Promise<void>, work: () => Promise<Hl7Message | undefined>): void {
    this.hold();
    this.tail = this.tail.then(async () => {
      await ready;
      const answer = await this.options.traced(work);
      if (answer && this.socket.writable)
        this.connection.send(
          Hl7Message.parse(Buffer.from(answer.toString(), 'utf8').toString('latin1')),
        );
      await this.answersRead();
      this.release();
    });
  }

  /**
   * Nothing more is read while a message is in work: a sender that does not wait for answers is
   * slowed down to our pace.
   */
  private hold(): void {
    if (++this.waiting === 1) this.socket.pause();
  }

  private release(): void {
    if (--this.waiting === 0 && !this.closing) this.socket.resume();
  }

  /**
   * A sender that does not read its answers is not read either, until it is closed for being
   * silent.
   */
  private async answersRead(): Promise<void> {
    if (!this.socket.writableNeedDrain || this.socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.socket.off('drain', go).off('close', go);
        resolve();
      };
      this.socket.on('drain', go).on('close', go);
    });
  }
}
