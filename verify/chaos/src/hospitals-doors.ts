import { hospitalVisitEvents, visitIdOf } from '@caretab/contracts';
import { derivedId } from '@caretab/kernel';
import type { Message } from '@caretab/bus';
import { ask, hospitalHeaders, MllpSender, retryAfterMs, Unavailable } from '@caretab/hospital';
import { bodyOf, factsOf, pathOf } from '@caretab/simulation';
import type { PlatformAccess } from './platform-access';
import { hl7Of } from './hospitals-hl7';
import type { ChaosSaying, ChaosVisit } from './hospitals-visit';

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
  say(visit: ChaosVisit, saying: ChaosSaying): Promise<Answer>;
  close(): void;
}

const HTTP_ANSWER_TIMEOUT_MS = 15_000;
const MLLP_ANSWER_TIMEOUT_MS = 10_000;
const SEND_TIMEOUT_MS = 30_000;
const ACCEPTED = 202;
const AGAIN: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

/** As many messages as a saying becomes. */
const partsOf = (saying: ChaosSaying): number =>
  saying.kind === 'charges' ? saying.charges.length : 1;

/** The ids that the gateway derives from a message of its sender. */
const idsOf = (source: string, saying: ChaosSaying): string[] =>
  Array.from({ length: partsOf(saying) }, (_, index) => derivedId(source, String(index + 1)));

/** HTTP/JSON: the replicas of the gateway in turns. */
export class HttpSender implements Door {
  private turn = 0;

  constructor(private readonly field: Pick<PlatformAccess, 'gatewayUrls' | 'keyOf'>) {}

  async say(visit: ChaosVisit, saying: ChaosSaying): Promise<Answer> {
    const {
      institution: { institutionId },
      citizen,
    } = visit;
    const url = this.field.gatewayUrls[(this.turn += 1) % this.field.gatewayUrls.length]!;
    const { status, body, retryAfter } = await ask(
      url,
      {
        method: 'POST',
        path: pathOf(visitIdOf(institutionId, visit.visitNumber), saying),
        body: bodyOf(visit, saying, citizen.idNumber),
        headers: hospitalHeaders(this.field.keyOf(institutionId), saying.key),
      },
      HTTP_ANSWER_TIMEOUT_MS,
    ).catch((cause: unknown) => {
      throw new Unavailable('the gateway does not answer over HTTP', { cause });
    });
    if (status === ACCEPTED) return { ids: idsOf(`http/${institutionId}/${saying.key}`, saying) };
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

  async say(visit: ChaosVisit, saying: ChaosSaying): Promise<Answer> {
    const code = await this.sender.send(hl7Of(visit, saying)).catch((cause: unknown) => {
      throw new Unavailable('the gateway does not answer over MLLP', { cause });
    });
    return code === 'AA'
      ? { ids: idsOf(`hl7/${visit.institution.institutionId}/${saying.key}`, saying) }
      : { refused: code };
  }

  close(): void {
    this.sender.close();
  }
}

/**
 * A hospital's own Kafka producer: it resolves the person once, and sends with the same event ids
 * until the brokers have said yes.
 */
export class Producer implements Door {
  constructor(
    private readonly field: Pick<PlatformAccess, 'bus'>,
    private readonly personIdOf: (visit: ChaosVisit) => string,
  ) {}

  async say(visit: ChaosVisit, saying: ChaosSaying): Promise<Answer> {
    const messages = this.messagesOf(visit, saying);
    const sent = this.field.bus.send(hospitalVisitEvents.name, messages);
    await within(SEND_TIMEOUT_MS, sent).catch((cause: unknown) => {
      throw new Unavailable('the bus takes no message', { cause });
    });
    return { ids: messages.map(({ headers }) => headers['ce_id']!) };
  }

  close(): void {
    // The bus belongs to the field.
  }

  private messagesOf(visit: ChaosVisit, saying: ChaosSaying): Message[] {
    const {
      visitId,
      visitNumber,
      institution: { institutionId },
    } = visit;
    const attributes = {
      ce_specversion: '1.0',
      ce_source: `hospital/${institutionId}`,
      ce_time: new Date(saying.at).toISOString(),
      'content-type': 'application/json',
    };
    return factsOf(visit, saying, this.personIdOf(visit)).map(({ type, ...data }, index) => ({
      key: visitId,
      value: JSON.stringify({ visitId, institutionId, visitNumber, ...data }),
      headers: {
        ...attributes,
        ce_id: derivedId(institutionId, saying.key, String(index)),
        ce_type: type,
      },
    }));
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
