import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import type { Amount } from './bus';
import { inputsOf, mutatedBytes } from './mutants';
import { digestOf, sideBySide, Tally } from './tally';

const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;
const LF = 0x0a;
/** A machine that is busy otherwise is no hang. */
const ANSWER_TIMEOUT_MS = 60_000;
const HANDS = 16;

export interface MllpAddress {
  readonly host: string;
  readonly port: number;
}

/** One connection; answers are separated by their end marks. */
class Line {
  private received = Buffer.alloc(0);
  private heard: () => void = () => undefined;
  closed = false;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.heard();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.heard();
    });
  }

  static open({ host, port }: MllpAddress): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port }, () => resolve(new Line(socket)));
      socket.once('error', reject);
    });
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** The next answer; undefined when the connection ended or none came in time. */
  async answer(): Promise<string | undefined> {
    const deadline = Date.now() + ANSWER_TIMEOUT_MS;
    for (;;) {
      const end = this.received.indexOf(Buffer.from([FS, CR]));
      if (end >= 0) {
        const answer = this.received.subarray(1, end).toString('utf8');
        this.received = this.received.subarray(end + 2);
        return answer;
      }
      if (this.closed || Date.now() > deadline) return undefined;
      await this.somethingHeard(deadline - Date.now());
    }
  }

  private somethingHeard(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.heard = () => (clearTimeout(timer), resolve());
    });
  }
}

/** A message under a new id is parsed; under a known id the answer is only that the id is taken. */
const withId = (bytes: Buffer, fresh: string | undefined): Buffer =>
  fresh === undefined
    ? bytes
    : Buffer.from(
        bytes
          .toString('latin1')
          .replace(/^(MSH(?:\|[^|\r]*){8}\|)[^|\r]*/, `$1${fresh.slice(0, 20)}`),
        'latin1',
      );

const CODE = /(?:^|\r)MSA\|(AA|AE|AR)\|[^|\r]*\|([^|\r]*)/;

const REPEATS_MAX = 40;
const REPEAT_AFTER_MS = 250;

/** AE with a remark: the message is as good as before, and may be sent once more. */
const isLater = (answer: string | undefined): boolean =>
  CODE.exec(answer ?? '')?.[1] !== 'AA' &&
  /try again later/.test(CODE.exec(answer ?? '')?.[2] ?? '');

/** What the gateway said in sum, to be compared with what it recorded. */
export interface Hl7Message {
  /** Events of messages accepted for the first time. */
  events: number;
  /** Different contents that were refused for good. */
  readonly refused: Set<string>;
}

/** HL7 messages, each in a frame of its own: each gets exactly one answer. */
export const fuzzHl7 = async (
  address: MllpAddress,
  samples: readonly string[],
  { count, seed, progress }: Amount,
): Promise<Tally & { said: Hl7Message }> => {
  const tally = Object.assign(new Tally('HL7 messages'), {
    said: { events: 0, refused: new Set<string>() } as Hl7Message,
  });
  const lines: (Line | undefined)[] = [];
  // The marks of frames are the other door's business.
  const whole = fc
    .tuple(mutatedBytes(samples), fc.uuid(), fc.nat(3))
    .map(([bytes, fresh, keepsId]) =>
      withId(
        Buffer.from(bytes.filter((byte) => byte !== VT && byte !== FS)),
        keepsId === 0 ? undefined : fresh,
      ),
    );
  await sideBySide(inputsOf(whole, count, seed), HANDS, async (bytes, hand) => {
    const line =
      lines[hand]?.closed === false ? lines[hand]! : (lines[hand] = await Line.open(address));
    tally.sent += 1;
    const frame = Buffer.concat([Buffer.from([VT]), bytes, Buffer.from([FS, CR])]);
    for (let repeat = 0; ; repeat += 1) {
      line.write(frame);
      const answer = await line.answer();
      if (!isLater(answer) || repeat === REPEATS_MAX) {
        hear(tally, bytes, answer);
        break;
      }
      tally.repeats += 1;
      await new Promise((resolve) => setTimeout(resolve, REPEAT_AFTER_MS));
    }
    progress(tally.sent);
  });
  for (const line of lines) line?.destroy();
  return tally;
};

const hear = (
  tally: Tally & { said: Hl7Message },
  bytes: Buffer,
  answer: string | undefined,
): void => {
  const [, code, text = ''] = CODE.exec(answer ?? '') ?? [];
  if (answer === undefined && /\|ACK/.test(bytes.toString('latin1')))
    return tally.count('an acknowledgement, never acknowledged');
  if (code === undefined)
    return tally.fault(
      `${answer === undefined ? 'no answer to' : 'an answer without MSA to'} input ${digestOf(bytes)}`,
    );
  if (code === 'AA') {
    tally.said.events += Number(/^accepted as (\d+)/.exec(text)?.[1] ?? 0);
    return tally.count(text.startsWith('accepted as') ? 'accepted' : 'accepted before');
  }
  if (isLater(answer)) return tally.count('asked to come again');
  tally.said.refused.add(digestOf(bytes));
  tally.count(`refused ${text}`);
};

const raw = (samples: readonly string[]): fc.Arbitrary<Buffer[]> =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: mutatedBytes(samples) },
      {
        weight: 3,
        arbitrary: fc
          .constantFrom([VT], [FS, CR], [FS], [CR], [VT, VT], [FS, FS, CR], [VT, FS, CR])
          .map((marks) => Buffer.from(marks)),
      },
      {
        weight: 1,
        arbitrary: fc
          .uint8Array({ minLength: 1, maxLength: 40 })
          .map((bytes) => Buffer.from(bytes)),
      },
    ),
    { minLength: 1, maxLength: 8 },
  );

/**
 * Streams of anything: every connection is answered and closed in time, and the next one is served.
 */
export const fuzzFrames = async (
  address: MllpAddress,
  samples: readonly string[],
  { count, seed, progress }: Amount,
): Promise<Tally> => {
  const tally = new Tally('MLLP streams');
  const giant = Buffer.concat([Buffer.from([VT]), Buffer.alloc(1024 * 1024 + 10, 0x41)]);
  await sideBySide(inputsOf(raw(samples), count, seed), HANDS, async (chunks) => {
    tally.sent += 1;
    const line = await Line.open(address);
    const sent = tally.sent % 500 === 7 ? [giant] : chunks;
    for (const chunk of sent) line.write(chunk);
    line.end();
    let answers = 0;
    while ((await line.answer()) !== undefined) answers += 1;
    // Marks and line ends around nothing are no message.
    const blank = Buffer.concat(sent).every((byte) => [VT, FS, CR, LF].includes(byte));
    if (!line.closed)
      tally.fault(`connection not closed in time after stream ${digestOf(Buffer.concat(sent))}`);
    else if (answers === 0 && !blank && !/\|ACK/.test(Buffer.concat(sent).toString('latin1')))
      tally.fault(`no answer to stream ${digestOf(Buffer.concat(sent))}`);
    else tally.count(answers === 0 ? 'nothing to answer' : 'answered and closed');
    line.destroy();
    progress(tally.sent);
  });
  return tally;
};
