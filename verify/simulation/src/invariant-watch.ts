import { visitLedgerVisits } from '@caretab/contracts';
import type { MemoryDatabase } from '@caretab/store';
import { factsAfter } from './ledger-facts';
import { TabRecord } from './tab-record';
import { CreditLines } from './credit-lines';
import { type Missed, missedAsTheBankSays } from './missed-judgement';
import { SettlementDays } from './settlement-days';
import type { StandingBook } from './standing-book';
import { must, mustBeWholeFen } from './violation';
import type { SimulatedPlatform } from './simulated-platform';

interface JournalEntry {
  readonly debitFen: number;
  readonly creditFen: number;
}
interface Refund {
  readonly refundId: string;
  readonly visitId: string;
  readonly amountFen: number;
  readonly status: string;
  readonly refusals: number;
}
interface Order {
  readonly orderId: string;
  readonly visitId: string;
}

/** More than a schedule with every answer lost once, and an operator's retries. */
const REFUSALS_MAX = 20;

/** Facts that are always published; ChargeReturned and ChargeWaiting only sometimes. */
export const PUBLIC = new Set([
  'VisitOpened',
  'VisitUpdated',
  'VisitOverdue',
  'HoldIncreaseRequested',
  'HoldLowered',
  'ChargeDeferred',
  'ChargeNotDeferred',
  'LateChargeRecorded',
  'ChargeConflictFound',
  'VisitCancelled',
  'VisitClosed',
  'VisitAdjudicated',
  'VisitSettled',
  'PaymentMissed',
  'SubmissionWaiting',
  'SubmissionApplied',
  'SubmissionRejected',
  'HolderContradicted',
]);

/**
 * The invariants that can be looked at after every step; each only when something it speaks of has
 * changed. Throws Violation.
 */
export class InvariantWatch {
  readonly book = new TabRecord();
  readonly settlements: SettlementDays;
  /** Open visits that a restored credit has no line for: no hold of theirs expires. */
  readonly declinedAgain = new Set<string>();
  /** Visits for which a restored credit holds something, whatever it had answered. */
  readonly heldAgain = new Set<string>();
  /** Between these places of what was sent, a restored credit decides on holds once more. */
  creditAnew = { from: Infinity, until: Infinity };
  private readonly seen = new Map<string, number>();
  private readonly outboxes: {
    readonly service: string;
    database: MemoryDatabase;
    commits: number;
    /** How often it was restored from a copy, and the ids that were known then. */
    restores: number;
    known: Set<string>;
  }[];
  /** Whose order it is, and what was asked back, by the rows that there ever were. */
  private readonly visitOf = new Map<string, string>();
  private readonly refunds = new Map<string, Refund>();
  private lines = new CreditLines();
  private readonly published = new Set<string>();
  private readonly facts: {
    readonly position: bigint;
    readonly id: string;
    readonly type: string;
    readonly stream: string;
  }[] = [];
  private factsChecked = 0;
  /** Ids of facts that a reader passed by while their visit was set aside. */
  private readonly passedBy = new Set<string>();
  private messagesRead = 0;
  private readonly committedIds = new Set<string>();
  private position = 0n;

  constructor(
    private readonly world: SimulatedPlatform,
    private readonly standing: StandingBook,
  ) {
    this.settlements = new SettlementDays(world.scheduler);
    this.outboxes = [...world.databases].map(([service, database]) => ({
      service,
      database,
      commits: 0,
      restores: 0,
      known: new Set(),
    }));
  }

  /** What a restored database makes once more is no second effect, once. */
  restored(service: string): void {
    const seen = this.outboxes.find((each) => each.service === service)!;
    seen.database = this.database(service);
    seen.commits = -1;
    seen.restores += 1;
    seen.known = new Set(this.committedIds);
    if (service === 'payment') this.settlements.forget();
    if (service !== 'credit') return;
    this.lines = new CreditLines();
    this.creditAnew = { from: this.world.sent.length, until: Infinity };
  }

  /** What a restored credit forgot was delivered to it again. */
  caughtUp(): void {
    this.creditAnew = { ...this.creditAnew, until: this.world.sent.length };
  }

  /** Gives a promise only when there are new facts to read. */
  look(): Promise<void> | undefined {
    if (this.world.found) throw this.world.found;
    if (this.world.events.log.head === this.position) return this.lookOn();
    return this.readFacts().then(() => this.lookOn());
  }

  private lookOn(): undefined {
    this.readOutboxes();
    this.readMessages();
    if (this.hasChanged('credit')) this.lines.look(this.database('credit'));
    if (this.hasChanged('visit-ledger')) this.readers();
    const hasPaid = this.hasChanged('payment');
    if (hasPaid) this.journal();
    if (hasPaid) this.settlements.look(this.database('payment'));
    if (hasPaid || this.isNew('acquirer', this.world.acquirer.answers)) this.captures();
    return undefined;
  }

  private hasChanged(service: string): boolean {
    return this.isNew(service, this.database(service).commits);
  }

  private isNew(what: string, count: number): boolean {
    if (this.seen.get(what) === count) return false;
    this.seen.set(what, count);
    return true;
  }

  private database(service: string): MemoryDatabase {
    return this.world.databases.get(service)!;
  }

  private async readFacts(): Promise<void> {
    const { facts, end } = await factsAfter(this.world, this.position, 1000);
    this.position = end;
    for (const event of facts) {
      this.book.read(event, this.world.scheduler.nowMs);
      if (event.type === 'PaymentMissed')
        missedAsTheBankSays(this.world, this.standing, event.data as Missed);
      this.committedIds.add(event.id);
      const { position, id, type, stream } = event;
      this.facts.push({ position, id, type, stream });
    }
  }

