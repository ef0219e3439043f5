const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;
const LF = 0x0a;

/** A longer frame is refused. */
export const FRAME_BYTES_MAX = 1024 * 1024;

export type FrameFault = 'FRAME_TRUNCATED' | 'FRAME_START_MISSING' | 'FRAME_TOO_LONG';

/** What is said of each. */
export const FRAME_FAULTS: Readonly<
  Record<FrameFault, { readonly why: string; readonly remedy: string }>
> = {
  FRAME_TRUNCATED: {
    why: 'the frame ended before its end marks FS CR',
    remedy: 'send the message again, whole',
  },
  FRAME_START_MISSING: {
    why: 'bytes came outside of a frame',
    remedy: 'begin every message with VT and end it with FS CR',
  },
  FRAME_TOO_LONG: { why: 'the frame is longer than 1 MB', remedy: 'send several messages' },
};

export const MLLP_START = Buffer.from([VT]);
export const MLLP_END = Buffer.from([FS, CR]);

/** A message of ours as the bytes of one frame, in UTF-8. */
export const framed = (message: string): Buffer =>
  Buffer.concat([MLLP_START, Buffer.from(message, 'utf8'), MLLP_END]);

/** One message's bytes, without the marks of its frame; `fault` when they are not a whole frame. */
export interface Frame {
  readonly bytes: Buffer;
  readonly fault?: FrameFault;
}

type State = 'outside' | 'inside' | 'ending';

const NOTHING = Buffer.alloc(0);

/** Where the next VT or FS stands, at or after a place that only grows; the end where there is none. */
const marksIn = (chunk: Buffer): ((from: number) => number) => {
  let [vt, fs] = [-1, -1];
  const after = (mark: number, from: number): number => {
    const at = chunk.indexOf(mark, from);
    return at < 0 ? chunk.length : at;
  };
  return (from) => {
    // Each byte is looked at once for either mark, however many there are of one.
    if (vt < from) vt = after(VT, from);
    if (fs < from) fs = after(FS, from);
    return Math.min(vt, fs);
  };
};

const withoutLineEnds = (bytes: Buffer): Buffer => {
  const first = bytes.findIndex((byte) => byte !== CR && byte !== LF);
  return first < 0 ? NOTHING : bytes.subarray(first);
};

/**
 * Cuts a stream of bytes into MLLP frames (VT … FS CR), wherever the packets begin and end. No
 * supported character set uses VT or FS inside a character. Line ends after a frame are passed over;
 * anything else outside of a frame is a fault, kept whole.
 */
export class FrameReader {
  private state: State = 'outside';
  /** What has come of a frame, at its beginning; it doubles, so that single bytes cost no object each. */
  private room = NOTHING;
  private sizeBytes = 0;

  constructor(private readonly bytesMax = FRAME_BYTES_MAX) {}

  /** Bytes that wait for the end of their frame. */
  get waitingBytes(): number {
    return this.sizeBytes;
  }

  /** Whether something was begun and is not ended. */
  get isUnfinished(): boolean {
    return this.state !== 'outside' || this.sizeBytes > 0;
  }

  /**
   * What these bytes completed, in order, each cut off when it is asked for: a packet of many tiny
   * frames takes no more memory than its bytes. To be read to its end before the next bytes are
   * pushed. After FRAME_TOO_LONG the stream is not to be read any further.
   */
  *push(chunk: Buffer): Generator<Frame> {
    const markFrom = marksIn(chunk);
    for (let from = 0; from < chunk.length;) {
      if (this.state === 'ending') {
        // FS alone is no end: without its CR the frame counts as cut off.
        const whole = chunk[from] === CR;
        if (whole) from += 1;
        yield* this.take(whole ? undefined : 'FRAME_TRUNCATED');
        continue;
      }
      const at = markFrom(from);
      const left = this.bytesMax - this.sizeBytes;
      this.keep(chunk.subarray(from, Math.min(at, from + left)));
      if (at - from > left) return yield* this.take('FRAME_TOO_LONG');
      from = at + 1;
      if (at < chunk.length) yield* this.mark(chunk[at]!);
    }
  }

  /** The stream is over: what is left of it, if anything. */
  end(): Frame[] {
    return this.take(this.state === 'outside' ? 'FRAME_START_MISSING' : 'FRAME_TRUNCATED');
  }

  private mark(byte: number): Frame[] {
    if (byte === FS && this.state === 'inside') {
      this.state = 'ending';
      return [];
    }
    const before = this.take(this.state === 'outside' ? 'FRAME_START_MISSING' : 'FRAME_TRUNCATED');
    this.state = byte === VT ? 'inside' : 'outside';
    return before;
  }

  private keep(found: Buffer): void {
    const bytes = this.isUnfinished ? found : withoutLineEnds(found);
    const sizeBytes = this.sizeBytes + bytes.length;
    if (sizeBytes > this.room.length) {
      const room = Buffer.allocUnsafe(Math.max(sizeBytes, 2 * this.room.length));
      this.room.copy(room, 0, 0, this.sizeBytes);
      this.room = room;
    }
    bytes.copy(this.room, this.sizeBytes);
    this.sizeBytes = sizeBytes;
  }

  private take(fault: FrameFault | undefined): Frame[] {
    const bytes = this.room.subarray(0, this.sizeBytes);
    // Of a frame that breaks off before its first byte nothing could be said or kept.
    const isNothing = fault !== undefined && bytes.length === 0;
    this.room = NOTHING;
    this.sizeBytes = 0;
    this.state = 'outside';
    return isNothing ? [] : [{ bytes, ...(fault && { fault }) }];
  }
}
