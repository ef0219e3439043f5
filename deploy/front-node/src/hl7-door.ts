import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import {
  FRAME_FAULTS,
  type Frame,
  type FrameFault,
  FrameReader,
  MLLP_END,
  MLLP_START,
} from '@caretab/contracts';
import { DomainError } from '@caretab/kernel';
import { acknowledgementOf, type Hl7Header, hl7HeaderIn, type Refusal } from './hl7';
import type { Hl7Line } from './hl7-line';
import { JournalFault } from './journal';
import type { Messages } from './messages';
import { HL7_LANE, HL7_PATH } from './state';

/** Engines of one hospital, by far more than there are. */
const CONNECTIONS_MAX = 50;
const TIMEOUT_MS = 600_000;
const KEY_CHARS = 32;

export interface Hl7DoorParts {
  readonly messages: Pick<Messages, 'take'>;
  readonly line: Pick<Hl7Line, 'fault' | 'isEnhanced'>;
  readonly waitMs: number;
  readonly now: () => number;
}

/** HL7 v2 over MLLP in: each message is answered once it is on disk, in the order of its connection. */
export const listenHl7 = async (
  parts: Hl7DoorParts,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<{ readonly port: number; stop(): Promise<void> }> => {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    converse(socket, parts).catch(() => socket.destroy());
  });
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // What was not answered is sent again.
        for (const socket of sockets) socket.destroy();
      }),
  };
};

/** Nothing more is read while a message is at work. */
const converse = async (socket: Socket, parts: Hl7DoorParts): Promise<void> => {
  const reader = new FrameReader();
  for await (const chunk of socket as AsyncIterable<Buffer>)
    for (const frame of reader.push(chunk)) {
      const answer = await answerTo(frame, parts);
      if (answer && socket.writable) socket.write(Buffer.concat([MLLP_START, answer, MLLP_END]));
      if (frame.fault === 'FRAME_TOO_LONG') return void socket.destroySoon();
    }
  socket.end();
};

const answerTo = async (
  { bytes, fault }: Frame,
  parts: Hl7DoorParts,
): Promise<Buffer | undefined> => {
  const header = hl7HeaderIn(bytes) ?? NO_HEADER;
  const { controlId } = header;
  // As at the platform: a sender takes what comes for the answer to its last message.
  if (controlId === '' || header.type.startsWith('ACK')) return undefined;
  const at = new Date(parts.now());
  const refused = (refusal: Refusal): Buffer => acknowledgementOf(header, refusal, at);
  if (fault) return refused(ofFrame(fault));
  if (header.isUnanswered) return refused(UNANSWERED);
  try {
    const { answer, isKept } = await taken(header, bytes, parts);
    if (!isKept) return Buffer.from(answer, 'base64');
    return acknowledgementOf(header, parts.line.isEnhanced ? 'accepted' : 'kept', at);
  } catch (error) {
    return refused(refusalIn(error));
  }
};

const NO_HEADER: Hl7Header = {
  ...{ sender: ['', ''], receiver: ['', ''], type: '', controlId: '' },
  ...{ processingId: '', version: '', isUnanswered: false, charset: '' },
};

const taken = async (
  { sender, controlId, type }: Hl7Header,
  bytes: Buffer,
  { messages, line, waitMs }: Hl7DoorParts,
): Promise<{ readonly answer: string; readonly isKept: boolean }> => {
  const name = JSON.stringify([...sender, controlId]);
  const key = `hl7-${createHash('sha256').update(name).digest('hex').slice(0, KEY_CHARS)}`;
  const path = `${HL7_PATH}${type.replace(/[^A-Z0-9^]/g, '')}`;
  const body = { hl7: bytes.toString('base64') };
  const said = await messages.take({
    ...{ key, path, body, visit: HL7_LANE },
    waitMs: line.fault === undefined ? waitMs : 0,
  });
  const { ack = '' } = (said.body ?? {}) as { readonly ack?: string };
  return { answer: ack, isKept: said.isKept === true };
};

const UNANSWERED: Refusal = {
  ...{ code: 'AR', condition: 102, problem: 'ACKNOWLEDGEMENT_NEEDED' },
  why: 'by MSH-15 and MSH-16 the platform may say nothing of it: no one would know that it arrived',
  remedy: 'send AL in MSH-15, or leave both empty',
};

const ofFrame = (fault: FrameFault): Refusal => ({
  ...{ code: 'AR', condition: 100, problem: fault },
  ...FRAME_FAULTS[fault],
});

/** The disk, or the room on it, may be there again later. */
const refusalIn = (error: unknown): Refusal => {
  if (error instanceof JournalFault)
    return { ...LATER, problem: 'FRONT_NODE_FULL', why: error.message };
  if (!(error instanceof DomainError)) {
    const known = error instanceof Error ? error.name : 'unknown';
    process.stderr.write(`front node: unhandled error at HL7 (${known})\n`);
    return LATER;
  }
  const { why = '', remedy = '' } = error.details as { readonly why?: string; remedy?: string };
  if (error.code === 'IDEMPOTENCY_KEY_REUSED')
    return {
      ...{ code: 'AE', condition: 205, problem: 'MESSAGE_ID_REUSED' },
      why: 'MSH-10 was used for another message of the same sender',
      remedy: 'give each message an id of its own',
    };
  return { ...LATER, problem: error.code, why, remedy };
};
const LATER: Refusal = {
  ...{ code: 'AR', condition: 207, problem: 'INTERNAL' },
  ...{ why: 'the message could not be stored', remedy: 'keep it and send it again later' },
};