  /** A second effect of a message shows as a message of its own that goes out again. */
  private readOutboxes(): void {
    for (const seen of this.outboxes) {
      const { service, database } = seen;
      if (seen.commits === database.commits) continue;
      seen.commits = database.commits;
      for (const [number, { headers, topic }] of database.outbox) {
        const once = `${service} ${seen.restores} ${number}`;
        if (this.committedIds.has(once)) continue;
        this.committedIds.add(once);
        const { ce_id: id = '', ce_type: type } = JSON.parse(headers) as Record<string, string>;
        const isFirst = !this.committedIds.has(id) || seen.known.delete(id);
        must(isFirst, 'inEffectOnce', () => ({ service, topic, type, id }));
        this.committedIds.add(id);
      }
    }
  }

  private readMessages(): void {
    for (; this.messagesRead < this.world.sent.length; this.messagesRead += 1) {
      const { topic, message } = this.world.sent[this.messagesRead]!;
      mustBeWholeFen(JSON.parse(message.value), topic);
      const { ce_id: id = '', ce_type: type, ce_source: source = '' } = message.headers;
      const isSaid = source.startsWith('hospital/') || this.world.ledger.hasAnchor(message.value);
      must(this.committedIds.has(id) || isSaid, 'written', () => ({
        topic,
        type,
        id,
      }));
      if (topic === visitLedgerVisits.name) this.published.add(message.headers['ce_id']!);
    }
  }

  /** What a reader's checkpoint has passed was published. */
  private readers(): void {
    const checkpoint = this.database('visit-ledger')
      .committed<{ name: string; position: string }>('checkpoint')
      .find(({ name }) => name === 'publication');
    for (
      ;
      this.factsChecked < this.facts.length &&
      this.facts[this.factsChecked]!.position <= BigInt(checkpoint?.position ?? '0');
      this.factsChecked += 1
    ) {
      const fact = this.facts[this.factsChecked]!;
      if (!PUBLIC.has(fact.type) || this.published.has(fact.id)) continue;
      // Published once its visit goes on.
      const isPassedBy = fact.stream === this.world.ledger.truncated;
      if (isPassedBy) this.passedBy.add(fact.id);
      must(isPassedBy, 'reader', () => ({
        type: fact.type,
        position: String(fact.position),
        checkpoint: checkpoint?.position,
      }));
    }
  }

  /** At rest no visit is set aside any more. */
  atRest(): void {
    const missing = [...this.passedBy].filter((id) => !this.published.has(id));
    must(missing.length === 0, 'reader', () => ({ unpublished: missing }));
  }

  private journal(): void {
    const entries = this.database('payment').committed<JournalEntry>('journal_entry');
    const differenceFen = entries.reduce(
      (sum, { debitFen, creditFen }) => sum + debitFen - creditFen,
      0,
    );
    must(differenceFen === 0, 'balance', () => ({ journal: differenceFen }));
  }

  /**
   * What the acquirer took of a visit, less what went back, never exceeds what was ever due; the
   * ledger never knows of more than the acquirer.
   */
  private captures(): void {
    const { visitOf } = this;
    for (const { orderId, visitId } of this.database('payment').committed<Order>('payment_order'))
      visitOf.set(orderId, visitId);
    for (const [refundId, times] of this.world.acquirer.refusals)
      must(times <= REFUSALS_MAX, 'refundsEnd', () => ({ refundId, times }));
    const askedBackFen = new Map<string, number>();
    for (const refund of this.database('payment').committed<Refund>('refund'))
      this.refunds.set(refund.refundId, refund);
    for (const { visitId, amountFen } of this.refunds.values())
      askedBackFen.set(visitId, (askedBackFen.get(visitId) ?? 0) + amountFen);
    // A refund that went out cannot be called back: a due that rises meanwhile is collected whole.
    const onItsWayFen = new Map<string, number>();
    for (const { visitId, amountFen, status, refusals } of this.refunds.values())
      if (status === 'sending' || (refusals > 0 && status !== 'completed'))
        onItsWayFen.set(visitId, (onItsWayFen.get(visitId) ?? 0) + amountFen);
    const refunded = new Map<string, number>();
    const taken = new Map<string, number>();
    const captured = new Map<string, number>();
    for (const { kind, orderId, amountFen } of this.world.acquirer.moved(this.world.days())) {
      const visitId = visitOf.get(orderId) ?? `order ${orderId}`;
      taken.set(visitId, (taken.get(visitId) ?? 0) + (kind === 'capture' ? amountFen : -amountFen));
      const moved = kind === 'capture' ? captured : refunded;
      moved.set(visitId, (moved.get(visitId) ?? 0) + amountFen);
    }
    for (const [visitId, refundedFen] of refunded)
      must(refundedFen <= (askedBackFen.get(visitId) ?? 0), 'captured', () => ({
        visitId,
        refundedFen,
        askedBackFen: askedBackFen.get(visitId),
      }));
    for (const [visitId, takenFen] of taken) {
      const dueMaxFen = this.book.tabs.get(visitId)?.dueMaxFen ?? 0;
      must(takenFen <= dueMaxFen + (onItsWayFen.get(visitId) ?? 0), 'captured', () => ({
        ...{ visitId, takenFen, dueMaxFen },
      }));
    }
    for (const [visitId, tab] of this.book.tabs)
      must(tab.paidFen <= (captured.get(visitId) ?? 0), 'captured', () => ({
        visitId,
        onLedgerFen: tab.paidFen,
        capturedFen: captured.get(visitId) ?? 0,
      }));
  }
}
