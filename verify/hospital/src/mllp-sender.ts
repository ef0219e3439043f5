import { type Acknowledgement, acknowledgementIn } from './acknowledgement';
import { framed, type MllpAddress, MllpConnection } from './mllp-connection';
import { patiently, Unavailable } from './patience';

const ANSWER_TIMEOUT_MS = 30_000;

/**
 * A hospital's integration engine in small: sends a message in an MLLP frame and waits for its
 * answer, one message at a time. Without an acknowledgement it sends the message again, over a new
 * connection and to the next address: the gateway knows a repetition by its control id.
 */
export class MllpSender {
  private connection: MllpConnection | undefined;

  /** `turn`: which address comes first. */
  constructor(
    private readonly addresses: readonly MllpAddress[],
    private turn: number,
    private readonly answerTimeoutMs = ANSWER_TIMEOUT_MS,
  ) {}

  /**
   * The acknowledgement code of the answer (AA, AE, AR). `before`: messages without a control id,
   * which go ahead of it and get no answer of their own. Throws when none came in two minutes.
   */
  send(message: Uint8Array, before: readonly Uint8Array[] = []): Promise<string> {
    return patiently(async () => {
      try {
        return await this.sendOnce(message, before);
      } catch (error) {
        this.close();
        throw error;
      }
    });
  }

  close(): void {
    this.connection?.destroy();
    this.connection = undefined;
  }

  private async sendOnce(message: Uint8Array, before: readonly Uint8Array[]): Promise<string> {
    const connection = (this.connection ??= await this.connect());
    for (const each of [...before, message]) connection.write(framed(each));
    const answer = await connection.answer(this.answerTimeoutMs);
    if (answer === undefined)
      throw new Unavailable(
        connection.closed
          ? 'the gateway closed the connection'
          : 'the gateway did not answer in time',
      );
    const { code, isRetryable } = acknowledgementIn(answer);
    if (code === '') throw new Error('the answer has no MSA segment');
    if (isRetryable) throw new Unavailable('the gateway asks for the message again later');
    return code;
  }

  private connect(): Promise<MllpConnection> {
    const address = this.addresses[(this.turn += 1) % this.addresses.length]!;
    return MllpConnection.open(address).catch((cause: unknown) => {
      throw new Unavailable(`no HL7 server at ${address.host}:${address.port}`, { cause });
    });
  }
}

/**
 * Sends bytes over a connection of their own, in a frame unless `isFramed` is false, and gives the
 * answer. Rejects without one.
 */
export const sendOnce = async (
  to: MllpAddress,
  message: Uint8Array,
  isFramed = true,
): Promise<Acknowledgement> => {
  const connection = await MllpConnection.open(to);
  try {
    if (isFramed) connection.write(framed(message));
    else {
      connection.write(message);
      connection.end();
    }
    const answer = await connection.answer(ANSWER_TIMEOUT_MS);
    if (answer === undefined)
      throw new Error(
        connection.closed
          ? 'the connection was closed without an acknowledgement'
          : 'no acknowledgement in time',
      );
    return acknowledgementIn(answer);
  } finally {
    connection.destroy();
  }
};
