import { hospitalReports } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { Message } from '@caretab/bus';
import {
  ask,
  eventsOf,
  hl7Of,
  hospitalHeaders,
  messageOf,
  MllpSender,
  requestOf,
  retryAfterMs,
  Unavailable,
} from '@caretab/hospital';
import type { PlatformAccess } from './platform-access';
import { type ChaosReport, type ChaosVisit, reportedOf } from './hospitals-visit';

/**
 * What a door answered: the ids that the messages have on the bus, or the code with which it
 * refused.
 */
export type Answer = { readonly ids: readonly string[] } | { readonly refused: string };

/**
 * One way into the platform. Throws Unavailable when there was no definite answer: the same may be said
 * again.
 */
export interface Door {
  send(visit: ChaosVisit, report: ChaosReport): Promise<Answer>;
  close(): void;
}

const HTTP_ANSWER_TIMEOUT_MS = 15_000;
const MLLP_ANSWER_TIMEOUT_MS = 10_000;
const SEND_TIMEOUT_MS = 30_000;
const ACCEPTED = 202;
const RESOLVED = 200;
const AGAIN: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

/** As many messages as a report becomes. */
const partsOf = (report: ChaosReport): number =>
  report.kind === 'charges' ? report.charges.length : 1;

/** The ids that the gateway derives from a message of its sender. */
const idsOf = (source: string, report: ChaosReport): string[] =>
  Array.from({ length: partsOf(report) }, (_, index) => derivedId(source, String(index + 1)));

/** HTTP/JSON: the replicas of the gateway in turns. */
export class HttpSender implements Door {
  private turn = 0;

  constructor(private readonly field: Pick<PlatformAccess, 'gatewayUrls' | 'keyOf'>) {}

  async send(visit: ChaosVisit, report: ChaosReport): Promise<Answer> {
    const { institutionId } = visit.institution;
    const url = this.field.gatewayUrls[(this.turn += 1) % this.field.gatewayUrls.length]!;
    const { status, body, retryAfter } = await ask(
      url,
      {
        method: 'POST',
        ...requestOf(reportedOf(visit, report), report),
        headers: hospitalHeaders(this.field.keyOf(institutionId), report.key),
      },
      HTTP_ANSWER_TIMEOUT_MS,
    ).catch((cause: unknown) => {
      throw new Unavailable('the gateway does not answer over HTTP', { cause });
    });
    if (status === ACCEPTED) return { ids: idsOf(`http/${institutionId}/${report.key}`, report) };
    if (AGAIN.includes(status))
      throw new Unavailable(`the gateway answers ${status}`, { waitMs: retryAfterMs(retryAfter) });
    return { refused: `${status} ${body?.code ?? ''}` };
  }

  close(): void {
    // Nothing is kept open that the process would wait for.
  }
}

/** HL7 v2 over MLLP, a connection of one's own. */
export class Hl7Sender implements Door {
  private readonly sender: MllpSender;

  constructor({ mllp }: Pick<PlatformAccess, 'mllp'>, turn: number) {
    this.sender = new MllpSender(mllp, turn, MLLP_ANSWER_TIMEOUT_MS);
  }

  async send(visit: ChaosVisit, report: ChaosReport): Promise<Answer> {
    const bytes = Buffer.from(hl7Of(reportedOf(visit, report), report, { controlId: report.key }));
    const code = await this.sender.send(bytes).catch((cause: unknown) => {
      throw new Unavailable('the gateway does not answer over MLLP', { cause });
    });
    return code === 'AA'
      ? { ids: idsOf(`hl7/${visit.institution.institutionId}.HIS/${report.key}`, report) }
      : { refused: code };
  }

  close(): void {
    this.sender.close();
  }
}

/**
 * A hospital's own Kafka producer: it resolves the person of an opening, and sends with the same
 * event ids until the brokers have said yes.
 */
export class Producer implements Door {
  constructor(
    private readonly field: Pick<PlatformAccess, 'gatewayUrls' | 'keyOf' | 'producerOf'>,
  ) {}

  async send(visit: ChaosVisit, report: ChaosReport): Promise<Answer> {
    const personId = report.kind === 'start' ? await this.resolved(visit) : undefined;
    const messages = this.messagesOf(visit, report, personId);
    const { institutionId } = visit.institution;
    const producer = this.field.producerOf(institutionId);
    const sent = producer.send(hospitalReports(institutionId).name, messages);
    await within(SEND_TIMEOUT_MS, sent).catch((cause: unknown) => {
      throw new Unavailable('the bus takes no message', { cause });
    });
    // The gateway derives one id of each message, which has one event.
    return {
      ids: messages.map(({ headers }) =>
        derivedId(`bus/${institutionId}/${headers['ce_id']}`, '1'),
      ),
    };
  }

  close(): void {
    // The bus belongs to the field.
  }

  private async resolved({ institution, citizen: { idNumber } }: ChaosVisit): Promise<string> {
    const { status, body, retryAfter } = await ask<{ personId: string }>(
      this.field.gatewayUrls[0]!,
      {
        method: 'POST',
        path: '/v1/persons/resolve',
        body: { type: 'id-number', value: idNumber },
        headers: { authorization: `Bearer ${this.field.keyOf(institution.institutionId)}` },
      },
      HTTP_ANSWER_TIMEOUT_MS,
    ).catch((cause: unknown) => {
      throw new Unavailable('the gateway resolves no one', { cause });
    });
    if (status === RESOLVED) return body.personId;
    throw new Unavailable(`the gateway answers ${status}`, { waitMs: retryAfterMs(retryAfter) });
  }

  private messagesOf(visit: ChaosVisit, report: ChaosReport, personId?: string): Message[] {
    const { institutionId } = visit.institution;
    return eventsOf(reportedOf(visit, report), report).map((event, index) =>
      messageOf(event, {
        institutionId,
        id: derivedId(institutionId, report.key, String(index)),
        at: report.at,
        personId,
      }),
    );
  }
}

/** A send that never ends is one that was not answered; what comes of it later is a repetition. */
const within = async (durationMs: number, work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer for ${durationMs} ms`)), durationMs);
  });
  work.catch(() => undefined); // Its failure after the deadline is of no interest any more.
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
};
