import type { Message } from '@caretab/bus';
import { contentHash, derivedId } from '@caretab/kernel';
import { PUBLIC } from '@caretab/simulation';
import type { LedgerStory } from './audit-ledger';
import type { SentRecord } from './sent-record';
import { Check, type Finding } from './finding';

export interface Settlement {
  readonly visitId: string;
  readonly payerId: string;
  readonly planId: string;
  readonly revision: number;
  readonly postedFen: number;
  readonly claimId: string;
}

type Data = Readonly<Record<string, any>>;

/** What may be published once only, under whatever id: the effect that a message reports. */
const EFFECTS: Readonly<Record<string, (data: Data) => string>> = {
  VisitOpened: ({ visitId }) => visitId,
  VisitCancelled: ({ visitId }) => visitId,
  VisitClosed: ({ visitId, revision }) => `${visitId}/${revision}`,
  VisitAdjudicated: ({ visitId, revision }) => `${visitId}/${revision}`,
  VisitSettled: ({ visitId, revision }) => `${visitId}/${revision}`,
  HoldIncreaseRequested: ({ requestId }) => requestId,
  HoldLowered: ({ visitId, heldFen }) => `${visitId}/lowered ${heldFen}`,
  ChargeReversed: ({ visitId, creditId }) => `${visitId}/${creditId}`,
  CreditAuthorized: ({ visitId }) => `answer ${visitId}`,
  CreditDeclined: ({ visitId }) => `answer ${visitId}`,
  HoldIncreased: ({ requestId }) => `answer ${requestId}`,
  HoldIncreaseDeclined: ({ requestId }) => `answer ${requestId}`,
  CoverageDetermined: ({ visitId }) => visitId,
  ClaimAdjudicated: ({ visitId, revision }) => `${visitId}/${revision}`,
  SettlementPosted: ({ claimId, planId, revision, cancels }) =>
    `${claimId}/${planId}/${revision}${cancels ? '/cancelled' : ''}`,
  PaymentCaptured: ({ paymentId }) => paymentId,
  RefundCompleted: ({ refundId }) => refundId,
  HoldExpired: ({ visitId }) => visitId,
  ChargeAwaitsAgreement: ({ visitId, chargeId }) => `${visitId}/${chargeId}`,
  VisitSetAside: ({ visitId, setAsideAt }) => `${visitId}/${setAsideAt}`,
  VisitResumed: ({ visitId, resumedAt }) => `${visitId}/${resumedAt}`,
  VisitOverdue: ({ visitId, askedAt }) => `${visitId}/${askedAt}`,
  SubmissionWaiting: ({ submissionId }) => submissionId,
  SubmissionApplied: ({ submissionId }) => submissionId,
  SubmissionRejected: ({ submissionId }) => submissionId,
  HolderContradicted: ({ visitId, messageId }) => `${visitId}/${messageId}`,
};

/** Said of a visit's log, and no facts in it. */
const ASIDE: ReadonlySet<string> = new Set(['VisitSetAside', 'VisitResumed']);

/** Two decisions of one charge are two effects, whatever they say. */
const DECISIONS = new Set(['ChargeDeferred', 'ChargeNotDeferred']);

const effectOf = (type: string, data: Data): string | undefined => {
  if (DECISIONS.has(type)) return `decision ${data['visitId']}/${data['chargeId']}`;
  const effect = EFFECTS[type]?.(data);
  return effect === undefined
    ? undefined
    : effect.startsWith('answer ')
      ? effect
      : `${type} ${effect}`;
};

/** A notice that a message makes due. */
export interface DueNotice {
  readonly eventId: string;
  readonly recipientId: string;
  readonly template: string;
  readonly channel: 'email' | 'webhook';
}

/** A visit that was settled, and by whom. */
type Settled = ReadonlyMap<string, string>;

/** Reasons of which the patient reads nothing: the hospital bears the charge, or it is another's. */
const NOT_THEIRS: ReadonlySet<string> = new Set([
  'LATE_CHARGE_REFUSED',
  'LATE_CHARGE_UNANSWERED',
  'LATE_CHARGE_HOSPITAL_BEARS',
  'PERSON_DIFFERS',
]);

/** What the payer reads of a charge that is not deferred once its visit was settled. */
const lateTemplateOf = (reason: string): string | undefined => {
  if (NOT_THEIRS.has(reason)) return undefined;
  return reason === 'LATER_CLAIM_EXISTS' ? 'late-in-question' : 'late-not-deferred';
};

const noticesOf = (eventId: string, type: string, data: Data, settled: Settled): DueNotice[] => {
  const payer = settled.get(data['visitId'] as string);
  const mail = (recipientId: string, template: string): DueNotice => ({
    eventId,
    recipientId,
    template,
    channel: 'email',
  });
  const hook = (): DueNotice => ({
    eventId,
    recipientId: data['institutionId'],
    template: type,
    channel: 'webhook',
  });
  switch (type) {
    case 'VisitSettled':
      return [mail(data['accountPersonId'], 'visit-settled'), hook()];
    case 'PaymentMissed':
      return [mail(data['accountPersonId'], 'payment-missed')];
    case 'ChargeAwaitsAgreement':
      // Its mail depends on who reads for the person.
      return [hook()];
    case 'ChargeNotDeferred': {
      const template = payer === undefined ? undefined : lateTemplateOf(data['reason']);
      return [...(template === undefined ? [] : [mail(payer!, template)]), hook()];
    }
    case 'ChargeConflictFound':
    case 'VisitCancelled':
    case 'VisitOverdue':
    case 'SubmissionRejected':
    case 'HolderContradicted':
    case 'VisitSetAside':
    case 'VisitResumed':
      return [hook()];
    case 'RefundCompleted':
      return [mail(data['accountPersonId'], 'refund-completed')];
    case 'ServiceOpened':
      return [mail(data['accountPersonId'], 'service-opened')];
    case 'AccountFrozen':
      return [mail(data['personId'], 'account-frozen')];
    case 'AccountUnfrozen':
      return [mail(data['personId'], 'account-unfrozen')];
    default:
      return [];
  }
};

