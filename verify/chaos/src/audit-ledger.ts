import type { RecordedEvent } from '@caretab/event-store';
import { type Invariant, INVARIANTS, TabRecord, Violation } from '@caretab/simulation';
import type { SentRecord } from './sent-record';
import { Check, type Finding } from './finding';

export interface Movement {
  readonly visitId: string;
  readonly amountFen: number;
}

const DECIDED: ReadonlySet<string> = new Set(['ChargeDeferred', 'ChargeNotDeferred']);

/** The fold of the ledger's facts, without the ledger's own code. */
export class LedgerStory {
  readonly book = new TabRecord();
  readonly violations: Violation[] = [];
  /** By payment id, and by refund id. */
  readonly payments = new Map<string, Movement>();
  readonly refunds = new Map<string, Movement>();
  readonly conflicts = new Map<string, number>();
  /** Late charges that wait for the patient's agreement, by visit and charge: fen. */
  readonly asked = new Map<string, Map<string, number>>();
  /**
   * Returns that were rejected because their late charge waited for the patient's agreement just
   * then: by the message that reported them.
   */
  readonly beforeAgreement = new Set<string>();
  /** Late charges without an answer so far, as `<visitId>/<chargeId>`. */
  private readonly unanswered = new Set<string>();
  /** Facts of the log by id, with their type. */
  readonly types = new Map<string, string>();
  /** Position of the first fact that a message caused, by the message's id. */
  readonly caused = new Map<string, bigint>();
  /** Returns of what stood on the tab before: these are published. */
  readonly toldReturns = new Set<string>();
  events = 0;

  read(event: RecordedEvent): void {
    this.events += 1;
    const data = event.data as Record<string, any>;
    this.types.set(event.id, event.type);
    const cause = event.metadata?.causationId;
    if (cause !== undefined && !this.caused.has(cause)) this.caused.set(cause, event.position);
    try {
      // Its platform's clock is not the log's: no end is held against it.
      this.book.read(event, Infinity);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.violations.push(error);
    }
    if (event.type === 'PaymentRecorded') this.move(this.payments, data['paymentId'], data);
    else if (event.type === 'RefundRecorded') this.move(this.refunds, data['refundId'], data);
    else if (event.type === 'LateChargeRecorded') this.ask(data);
    else if (event.type === 'SubmissionRejected') this.reject(data);
    else if (DECIDED.has(event.type))
      this.unanswered.delete(`${data['visitId']}/${data['charge'].chargeId}`);
    else if (event.type === 'ChargeConflictFound')
      this.conflicts.set(data['visitId'], (this.conflicts.get(data['visitId']) ?? 0) + 1);
    else if (event.type === 'ChargeReturned' && data['wasDeferred'] && data['personId'])
      this.toldReturns.add(event.id);
  }

  private ask({ visitId, charge }: Record<string, any>): void {
    const asked = this.asked.get(visitId) ?? new Map<string, number>();
    this.asked.set(visitId, asked.set(charge.chargeId, charge.amountFen));
    this.unanswered.add(`${visitId}/${charge.chargeId}`);
  }

  private reject({ visitId, chargeId, submissionId, reason }: Record<string, any>): void {
    if (reason === 'CHARGE_AWAITS_AGREEMENT' && this.unanswered.has(`${visitId}/${chargeId}`))
      this.beforeAgreement.add(submissionId);
  }

  private move(
    movements: Map<string, Movement>,
    id: string,
    { visitId, amountFen }: Record<string, any>,
  ): void {
    if (movements.has(id))
      this.violations.push(
        new Violation('once', `payment or refund ${id} of ${visitId} is recorded twice`),
      );
    movements.set(id, { visitId, amountFen });
  }
}

const broken = (story: LedgerStory, check: Check, ...invariants: readonly Invariant[]): void => {
  for (const { invariant, details } of story.violations)
    if (invariants.includes(invariant))
      check.must(false, () => `${INVARIANTS[invariant]}: ${details}`);
};

/** Every charge acknowledged is there once with the amount sent, and none that was never sent. */
const chargesRecorded = (book: SentRecord, story: LedgerStory): Finding => {
  const check = new Check(
    'every charge that was acknowledged is on the ledger exactly once, with the ' +
      'amount that was sent, and none that was never sent',
  );
  broken(story, check, 'once');
  for (const { visitId, charges } of book.visits.values()) {
    const tab = story.book.tabs.get(visitId);
    for (const [chargeId, { isAcknowledged, amountsFen }] of charges) {
      const amountFen = tab?.amounts.get(chargeId) ?? story.asked.get(visitId)?.get(chargeId);
      check.must(amountFen === undefined ? !isAcknowledged : amountsFen.has(amountFen), () => ({
        visitId,
        chargeId,
        sentFen: [...amountsFen],
        isAcknowledged,
        recordedFen: amountFen ?? null,
      }));
    }
  }
  for (const [visitId, { amounts }] of story.book.tabs)
    for (const chargeId of amounts.keys())
      check.must(book.visits.get(visitId)?.charges.has(chargeId) ?? false, () => ({
        visitId,
        chargeId,
        sent: 'never',
      }));
  return check.finding();
};

