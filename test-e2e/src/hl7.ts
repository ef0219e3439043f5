import { connect } from 'node:net';
import iconv from 'iconv-lite';

const START = Buffer.from([0x0b]);
const END = Buffer.from([0x1c, 0x0d]);
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * One segment from its numbered fields; the gaps stay empty. In MSH, whose first field is the
 * separator itself, the number is one lower than in the standard.
 */
export const segment = (
  name: string,
  fields: Readonly<Record<number, string | undefined>>,
): string => {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join('|');
};

/** A time stamp (TS) of an RFC 3339 instant of China. */
export const stamp = (instant: string): string =>
  `${instant.slice(0, 19).replace(/[-T:]/g, '')}+0800`;

/** Bytes of a message in the character set that its MSH-18 names. */
export const encoded = (message: string, charset: string): Buffer =>
  iconv.encode(message, { BIG5: 'big5', 'GB18030-2000': 'gb18030' }[charset] ?? 'utf8');

/** The answer to one message: AA accepted, AE refused for what it says, AR for what it is. */
export interface Acknowledgement {
  readonly code: string;
  readonly controlId: string;
  readonly text: string;
  /** Each ERR segment: where, the reason's code, and what to do. */
  readonly errors: readonly {
    readonly location: string;
    readonly code: string;
    readonly remedy: string;
  }[];
  readonly whole: string;
}

const acknowledgementIn = (whole: string): Acknowledgement => {
  const segments = whole.split('\r').map((line) => line.split('|'));
  const msa = segments.find(([name]) => name === 'MSA') ?? [];
  const errors = segments
    .filter(([name]) => name === 'ERR')
    .map((fields) => ({
      location: fields[2] ?? '',
      code: fields[5] ?? '',
      remedy: fields[8] ?? '',
    }));
  return { code: msa[1] ?? '', controlId: msa[2] ?? '', text: msa[3] ?? '', errors, whole };
};

/**
 * Sends bytes over a connection of their own, in a frame unless `framed` is false, and waits for
 * the answer.
 */
export const sendMllp = (
  to: { readonly host: string; readonly mllpPort: number },
  message: Buffer,
  framed = true,
): Promise<Acknowledgement> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: to.host, port: to.mllpPort });
    const received: Buffer[] = [];
    const finish = (error?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error) reject(error);
      else
        resolve(
          acknowledgementIn(
            Buffer.concat(received).subarray(START.length, -END.length).toString('utf8'),
          ),
        );
    };
    const timer = setTimeout(
      () => finish(new Error('no acknowledgement in time')),
      ANSWER_TIMEOUT_MS,
    );
    socket
      .on('error', finish)
      .on('close', () => finish(new Error('the line was closed without an acknowledgement')));
    socket.on('data', (chunk) => {
      received.push(chunk);
      if (Buffer.concat(received).includes(END)) finish();
    });
    socket.on('connect', () =>
      framed ? socket.write(Buffer.concat([START, message, END])) : socket.end(message),
    );
  });
