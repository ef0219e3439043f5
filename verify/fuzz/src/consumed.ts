import { hospitalReports, read, type Topic, UNREADABLE } from '@caretab/contracts';
import { derivedId, DomainError } from '@caretab/kernel';
import type { Bus, ReceivedMessage } from '@caretab/bus';
import { SAMPLE_PRODUCERS } from '@caretab/deploy';
import type { Api } from '@caretab/hospital';
import { digestOf, Tally } from './tally';

/** The topic of the sample day's hospital with a producer of its own. */
export const OWN_TOPIC = hospitalReports(SAMPLE_PRODUCERS[0]!).name;

/**
 * Who consumes what on the platform. A group that is missing here is a fault of the run, since its
 * messages would not be looked for.
 */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'hospital.visit-events': ['visit-ledger.hospital'],
  [OWN_TOPIC]: ['gateway.report'],
  'visit-ledger.visits': [
    'adjudication.claim',
    'credit.hold',
    'gateway.fate',
    'notification.visit',
    'payment.collection',
  ],
  'credit.authorizations': ['visit-ledger.credit'],
  'credit.accounts': ['notification.account'],
  'adjudication.claims': ['visit-ledger.claim'],
  'payment.payments': ['credit.payment', 'notification.payment', 'visit-ledger.payment'],
  'identity.persons': [
    'credit.guardian',
    'gateway.intake',
    'notification.person',
    'payment.account',
    'visit-ledger.guardian',
  ],
  'credit.erasures': ['identity.credit-erasure'],
  'payment.erasures': ['identity.payment-erasure'],
  'notification.erasures': ['identity.notification-erasure'],
  'gateway.erasures': ['identity.gateway-erasure'],
  'identity.institutions': [
    'adjudication.institution',
    'notification.institution',
    'visit-ledger.institution',
  ],
};

/** What these groups handle; of other types they parse nothing. The rest handles all of its topic. */
const HANDLED: Readonly<Record<string, readonly string[]>> = {
  'adjudication.claim': ['VisitOpened', 'VisitClosed'],
  'credit.hold': [
    ...['VisitOpened', 'VisitUpdated', 'HoldIncreaseRequested', 'VisitCancelled'],
    'HoldLowered',
    ...['VisitAdjudicated', 'VisitSettled', 'PaymentMissed', 'VisitSetAside', 'VisitResumed'],
  ],
  'notification.visit': [
    ...['VisitSettled', 'PaymentMissed', 'ChargeNotDeferred', 'ChargeAwaitsAgreement'],
    ...['ChargeConflictFound', 'VisitCancelled', 'VisitOverdue', 'VisitSetAside', 'VisitResumed'],
    ...['SubmissionRejected', 'HolderContradicted'],
  ],
  'notification.payment': ['RefundCompleted'],
  'payment.collection': ['VisitAdjudicated', 'VisitSetAside', 'VisitResumed'],
  'visit-ledger.guardian': ['GuardianAppointed', 'ErasureBegun', 'PersonalDataDestroyed'],
};

/**
 * Why the contract refuses a message; undefined when it can be read. Anything but a refusal by name
 * is reported as a crash.
 */
const refusalOf = (topic: Topic, message: ReceivedMessage): string | undefined => {
  const { [UNREADABLE]: unreadable, ce_source: source } = message.headers;
  // A hospital names itself: that is judged with its signature, before anything is read.
  if (topic.name === OWN_TOPIC && unreadable === undefined && !topic.authors.includes(source!))
    return 'AUTHOR_FORBIDDEN';
  try {
    (read as (topic: Topic, message: ReceivedMessage) => unknown)(topic, message);
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? error.code : `a crash: ${(error as Error).name}`;
  }
};

/** Where a message would be parked: as one of its author's, or as forged. */
interface Place {
  readonly group: string;
  readonly id: string;
  readonly forgedId: string;
}

/** By group that handles the message. */
export const placesOf = (
  { events }: Topic,
  { topic, key, headers, value }: ReceivedMessage,
): readonly Place[] => {
  const { ce_id: id = '', ce_type: type = '' } = headers;
  const isHandled = (group: string): boolean =>
    !Object.hasOwn(events, type) || (HANDLED[group]?.includes(type) ?? true);
  const idAs = (what: string, group: string): string =>
    derivedId(what, group, topic, key, id, type, value);
  return (GROUPS[topic] ?? [])
    .filter(isHandled)
    .map((group) => ({ group, id: idAs('Parked', group), forgedId: idAs('Forged', group) }));
};

/** A message that was sent: what is to be found of it, without what it held. */
interface Sent {
  readonly topic: string;
  readonly id: string;
  readonly content: string;
  readonly digest: string;
  readonly refusal: string | undefined;
  /** Whether any group reads the topic. */
  readonly isRead: boolean;
  readonly places: readonly Place[];
}

export interface ParkedMessage {
  readonly id: string;
  readonly groupName: string;
  readonly topic: string;
  readonly key: string;
  readonly code: string;
  readonly reason: string;
}

