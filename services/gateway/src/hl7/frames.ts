const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;
const LF = 0x0a;

/** A frame of this size or more is refused. */
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

const FRAME_START = Buffer.from([VT]);
const FRAME_END = Buffer.from([FS, CR]);

/** A message of ours as the bytes of one frame, in UTF-8. */
export const framed = (message: string): Buffer =>
  Buffer.concat([FRAME_START, Buffer.from(message, 'utf8'), FRAME_END]);

/** One message's bytes, without the marks of its frame; `fault` when they are not a whole frame. */
export interface Frame {
  readonly bytes: Buffer;
  readonly fault?: FrameFault;
}

type State = 'outside' | 'inside' | 'ending';

/**
 * Cuts a stream of bytes into MLLP frames (VT … FS CR), wherever the packets begin and end. No
 * supported character set uses VT or FS inside a character. Stray line ends between frames are
 * passed over; anything else outside of a frame is a fault, kept whole.
 */
export class FrameReader {
  private state: State = 'outside';
  private parts: Buffer[] = [];
  private sizeBytes = 0;

  constructor(private readonly bytesMax = FRAME_BYTES_MAX) {}

  /**
   * What these bytes completed, in order. After FRAME_TOO_LONG the stream is not to be read any
   * further.
   */
  push(chunk: Buffer): Frame[] {
    const found: Frame[] = [];
    let from = 0;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index]!;
      if (this.state === 'ending') {
        // FS alone is no end: without its CR the frame counts as cut off.
        const whole = byte === CR;
        found.push(...this.take(whole ? undefined : 'FRAME_TRUNCATED'));
        from = whole ? index + 1 : index;
        if (whole) continue;
      }
      if (byte === VT || byte === FS) {
        this.keep(chunk.subarray(from, index));
        from = index + 1;
        found.push(...this.mark(byte));
      }
      if (this.sizeBytes + index - from >= this.bytesMax) {
        this.keep(chunk.subarray(from, index + 1));
        return [...found, ...this.take('FRAME_TOO_LONG')];
      }
    }
    if (this.state !== 'ending') this.keep(chunk.subarray(from));
    return found;
  }

  /** The stream is over: what is left of it, if anything. */
  end(): Frame[] {
    return this.take(this.state === 'outside' ? 'FRAME_START_MISSING' : 'FRAME_TRUNCATED').filter(
      ({ bytes }) => bytes.length > 0,
    );
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

  private keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.parts.push(bytes);
    this.sizeBytes += bytes.length;
  }

  private take(fault: FrameFault | undefined): Frame[] {
    const bytes = Buffer.concat(this.parts);
    const outside = this.state === 'outside';
    this.parts = [];
    this.sizeBytes = 0;
    this.state = 'outside';
    if (outside && bytes.every((byte) => byte === CR || byte === LF)) return [];
    return [{ bytes, ...(fault && { fault }) }];
  }
}
