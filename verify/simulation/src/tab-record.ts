import type { RecordedEvent } from '@caretab/event-store';
import { undoesRightly } from './undone-facts';
import { must, mustBeWholeFen } from './violation';

export interface AdjudicatedFact {
  readonly revision: number;
  readonly grossFen: number;
  readonly payers: readonly { readonly payerId: string; readonly amountFen: number }[];
  readonly patientDueFen: number;
  /** Whose line it is on. */
  readonly accountPersonId?: string;
}

interface ClaimedLine {
  readonly chargeId: string;
  readonly quantity: string;
  readonly amountFen: number;
}

/** How a visit stood when it was settled. */
export interface SettledTab {
  readonly eventId: string;
  readonly personId: string;
  readonly accountPersonId: string;
  readonly grossFen: number;
  /** What is left of charges that were not deferred. */
  readonly notOnTab: readonly { readonly chargeId: string; readonly amountFen: number }[];
  /** What is left of each deferred charge, in fen. */
  readonly onTabFen: readonly number[];
  /** Why a collection failed. */
  readonly reason: string | undefined;
}

/** One visit as an onlooker keeps it: by the facts alone, without the service's own code. */
export interface Tab {
  status: string;
  institutionId: string;
  readonly personId?: string;
  readonly decisions: Map<string, 'ChargeDeferred' | 'ChargeNotDeferred'>;
  /** By return id. */
  readonly returns: Map<string, { readonly chargeId: string; readonly amountFen: number }>;
  /** By charge id: all that returns took of it. */
  readonly returnedFen: Map<string, number>;
  /** Of charges with a decision. */
  readonly amounts: Map<string, number>;
  /** Of charges that had to wait for theirs. */
  readonly waitingFen: Map<string, number>;
  declined: boolean;
  /** The bank that lends what is due. */
  lenderId: string | undefined;
  expired: boolean;
  /** As it was granted last. */
  heldFen: number;
  /** By which class the last closing is settled. */
  closedClass: string | undefined;
  grossFen: number;
  /** Of the last closing. */
  lines: readonly ClaimedLine[] | undefined;
  verdict: AdjudicatedFact | undefined;
  /** By revision. */
  readonly verdicts: Map<number, AdjudicatedFact>;
  dueMaxFen: number;
  paidFen: number;
  refundedFen: number;
  missed: boolean;
  endedAt: string | undefined;
  /** Of the end that counts; absent: it closes at once. */
  graceUntil: string | undefined;
  isGraceOver: boolean;
  /** Its hospital sent no end in time. */
  endedByRule: boolean;
  /** A rule ended it once, whatever came of it. */
  wasEndedByRule: boolean;
  /** Its hospital reported that it did not take place. */
  isCancelling: boolean;
  /** Times of reopenings that came before an end. */
  readonly reopeningsAwaited: Set<string>;
  /** By charge id: why it was not deferred. */
  readonly refusals: Map<string, string>;
  /** How often its hospital was asked whether it still goes on. */
  asked: number;
  /** One for each time that it became even. */
  readonly settlements: SettledTab[];
  /** One for each time that its collection failed. */
  readonly misses: SettledTab[];
}

/** By so much a machine's clock may be ahead. */
const CLOCK_SKEW_MS = 10_000;

const fresh = (): Tab => ({
  status: 'unknown',
  institutionId: '',
  decisions: new Map(),
  returns: new Map(),
  returnedFen: new Map(),
  amounts: new Map(),
  waitingFen: new Map(),
  declined: false,
  lenderId: undefined,
  expired: false,
  heldFen: 0,
  closedClass: undefined,
  grossFen: 0,
  lines: undefined,
  verdict: undefined,
  verdicts: new Map(),
  dueMaxFen: 0,
  paidFen: 0,
  refundedFen: 0,
  missed: false,
  endedAt: undefined,
  graceUntil: undefined,
  isGraceOver: false,
  endedByRule: false,
  wasEndedByRule: false,
  isCancelling: false,
  reopeningsAwaited: new Set(),
  refusals: new Map(),
  asked: 0,
  settlements: [],
  misses: [],
});

