import type { Socket } from 'node:net';
import { type Frame, FrameReader, framed } from './frames';
import type { Hl7Door } from './hl7-door';

export interface ConnectionOptions {
  /**
   * A connection that says nothing for so long is closed; an unfinished frame is then quarantined.
   */
  readonly idleTimeoutMs: number;
  /** Runs the work for one message in its own trace. */
  readonly traced: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** One hospital's connection. Messages are answered one after the other, in their order. */
export class MllpConnection {
  private readonly reader = new FrameReader();
  private tail: Promise<void> = Promise.resolve();
  private waiting = 0;
  private closing = false;

  constructor(
    private readonly socket: Socket,
    private readonly door: Hl7Door,
    private readonly options: ConnectionOptions,
  ) {
    socket.setTimeout(options.idleTimeoutMs, () => socket.destroy());
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
      this.enqueue(async () => {
        if (!fault) return this.door.answers(bytes);
        const answer = await this.door.answerBroken(bytes, fault);
        return answer ? [answer.toString()] : [];
      });
      if (fault === 'FRAME_TOO_LONG') {
        // Nothing after it can be separated from it.
        this.socket.removeAllListeners('data').resume();
        this.tail = this.tail.then(() => this.socket.destroySoon());
      }
    }
  }

  private enqueue(work: () => Promise<readonly string[]>): void {
    this.hold();
    this.tail = this.tail.then(async () => {
      const answers = await this.options.traced(work);
      for (const answer of answers) if (this.socket.writable) this.socket.write(framed(answer));
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
