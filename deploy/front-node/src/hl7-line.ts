import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { FrameReader, MLLP_END, MLLP_START } from '@caretab/contracts';
import { answeredIn, answerIn, hl7HeaderIn } from './hl7';
import type { Question, Said } from './platform';

export interface Hl7LineOptions {
  readonly host: string;
  readonly port: number;
  /** Whom it trusts and who it is, in PEM; without it the line is plain. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
  readonly timeoutMs?: number;
}

/** A message as a journal has it. */
export interface Hl7Body {
  readonly hl7: string;
}

/** As the HL7 guide says: when much is going on, an answer takes seconds. */
const TIMEOUT_MS = 30_000;

/**
 * The platform's HL7 port, over one connection and one message at a time: its order is that of the feed.
 * What has no answer of its own is asked for again, over another connection: the platform knows a
 * repetition by its control id.
 */
export class Hl7Line {
  private socket: Socket | undefined;
  private why: string | undefined;
  private earlierId: string | undefined;
  private isAccepting = false;

  constructor(private readonly options: Hl7LineOptions) {}

  /** Why the last message has no answer yet; undefined where the platform answered it. */
  get fault(): string | undefined {
    return this.why;
  }

  /** The platform answers in enhanced mode: first that it has accepted a message. */
  get isEnhanced(): boolean {
    return this.isAccepting;
  }

  async ask({ body }: Pick<Question, 'body'>): Promise<Said> {
    const bytes = Buffer.from((body as Hl7Body).hl7, 'base64');
    const { controlId = '' } = hl7HeaderIn(bytes) ?? {};
    const answer = await this.exchanged(bytes, controlId).catch((error: NodeJS.ErrnoException) => {
      this.close();
      return error.code ?? error.message;
    });
    if (typeof answer === 'string') return this.held(answer);
    const said = answerIn(answer, controlId);
    if (!said) {
      this.close();
      return this.held('an answer to another message');
    }
    this.isAccepting = said.code.startsWith('C');
    if (said.isLater) return this.held(said.text);
    this.why = undefined;
    const ack = answer.toString('base64');
    const code = /^[A-Z][A-Z0-9_]{1,60}$/.exec(said.text)?.[0];
    return {
      outcome: 'answered',
      status: said.code.endsWith('A') ? 200 : 422,
      body: { ack, ...(code !== undefined && { code }) },
    };
  }

  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private held(why: string): Said {
    this.why = `HL7: ${why}`;
    return { outcome: 'held', why: this.why, status: 0, body: null };
  }

  private async exchanged(bytes: Buffer, controlId: string): Promise<Buffer> {
    const earlierId = this.earlierId === controlId ? undefined : this.earlierId;
    this.earlierId = controlId;
    const socket = (this.socket ??= await this.opened());
    const { timeoutMs = TIMEOUT_MS } = this.options;
    return new Promise((resolve, reject) => {
      const reader = new FrameReader();
      const over = (done: () => void): void => {
        clearTimeout(timer);
        socket.off('data', read).off('close', closed).off('error', failed);
        done();
      };
      const read = (chunk: Buffer): void => {
        for (const { bytes: answer, fault } of reader.push(chunk)) {
          // In enhanced mode the message before may have a second answer.
          if (earlierId !== undefined && answeredIn(answer) === earlierId) continue;
          return over(() => (fault ? reject(new Error(fault)) : resolve(answer)));
        }
      };
      const failed = (error: Error): void => over(() => reject(error));
      const closed = (): void => failed(new Error('the line was closed'));
      const timer = setTimeout(() => failed(new Error('no answer in time')), timeoutMs);
      socket.on('data', read).on('close', closed).on('error', failed);
      socket.write(Buffer.concat([MLLP_START, bytes, MLLP_END]));
    });
  }

  private opened(): Promise<Socket> {
    const { host, port, tls, timeoutMs = TIMEOUT_MS } = this.options;
    return new Promise((resolve, reject) => {
      const ready = (): void => {
        socket.off('error', failed).setTimeout(0);
        // Between two messages it may end: the next one opens another.
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          if (this.socket === socket) this.socket = undefined;
        });
        resolve(socket);
      };
      const failed = (error: Error): void => {
        socket.destroy();
        reject(error);
      };
      const socket = tls
        ? connectTls({ host, port, ...tls }, ready)
        : connectPlain({ host, port }, ready);
      socket.once('error', failed);
      socket.setTimeout(timeoutMs, () => failed(new Error('no connection in time')));
    });
  }
}
