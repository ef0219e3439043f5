import { read, type Topic } from '@caretab/contracts';
import { derivedId, DomainError } from '@caretab/kernel';
import type { Bus, ReceivedMessage } from '@caretab/bus';
import type { Api } from '@caretab/hospital';
import { digestOf, Tally } from './tally';

/**
 * Who consumes what on the platform. A group that is missing here is a fault of the run, since its
 * messages would not be looked for.
 */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'hospital.visit-events': ['visit-ledger.hospital'],
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
  'payment.payments': ['notification.payment', 'visit-ledger.payment'],
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

/** One topic for each hospital with a producer of its own; the sample day's has refused reports. */
const OF_OWN_TOPICS = 'gateway.report of hospital.reports.';

/** What these groups handle; of other types they parse nothing. The rest handles all of its topic. */
const HANDLED: Readonly<Record<string, readonly string[]>> = {
  'adjudication.claim': ['VisitOpened', 'VisitClosed'],
  'credit.hold': [
    ...['VisitOpened', 'VisitUpdated', 'HoldIncreaseRequested', 'VisitCancelled'],
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
  try {
    (read as (topic: Topic, message: ReceivedMessage) => unknown)(topic, message);
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? error.code : `a crash: ${(error as Error).name}`;
  }
};

/** A message that was sent: what is to be found of it, without what it held. */
interface Sent {
  readonly topic: string;
  readonly digest: string;
  readonly refusal: string | undefined;
  /** Whether any group reads the topic. */
  readonly isRead: boolean;
  /** By group: the id under which it would be parked. */
  readonly places: readonly { readonly group: string; readonly id: string }[];
}

interface ParkedMessage {
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
    const type = headers['ce_type'] ?? '';
    const isHandled = (group: string): boolean =>
      !Object.hasOwn(contract.events, type) || (HANDLED[group]?.includes(type) ?? true);
    const groups = GROUPS[topic];
    const places = (groups ?? []).filter(isHandled).map((group) => ({
      group,
      id: derivedId(
        'Parked',
        group,
        topic,
        key,
        headers['ce_id'] ?? '',
        headers['ce_type'] ?? '',
        value,
      ),
    }));
    this.sent.push({
      topic,
      digest: digestOf(topic, key, JSON.stringify(headers), value),
      refusal: refusalOf(contract, message),
      isRead: groups !== undefined,
      places,
    });
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
        group.startsWith(OF_OWN_TOPICS) ||
          Object.entries(GROUPS).some(([topic, names]) =>
            names.some((name) => group === `${name} of ${topic}`),
          ),
        `${group} is not known here`,
      );
    for (const sent of this.sent) this.outcome(sent, parked);
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

  private outcome(
    { topic, digest, refusal, isRead, places }: Sent,
    parked: ReadonlyMap<string, ParkedMessage>,
  ): void {
    const found = places.map(({ group, id }) => ({ group, row: parked.get(id) }));
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