/** What was sent to the topics, to be held against what was parked once the platform is quiet. */
export class SentMessages {
  readonly tally: Tally;
  private readonly sent: Sent[] = [];
  private parked: ReadonlyMap<string, ParkedMessage> = new Map();

  constructor(
    door: string,
    private readonly topics: ReadonlyMap<string, Topic>,
  ) {
    this.tally = new Tally(door);
  }

  note(message: ReceivedMessage): void {
    const { topic, key, headers, value } = message;
    this.tally.sent += 1;
    const contract = this.topics.get(topic)!;
    this.sent.push({
      topic,
      digest: digestOf(topic, key, JSON.stringify(headers), value),
      content: digestOf(topic, key, value),
      refusal: refusalOf(contract, message),
      id: headers['ce_id'] ?? '',
      isRead: Object.hasOwn(GROUPS, topic),
      places: placesOf(contract, message),
    });
  }

  /** Whether one of these had such content, whatever its headers. */
  hadContent({ topic, key, value }: Pick<ReceivedMessage, 'topic' | 'key' | 'value'>): boolean {
    const content = digestOf(topic, key, value);
    return this.sent.some((sent) => sent.content === content);
  }

  /**
   * Every message is handled, ignored by name, or parked with a reason, in every group that reads
   * its topic.
   */
  async account(api: Api, services: readonly string[]): Promise<void> {
    const parked = new Map<string, ParkedMessage>();
    for (const service of services)
      for (const message of await parkedOf(api, service)) parked.set(message.id, message);
    const groups = new Set(
      [...parked.values()].map(({ groupName, topic }) => `${groupName} of ${topic}`),
    );
    for (const group of groups)
      this.tally.check(
        Object.entries(GROUPS).some(([topic, names]) =>
          names.some((name) => group === `${name} of ${topic}`),
        ),
        `${group} is not known here`,
      );
    this.parked = parked;
    for (const sent of this.sent) this.outcome(sent);
  }

  /** Ids of what was sent to a topic and is not parked, once that is accounted for. */
  taken(topic: string): readonly string[] {
    return this.sent
      .filter((sent) => sent.topic === topic && !sent.places.some((one) => this.rowAt(one)))
      .map(({ id }) => id);
  }

  /** No group is behind on what it reads. */
  async readToTheEnd(bus: Pick<Bus, 'lag'>): Promise<void> {
    for (const [topic, groups] of Object.entries(GROUPS))
      for (const group of groups)
        this.tally.check(
          (await bus.lag(group, [topic])) === 0,
          `${group} has not read ${topic} to its end`,
        );
  }

  /** What of a topic is parked, and whether its contract reads it. */
  refused(topic: string): readonly (ParkedMessage & { readonly isRead: boolean })[] {
    return this.sent
      .filter((sent) => sent.topic === topic)
      .flatMap(({ places, refusal }) =>
        places.flatMap((place) => {
          const row = this.rowAt(place);
          return row ? [{ ...row, isRead: refusal === undefined }] : [];
        }),
      );
  }

  private rowAt({ id, forgedId }: Place): ParkedMessage | undefined {
    return this.parked.get(id) ?? this.parked.get(forgedId);
  }

  private outcome({ topic, digest, refusal, isRead, places }: Sent): void {
    const found = places.map((place) => ({ group: place.group, row: this.rowAt(place) }));
    if (refusal?.startsWith('a crash'))
      return this.tally.fault(`reading a message of ${topic} (${digest}) ends in ${refusal}`);
    if (!isRead) return this.tally.count('nobody of the platform reads the topic');
    if (refusal !== undefined && places.length > 0) {
      const wrong = found
        .filter(({ row }) => row?.code !== refusal)
        .map(({ group, row }) => `${row ? `parked as ${row.code}` : 'parked nowhere'} by ${group}`);
      return wrong.length === 0
        ? this.tally.count(`parked ${refusal}`)
        : this.tally.fault(`${refusal} of ${topic} (${digest}) is ${wrong.join(', ')}`);
    }
    const unnamed = found.find(
      ({ row }) => row && ['HANDLER_FAILED', 'INVARIANT_BROKEN'].includes(row.code),
    );
    if (unnamed)
      return this.tally.fault(
        `${unnamed.group} fails on a message of ${topic} (${digest}): ${unnamed.row!.code} ${unnamed.row!.reason}`,
      );
    const codes = [...new Set(found.flatMap(({ row }) => (row ? [row.code] : [])))].sort();
    this.tally.count(
      codes.length === 0
        ? 'handled, or ignored by name'
        : `parked by its handler ${codes.join(', ')}`,
    );
  }
}

/** Everything that a service has parked. */
export const parkedOf = async (api: Api, service: string): Promise<ParkedMessage[]> => {
  const all: ParkedMessage[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const page: { messages: ParkedMessage[]; next?: string } = await api.get(
      `/${service}/parked${after === '' ? '' : `?after=${encodeURIComponent(after)}`}`,
    );
    all.push(
      ...page.messages.map(({ id, groupName, topic, key, code, reason }) => ({
        id,
        groupName,
        topic,
        key,
        code,
        reason,
      })),
    );
    after = page.next ?? undefined;
  }
  return all;
};