const chargesDecided = (story: LedgerStory): Finding => {
  const check = new Check(
    'every charge on the ledger is decided: deferred, or not deferred with a reason',
  );
  for (const [visitId, { amounts, waitingFen, decisions }] of story.book.tabs) {
    for (const chargeId of new Set([...amounts.keys(), ...waitingFen.keys()]))
      check.must(
        ['ChargeDeferred', 'ChargeNotDeferred'].includes(decisions.get(chargeId) ?? ''),
        () => ({ visitId, chargeId, decision: decisions.get(chargeId) ?? null }),
      );
  }
  return check.finding();
};

const returnsRecorded = (book: SentRecord, story: LedgerStory): Finding => {
  const check = new Check(
    'every acknowledged return of a charge is on the ledger exactly once, and no ' +
      'charge is taken back that nobody took back',
    true,
  );
  for (const { visitId, returns } of book.visits.values()) {
    const recorded = story.book.tabs.get(visitId)?.returns ?? new Map<string, never>();
    for (const [returnId, { chargeId, amountFen, messageId, isBad }] of returns)
      if (messageId !== undefined && !isBad && !story.beforeAgreement.has(messageId)) {
        const taken = recorded.get(returnId);
        check.must(taken?.chargeId === chargeId && taken.amountFen === amountFen, () => ({
          visitId,
          returnId,
          chargeId,
          amountFen,
          recorded: taken ?? null,
        }));
      }
    for (const [returnId, { chargeId }] of recorded)
      check.must(returns.get(returnId)?.chargeId === chargeId, () => ({
        visitId,
        returnId,
        chargeId,
        returned: 'but nobody asked',
      }));
  }
  return check.finding();
};

/** The same charge id with other content: reported once per content, and nothing changed. */
const conflictsReported = (book: SentRecord, story: LedgerStory): Finding => {
  const check = new Check(
    'the same charge id with another content was reported, and changed nothing',
    true,
  );
  for (const { visitId, charges } of book.visits.values()) {
    const expected = [...charges.values()].reduce(
      (sum, { contents }) => sum + Math.max(0, contents.size - 1),
      0,
    );
    const reported = story.conflicts.get(visitId) ?? 0;
    if (expected + reported > 0)
      check.must(expected === reported, () => ({ visitId, expected, reported }));
  }
  return check.finding();
};

/** Whose collection has finally failed owes; every other visit is over. */
const visitsOver = (book: SentRecord, story: LedgerStory): Finding => {
  const check = new Check(
    'every visit that its hospital ended is settled, or owed after its collection ' +
      'failed; every one that its hospital cancelled is cancelled on the ledger',
  );
  for (const { visitId, over } of book.visits.values()) {
    const tab = story.book.tabs.get(visitId);
    const owedFen = tab ? (tab.verdict?.patientDueFen ?? 0) - tab.paidFen + tab.refundedFen : 0;
    const isOver =
      over === 'cancel'
        ? tab?.status === 'cancelled'
        : over === 'end'
          ? tab?.status === 'settled' ||
            (tab?.status === 'adjudicated' && tab.missed && owedFen > 0)
          : false;
    check.must(isOver, () => ({
      visitId,
      over: over ?? 'not yet',
      status: tab?.status ?? 'unknown',
      owedFen,
    }));
  }
  return check.finding();
};

const tabsBalance = (story: LedgerStory): Finding => {
  const check = new Check(
    'in every visit of the ledger gross = insurers’ parts + the patient’s due, a ' +
      'settled one is paid exactly, and money is whole fen',
  );
  broken(story, check, 'balance', 'integer');
  for (const [visitId, { verdict, paidFen, refundedFen, status }] of story.book.tabs)
    if (status === 'settled')
      check.must(verdict?.patientDueFen === paidFen - refundedFen, () => ({
        visitId,
        verdict,
        paidFen,
        refundedFen,
      }));
  return check.finding();
};

/** What the hospitals' own record says beside the facts of the ledger. */
export const ledgerFindings = (book: SentRecord, story: LedgerStory): Finding[] => [
  chargesRecorded(book, story),
  chargesDecided(story),
  returnsRecorded(book, story),
  conflictsReported(book, story),
  visitsOver(book, story),
  tabsBalance(story),
];