const NOT_TO_PAY: ReadonlySet<string> = new Set([
  'PERSON_DIFFERS',
  'LATE_CHARGE_REFUSED',
  'LATE_CHARGE_UNANSWERED',
  'LATE_CHARGE_HOSPITAL_BEARS',
  'LATER_CLAIM_EXISTS',
]);

const settledOf = (tab: Tab, eventId: string, data: Record<string, any>): SettledTab => ({
  eventId,
  personId: data['personId'] as string,
  accountPersonId: data['accountPersonId'] as string,
  grossFen: tab.grossFen,
  reason: data['reason'] as string | undefined,
  onTabFen: [...tab.decisions].flatMap(([chargeId, decision]) => {
    const amountFen = (tab.amounts.get(chargeId) ?? 0) - (tab.returnedFen.get(chargeId) ?? 0);
    return decision === 'ChargeDeferred' && amountFen > 0 ? [amountFen] : [];
  }),
  notOnTab: [...tab.decisions].flatMap(([chargeId, decision]) => {
    const amountFen = (tab.amounts.get(chargeId) ?? 0) - (tab.returnedFen.get(chargeId) ?? 0);
    // What was sent for another, or what its hospital bears, is not this patient's to pay.
    const isTheirs = !NOT_TO_PAY.has(tab.refusals.get(chargeId) ?? '');
    return decision === 'ChargeNotDeferred' && isTheirs && amountFen > 0
      ? [{ chargeId, amountFen }]
      : [];
  }),
});

/** Keeps every visit's tab and says at once when a fact cannot follow those before it. */
export class TabRecord {
  readonly tabs = new Map<string, Tab>();

  read({ id, type, data: given }: RecordedEvent, nowMs: number): void {
    const data = given as Record<string, any>;
    mustBeWholeFen(data, type);
    const visitId = data['visitId'] as string;
    const tab = this.tabs.get(visitId) ?? fresh();
    this.tabs.set(visitId, tab);
    undoesRightly(tab, visitId, type, data);
    tab.institutionId = (data['institutionId'] as string | undefined) ?? tab.institutionId;
    if (type === 'ChargeNotDeferred')
      tab.refusals.set(data['charge'].chargeId as string, data['reason'] as string);
    if (type === 'ChargeDeferred' || type === 'ChargeNotDeferred')
      this.decide(tab, visitId, type, data['charge']);
    else if (type === 'ChargeReturned') this.takeBack(tab, visitId, data);
    else if (type === 'VisitAdjudicated') this.adjudicate(tab, visitId, data as never);
    else if (type === 'PaymentRecorded') tab.paidFen += data['amountFen'] as number;
    else if (type === 'RefundRecorded') tab.refundedFen += data['amountFen'] as number;
    else if (type === 'ChargeWaiting')
      tab.waitingFen.set(data['charge'].chargeId, data['charge'].amountFen);
    else if (type === 'VisitClosed') {
      must(tab.graceUntil === undefined || tab.isGraceOver, 'ends', () => ({
        visitId,
        graceUntil: tab.graceUntil,
        closed: 'before',
      }));
      must(!(Date.parse(data['closedAt']) > nowMs + CLOCK_SKEW_MS), 'ends', () => ({
        ...{ visitId, closedAt: data['closedAt'], closed: 'before its end' },
      }));
      tab.lines = data['lines'] as readonly ClaimedLine[];
      tab.closedClass = data['visitClass'] as string;
    } else if (type === 'CreditAuthorized' || type === 'HoldIncreased') {
      tab.heldFen = data['heldFen'] as number;
      if (data['lender']?.kind === 'bank') tab.lenderId = data['lender'].lenderId as string;
    } else if (type === 'HoldExpired') tab.expired = true;
    else if (type === 'CreditDeclined') tab.declined = true;
    else if (type === 'PaymentMissed') {
      tab.missed = true;
      tab.misses.push(settledOf(tab, id, data));
    } else if (type === 'VisitOverdue') tab.asked += 1;
    else if (type === 'VisitEndReported') {
      tab.endedAt = data['endedAt'] as string;
      tab.graceUntil = data['graceUntil'] as string | undefined;
      tab.isGraceOver = false;
      tab.endedByRule = data['byRule'] === true;
      tab.wasEndedByRule ||= tab.endedByRule;
    } else if (type === 'VisitReopened') {
      tab.endedAt = tab.graceUntil = undefined;
      tab.isGraceOver = tab.endedByRule = false;
    } else if (type === 'VisitGraceEnded') tab.isGraceOver = true;
    else if (type === 'VisitWithdrawalReported') tab.isCancelling = true;
    else if (type === 'SubmissionWaiting' && data['reason'] === 'VISIT_NOT_ENDED')
      tab.reopeningsAwaited.add(data['command'].data.reopenedAt as string);
    else if (type === 'VisitSettled') tab.settlements.push(settledOf(tab, id, data));
    this.moveOn(tab, visitId, type);
  }