/** Every topic read from its beginning. */
export class TopicStory {
  messages = 0;
  /** Distinct ids that were seen, by topic. */
  readonly ids = new Map<string, Map<string, string>>();
  readonly settlements = new Map<string, Settlement>();
  private readonly due: DueNotice[] = [];
  /** Late charges for which the person, or in a child's place the guardian, was asked. */
  private readonly asked: { readonly eventId: string; readonly personId: string }[] = [];
  /** Who reads for a person. */
  private readonly readers = new Map<string, string>();
  /** Ids of hospitals' messages that the ledger rejected, or lets wait for a charge or an opening. */
  readonly notApplied = new Set<string>();
  /** How often a visit was published as set aside, and as going on, by `<type> <visitId>`. */
  readonly aside = new Map<string, number>();
  private readonly asideIds = new Set<string>();
  private readonly settled = new Map<string, string>();
  private readonly effects = new Map<string, string>();
  private readonly sameId = new Check('the same event id is always the same content');
  private readonly once = new Check(
    'each effect is published under one id: no decision, answer, settlement, capture or refund twice',
  );

  read(topic: string, { headers, value }: Pick<Message, 'headers' | 'value'>): void {
    this.messages += 1;
    const { ce_id: id = '', ce_type: type = '' } = headers;
    const ids = this.ids.get(topic) ?? new Map<string, string>();
    this.ids.set(topic, ids);
    const data = JSON.parse(value) as Data;
    const content = contentHash({ type, data });
    this.sameId.must((ids.get(id) ?? content) === content, () => ({ topic, type, id }));
    if (ids.has(id)) return; // Delivery is at least once.
    ids.set(id, content);
    const effect = effectOf(type, data);
    if (effect !== undefined) {
      this.once.must(!this.effects.has(effect), () => ({
        topic,
        effect,
        ids: [this.effects.get(effect), id],
      }));
      this.effects.set(effect, id);
    }
    if (ASIDE.has(type)) {
      this.asideIds.add(id);
      const name = `${type} ${data['visitId']}`;
      this.aside.set(name, (this.aside.get(name) ?? 0) + 1);
    }
    if (type === 'VisitSettled')
      this.settled.set(data['visitId'] as string, data['accountPersonId'] as string);
    if (type === 'ServiceOpened') this.readers.set(data['personId'], data['accountPersonId']);
    if (type === 'ChargeAwaitsAgreement')
      this.asked.push({ eventId: id, personId: data['personId'] });
    this.due.push(...noticesOf(id, type, data, this.settled));
    this.answer(type, data);
    if (type === 'SettlementPosted')
      this.settlements.set(id, { ...(data as Settlement), payerId: topic.split('.')[1]! });
  }

  /** By id; to be asked for once every topic was read, since a person's may be the last. */
  get notices(): ReadonlyMap<string, DueNotice> {
    const late = this.asked.map(({ eventId, personId }): DueNotice => ({
      ...{ eventId, recipientId: this.readers.get(personId) ?? personId },
      ...{ template: 'late-charge', channel: 'email' },
    }));
    return new Map(
      [...this.due, ...late].map((notice) => {
        const { eventId, recipientId, template } = notice;
        return [derivedId('notice', eventId, recipientId, template), notice];
      }),
    );
  }

  /** A charge that waits for its opening is judged by its decision. */
  private answer(type: string, { submissionId, kind }: Data): void {
    if (type === 'SubmissionApplied') this.notApplied.delete(submissionId as string);
    if (type === 'SubmissionRejected' || (type === 'SubmissionWaiting' && kind !== 'ChargePosted'))
      this.notApplied.add(submissionId as string);
  }

  private idsOf(topic: string): ReadonlyMap<string, string> {
    return this.ids.get(topic) ?? new Map();
  }

  findings(book: SentRecord, story: LedgerStory): Finding[] {
    const carried = new Check('every message that a door acknowledged is on the bus');
    const taken = this.idsOf('hospital.visit-events');
    for (const id of book.messageIds) carried.must(taken.has(id), () => ({ id }));
    const told = new Check(
      'every public fact of the ledger is published under its own id, and nothing that is not on the ledger',
    );
    const published = this.idsOf('visit-ledger.visits');
    for (const [id, type] of story.types)
      if (PUBLIC.has(type) || story.toldReturns.has(id))
        told.must(published.has(id), () => ({ id, type }));
    for (const id of published.keys())
      if (!this.asideIds.has(id))
        told.must(story.types.has(id), () => ({ id, type: 'not on the ledger' }));
    return [carried.finding(), told.finding(), this.sameId.finding(), this.once.finding()];
  }
}
