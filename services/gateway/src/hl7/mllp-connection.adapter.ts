import { type Frame, FrameReader, framed } from '@caretab/contracts';
import type { Socket } from 'node:net';
import type { Timers } from '@caretab/kernel';
import type { Hl7Door } from './hl7-door';
import type { Cut, Seat, Seats } from './seats';
import type { Line } from './senders';

export interface ConnectionOptions {
  /** A connection that says nothing for so long is closed. */
  readonly idleTimeoutMs: number;
  /** From the opening to the first byte. */
  readonly firstByteTimeoutMs: number;
  /** From the first byte of a frame to its last. What came of it is quarantined. */
  readonly frameTimeoutMs: number;
  readonly timers: Timers;
  /** Runs the work for one message in its own trace. */
  readonly traced: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Called for each connection that is refused or cut off; `from`: its address, or its sender. */
  readonly cut: (why: Cut, from: string) => void;
}

export interface Place {
  readonly seats: Seats;
  readonly seat: Seat;
  readonly line: Line;
  readonly from: string;
}

/** A web page may send to a plain port of this machine, and its request carry whole frames. */
const REQUEST = /^[A-Z]+ \//;

/**
 * One hospital's connection. Messages are answered one after the other, in their order, and nothing
 * more is read while one is in work: a sender that does not wait for answers is slowed down to our
 * pace.
 */
export class MllpConnection {
  private reader = new FrameReader();
  private tail: Promise<void> = Promise.resolve();
  private closing = false;
  private hasSpoken = false;
  /** Ends what the sender has a deadline for. */
  private awaited: AbortController | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly door: Pick<Hl7Door, 'answers' | 'answerBroken'>,
    private readonly place: Place,
    private readonly options: ConnectionOptions,
  ) {
    place.seat.cut = (why) => this.cut(why);
    socket.setTimeout(options.idleTimeoutMs, () => this.cut('idle'));
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    // A sender may half-close and still wait for its answers.
    socket.on('end', () => void this.close());
    // A reset: whatever was accepted is durable, and its sender asks again.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => void this.close());
    this.within(options.firstByteTimeoutMs, 'first byte');
  }

  /** Resolves when what was received is answered; then the connection is closed. */
  async close(): Promise<void> {
    this.closing = true;
    this.arrived();
    this.socket.pause();
    this.tail = this.tail.then(() => this.work(this.reader.end()));
    await this.tail;
    this.place.seats.leave(this.place.seat);
    this.socket.destroySoon();
  }

  private cut(why: Cut): void {
    this.options.cut(why, this.place.from);
    // Of a flood not even the beginning is kept.
    if (why === 'bytes') this.reader = new FrameReader();
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    if (!this.hasSpoken) {
      this.arrived();
      if (REQUEST.test(chunk.toString('latin1', 0, 16))) return this.cut('http');
    }
    this.hasSpoken = true;
    this.socket.pause();
    const { seats, seat } = this.place;
    seats.holds(seat, this.reader.waitingBytes + chunk.length);
    this.tail = this.tail.then(() => this.work(this.reader.push(chunk))).then(() => this.readOn());
  }

  private async work(frames: Iterable<Frame>): Promise<void> {
    for (const frame of frames) {
      this.arrived();
      const answers = await this.options.traced(() => this.answersTo(frame));
      for (const answer of answers) if (this.socket.writable) this.socket.write(framed(answer));
      if (frame.fault === 'FRAME_TOO_LONG') return this.giveUp();
      await this.answersRead();
    }
  }

  private async answersTo({ bytes, fault }: Frame): Promise<readonly string[]> {
    if (!fault) return this.door.answers(bytes, this.place.line);
    const answer = await this.door.answerBroken(bytes, fault, this.place.line);
    return answer ? [answer.toString()] : [];
  }

  /** Nothing after a frame that is too long can be separated from it. */
  private giveUp(): void {
    this.closing = true;
    this.socket.removeAllListeners('data').resume();
    this.socket.destroySoon();
  }

  private async readOn(): Promise<void> {
    const { seats, seat } = this.place;
    seats.holds(seat, this.reader.waitingBytes, true);
    if (this.closing) return;
    if (this.reader.isUnfinished && !this.awaited)
      this.within(this.options.frameTimeoutMs, 'frame');
    await seats.room();
    if (!this.closing) this.socket.resume();
  }

  private within(timeoutMs: number, why: Cut): void {
    const awaited = (this.awaited = new AbortController());
    void this.options.timers.sleep(timeoutMs, awaited.signal).then(() => {
      if (this.awaited === awaited) this.cut(why);
    });
  }

  private arrived(): void {
    const { awaited } = this;
    this.awaited = undefined;
    awaited?.abort();
  }

  /**
   * A sender that does not read its answers is not read either, until it is closed for being
   * silent.
   */
  private async answersRead(): Promise<void> {
    if (!this.socket.writableNeedDrain || this.socket.destroyed) return;
    const { seats, seat } = this.place;
    seats.holds(seat, seat.bytes, true);
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.socket.off('drain', go).off('close', go);
        resolve();
      };
      this.socket.on('drain', go).on('close', go);
    });
    seats.holds(seat, seat.bytes);
  }
}
