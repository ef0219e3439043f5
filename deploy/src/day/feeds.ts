import { hospitalReports } from '@caretab/contracts';
import type { Bus } from '@caretab/bus';
import {
  type Api,
  ApiError,
  controlIdOf,
  hospitalHeaders,
  messageOf,
  type MllpAddress,
  MllpSender,
  patiently,
  Unavailable,
} from '@caretab/hospital';
import type { DayProgress } from './progress';
import type { Phase, SampleInstitution, Samples } from './samples';

export interface Doors {
  readonly api: Api;
  /** Where the gateway listens for HL7; several where it has replicas. */
  readonly mllp: readonly MllpAddress[];
  /** The institution's own key for the HTTP door. */
  keyOf(institutionId: string): string;
  /** The bus as the hospital's own producer has it. */
  producerOf(institutionId: string): Bus;
}

/** What became of the messages of one feed. */
export interface Sent {
  accepted: number;
  refused: number;
}

type Progressed = (feed: string, done: number, all: number) => void;

const REFUSALS: readonly number[] = [400, 403, 404, 409, 422];

/**
 * Plays the feeds of the hospitals side by side, each in its own order, from where it was
 * acknowledged last.
 */
export class Feeds {
  constructor(
    private readonly samples: Samples,
    private readonly doors: Doors,
    private readonly progress: DayProgress,
    private readonly progressed: Progressed,
  ) {}

  async play(phase: Phase, institutions: readonly SampleInstitution[]): Promise<void> {
    const play = { hl7: this.hl7, http: this.http, events: this.events };
    await Promise.all([
      ...institutions.map((institution, index) =>
        play[institution.door].call(this, phase, institution.institutionId, index),
      ),
      this.citizens(phase),
    ]);
  }

  private async hl7(phase: Phase, institutionId: string, index: number): Promise<void> {
    const messages = this.samples.hl7(phase, institutionId);
    const sender = new MllpSender(this.doors.mllp, index);
    try {
      // What is not answered goes out with the message after it, whose answer stands for both.
      const isSilent = (message: Buffer | undefined): message is Buffer =>
        message !== undefined && controlIdOf(message) === '';
      const items = messages.map((message, at) => ({
        message,
        before: [messages[at - 1]].filter(isSilent),
      }));
      await this.inOrder(`${phase}/${institutionId}`, items, async ({ message, before }) =>
        isSilent(message) ? undefined : sender.send(message, before),
      );
    } finally {
      sender.close();
    }
  }

  private async http(phase: Phase, institutionId: string): Promise<void> {
    const lines = this.samples.lines<{ path: string; idempotencyKey: string; body: unknown }>(
      phase,
      institutionId,
    );
    await this.inOrder(
      `${phase}/${institutionId}`,
      lines,
      async ({ path, idempotencyKey, body }) => {
        try {
          await this.doors.api.post(path, body, {
            ...hospitalHeaders(this.doors.keyOf(institutionId), idempotencyKey),
          });
        } catch (error) {
          if (!(error instanceof ApiError && REFUSALS.includes(error.status))) throw error;
        }
      },
    );
  }

  private async events(phase: Phase, institutionId: string): Promise<void> {
    const lines = this.samples.lines<{
      id: string;
      at: string;
      type: string;
      credential?: object;
      data: { visitId: string };
    }>(phase, institutionId);
    const producer = this.doors.producerOf(institutionId);
    const topic = hospitalReports(institutionId).name;
    await this.inOrder(
      `${phase}/${institutionId}`,
      lines,
      async ({ id, at, type, credential, data }) => {
        const person =
          credential &&
          (await this.doors.api.post<{ personId: string }>('/v1/persons/resolve', credential, {
            authorization: `Bearer ${this.doors.keyOf(institutionId)}`,
          }));
        const message = messageOf(
          { type, data },
          { institutionId, id, at, personId: person?.personId },
        );
        await patiently(() =>
          producer.send(topic, [message]).catch((cause: unknown) => {
            throw new Unavailable('the bus is unavailable', { cause });
          }),
        );
      },
    );
  }

  private async citizens(phase: Phase): Promise<void> {
    const lines = this.samples.lines<{ visitId: string; channel: string; token: string }>(
      phase,
      'citizens',
    );
    await this.inOrder(`${phase}/citizens`, lines, ({ visitId, channel, token }) =>
      this.doors.api.post(`/payment/visits/${encodeURIComponent(visitId)}/pay`, { channel, token }),
    );
  }

  private async inOrder<Item>(
    feed: string,
    items: readonly Item[],
    send: (item: Item) => Promise<unknown>,
  ): Promise<void> {
    for (let index = this.progress.of(feed); index < items.length; index += 1) {
      await send(items[index]!);
      this.progress.note(feed, index + 1);
      this.progressed(feed, index + 1, items.length);
    }
    if (items.length > 0) this.progress.save(feed, items.length);
  }
}