  private moveOn(tab: Tab, visitId: string, type: string): void {
    if (type === 'VisitCancelled') tab.grossFen = 0;
    const status = {
      VisitOpened: 'open',
      VisitCancelled: 'cancelled',
      VisitClosed: 'closed',
      VisitAdjudicated: 'adjudicated',
      VisitSettled: 'settled',
    }[type];
    if (status) tab.status = status;
    // What a bank lends is none of ours.
    const ownDueFen = tab.lenderId === undefined ? tab.verdict?.patientDueFen : 0;
    if (type === 'VisitSettled')
      must(ownDueFen === tab.paidFen - tab.refundedFen, 'balance', () => ({
        visitId,
        type,
        dueFen: tab.verdict?.patientDueFen,
        paidFen: tab.paidFen,
        refundedFen: tab.refundedFen,
      }));
    must(tab.refundedFen <= tab.paidFen, 'balance', () => ({
      visitId,
      type,
      paidFen: tab.paidFen,
      refundedFen: tab.refundedFen,
    }));
  }

  private decide(
    tab: Tab,
    visitId: string,
    type: 'ChargeDeferred' | 'ChargeNotDeferred',
    { chargeId, amountFen }: { chargeId: string; amountFen: number },
  ): void {
    must(!tab.decisions.has(chargeId), 'once', () => ({
      visitId,
      chargeId,
      first: tab.decisions.get(chargeId),
      then: type,
    }));
    tab.decisions.set(chargeId, type);
    tab.amounts.set(chargeId, amountFen);
    if (type === 'ChargeDeferred') tab.grossFen += amountFen;
  }

  private takeBack(tab: Tab, visitId: string, data: Record<string, any>): void {
    const { returnId, chargeId, amountFen } = data as {
      returnId: string;
      chargeId: string;
      amountFen: number;
    };
    must(!tab.returns.has(returnId), 'once', () => ({ visitId, returnId, returned: 'twice' }));
    tab.returns.set(returnId, { chargeId, amountFen });
    const returnedFen = (tab.returnedFen.get(chargeId) ?? 0) + amountFen;
    tab.returnedFen.set(chargeId, returnedFen);
    const chargedFen = tab.amounts.get(chargeId);
    must(chargedFen !== undefined && returnedFen <= chargedFen, 'balance', () => ({
      visitId,
      chargeId,
      chargedFen,
      returnedFen,
    }));
    if (data['wasDeferred']) tab.grossFen -= amountFen;
  }

  private adjudicate(tab: Tab, visitId: string, verdict: AdjudicatedFact): void {
    const insurersFen = verdict.payers.reduce((sum, { amountFen }) => sum + amountFen, 0);
    must(
      verdict.grossFen === insurersFen + verdict.patientDueFen && verdict.grossFen === tab.grossFen,
      'balance',
      () => ({ visitId, verdict, tabFen: tab.grossFen }),
    );
    tab.verdict = verdict;
    tab.verdicts.set(verdict.revision, verdict);
    tab.dueMaxFen = Math.max(tab.dueMaxFen, verdict.patientDueFen);
  }
}
