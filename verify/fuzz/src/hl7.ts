import { controlIdOf, framed, type MllpAddress, MllpConnection, pause } from '@caretab/hospital';
import fc from 'fast-check';
import type { Amount } from './bus';
import { inputsOf, mutatedBytes } from './mutants';
import { digestOf, sideBySide, Tally } from './tally';

const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;
/** A machine that is busy otherwise is no hang. */
const ANSWER_TIMEOUT_MS = 60_000;
const HANDS = 16;

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
const ANSWERED_ID = /(?:^|\r)MSA\|A[AER]\|([^|\r]*)/;

/** A message that is always refused, to see whether an answer is to the message before it. */
const PROBE_ID = 'FUZZ-PROBE';
const PROBE = Buffer.from(
  `MSH|^~\\&|FUZZ|FUZZ|CARETAB|CITY|20260302080000+0800||ADT^A99|${PROBE_ID}|P|2.5.1`,
);

const REPEATS_MAX = 40;
const REPEAT_AFTER_MS = 250;

/** AR with a remark: the message is as good as before, and may be sent once more. */
const isLater = (answer: string | undefined): boolean =>
  CODE.exec(answer ?? '')?.[1] === 'AR' &&
  /try again later/.test(CODE.exec(answer ?? '')?.[2] ?? '');

/** What the gateway said in sum, to be compared with what it recorded. */
export interface Hl7Message {
  /** Events of messages accepted for the first time. */
  events: number;
  /** Different contents that were refused for good. */
  readonly refused: Set<string>;
  /** Different contents without a control id: kept unless there is too much to do. */
  readonly unanswered: Set<string>;
}

/**
 * HL7 messages, each in a frame of its own: each gets exactly one answer that names it; without a
 * control id it gets none.
 */
export const fuzzHl7 = async (
  address: MllpAddress,
  samples: readonly string[],
  { count, seed, progress }: Amount,
): Promise<Tally & { said: Hl7Message }> => {
  const tally = Object.assign(new Tally('HL7 messages'), {
    said: { events: 0, refused: new Set<string>(), unanswered: new Set<string>() } as Hl7Message,
  });
  const lines: (MllpConnection | undefined)[] = [];
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
      lines[hand]?.closed === false
        ? lines[hand]!
        : (lines[hand] = await MllpConnection.open(address));
    tally.sent += 1;
    // Blanks alone are no control id.
    const isSilent = controlIdOf(bytes).trim() === '';
    if (isSilent) line.write(framed(bytes));
    const frame = framed(isSilent ? PROBE : bytes);
    for (let repeat = 0; ; repeat += 1) {
      line.write(frame);
      let answer = await line.answer(ANSWER_TIMEOUT_MS);
      // By the institution's character set it may have a control id: then it is answered, too.
      const isAnswered = isSilent && repeat === 0 && isOfWideHeader(bytes, answer);
      if (isAnswered) {
        hear(tally, bytes, answer);
        answer = await line.answer(ANSWER_TIMEOUT_MS);
      }
      if (!isLater(answer) || repeat === REPEATS_MAX) {
        if (isSilent) noAnswer(tally, isAnswered ? undefined : bytes, answer);
        else hear(tally, bytes, answer);
        break;
      }
      tally.repeats += 1;
      await pause(REPEAT_AFTER_MS);
    }
    progress(tally.sent);
  });
  for (const line of lines) line?.destroy();
  return tally;
};

const names = (answer: string | undefined, controlId: string): boolean => {
  const answered = ANSWERED_ID.exec(answer ?? '')?.[1] ?? '';
  // Separators are escaped, and what is too long is cut.
  return /[\\~^&]|[^\x20-\x7e]/.test(controlId) || controlId.startsWith(answered);
};

/** In GB18030 or Big5 a byte from 0x80 may take the separator after it: fields are others then. */
const hasWideHeader = (bytes: Buffer): boolean =>
  /^MSH(\|[^|\r]*){0,10}[\x80-\xff]/.test(bytes.toString('latin1'));

/** An answer that is not the probe's, to a message whose fields are others in its character set. */
const isOfWideHeader = (bytes: Buffer, answer: string | undefined): boolean =>
  answer !== undefined && !names(answer, PROBE_ID) && hasWideHeader(bytes);

/**
 * The answer must be that to the probe which came after the message. `bytes` is undefined where the
 * message had an answer of its own.
 */
const noAnswer = (
  tally: Tally & { said: Hl7Message },
  bytes: Buffer | undefined,
  answer: string | undefined,
): void => {
  if (answer === undefined || !names(answer, PROBE_ID))
    return tally.fault(`an answer to input ${digestOf(bytes ?? PROBE)}, which has no control id`);
  if (!isLater(answer)) tally.said.refused.add(digestOf(PROBE));
  if (!bytes) return;
  if (bytes.length > 0) tally.said.unanswered.add(digestOf(bytes));
  tally.count('no control id, not answered');
};

const hear = (
  tally: Tally & { said: Hl7Message },
  bytes: Buffer,
  answer: string | undefined,
): void => {
  const [, code, text = ''] = CODE.exec(answer ?? '') ?? [];
  if (answer === undefined && /\|ACK/.test(bytes.toString('latin1')))
    return tally.count('an acknowledgement, never acknowledged');
  // By the institution's character set it may have no control id.
  if (answer === undefined && hasWideHeader(bytes))
    return tally.count('a header of other fields in its charset, not answered');
  if (code === undefined)
    return tally.fault(
      `${answer === undefined ? 'no answer to' : 'an answer without MSA to'} input ${digestOf(bytes)}`,
    );
  if (!names(answer, controlIdOf(bytes)) && !hasWideHeader(bytes))
    return tally.fault(`an answer to another message than input ${digestOf(bytes)}`);
  // Only judged, or not needed: neither is recorded.
  if (/^(test|ignored): /.test(text)) return tally.count(`${code} ${text.split(':')[0]}`);
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
    const line = await MllpConnection.open(address);
    const sent = tally.sent % 500 === 7 ? [giant] : chunks;
    for (const chunk of sent) line.write(chunk);
    line.end();
    let answers = 0;
    while ((await line.answer(ANSWER_TIMEOUT_MS)) !== undefined) answers += 1;
    // Only what has a control id between two marks is answered.
    const blank = Buffer.concat(sent)
      .toString('latin1')
      .split(/\x0b|\x1c\r?/)
      .every((part) => controlIdOf(Buffer.from(part, 'latin1')) === '');
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
