import { DECISION_WAIT_MS_MAX } from '@caretab/contracts';
import type { Timers } from '@caretab/kernel';
import { StreamFaulty } from '@caretab/event-store';
import type { Visits } from './visits';
import type { RecordedCharge, Visit } from './visit-state';

/** A charge of which the decision is asked: this amount under this id. */
export interface AskedCharge {
  readonly chargeId: string;
  readonly amountFen: number;
}

export interface ChargeDecision {
  readonly chargeId: string;
  readonly decision: 'deferred' | 'not-deferred' | 'undecided';
  readonly reason?: string;
}

type Standing = Omit<ChargeDecision, 'chargeId'>;

/** Pauses between two looks at a visit, in ms: most charges are decided within the first. */
const PAUSES_MS = [30, 30, 50, 80, 120, 190, 300, 400, 400, 400];
/** Beyond so many at once a question is answered without waiting. */
const WAITING_MAX = 200;

/** Also where the cancellation was reported, and waits for an answer: nothing takes it back. */
const isCancelled = (visit: Visit): boolean =>
  visit.status === 'cancelled' || (visit.status === 'open' && visit.withdrawnAt !== undefined);

/** `deferred` is said of nothing but what is on the tab, and stays there as the visit stands. */
const standingOf = (visit: Visit, { status, reason }: RecordedCharge): Standing => {
  switch (status) {
    case 'waiting':
      return { decision: 'undecided' };
    case 'late':
      return { decision: 'undecided', reason: 'CHARGE_AWAITS_AGREEMENT' };
    case 'not-deferred':
      return { decision: 'not-deferred', ...(reason !== undefined && { reason }) };
    case 'returned':
      return { decision: 'not-deferred', reason: reason ?? 'RETURNED' };
    case 'deferred':
      return isCancelled(visit)
        ? { decision: 'not-deferred', reason: 'VISIT_CANCELLED' }
        : { decision: 'deferred' };
  }
};

const decisionOn = ({ chargeId, amountFen }: AskedCharge, visit: Visit): ChargeDecision => {
  const recorded = visit.charges.get(chargeId);
  if (!recorded) return { chargeId, decision: 'undecided' };
  // The same id stands for another charge: this one is not on the tab.
  if (recorded.charge.amountFen !== amountFen)
    return { chargeId, decision: 'not-deferred', reason: 'CHARGE_CONFLICT' };
  return { chargeId, ...standingOf(visit, recorded) };
};

const decisionsIn = (visit: Visit, charges: readonly AskedCharge[]): ChargeDecision[] =>
  charges.map((charge) => decisionOn(charge, visit));

const isOpen = ({ decision, reason }: ChargeDecision): boolean =>
  decision === 'undecided' && reason === undefined;

/** The decisions on charges, waited for: a pharmacy hands out on them. */
export class Decisions {
  private waiting = 0;

  constructor(
    private readonly visits: Pick<Visits, 'look'>,
    private readonly timers: Timers,
  ) {}

  /**
   * What is decided of the charges, at the latest after `waitMs` (ms, at most 2000): a bounded number
   * of looks, between which nothing is held. Throws EventStoreUnavailable.
   */
  async on(
    visitId: string,
    charges: readonly AskedCharge[],
    waitMs: number,
  ): Promise<ChargeDecision[]> {
    let leftMs = this.waiting < WAITING_MAX ? Math.min(waitMs, DECISION_WAIT_MS_MAX) : 0;
    this.waiting += 1;
    try {
      for (const pauseMs of [...PAUSES_MS, undefined]) {
        const decisions = await this.look(visitId, charges);
        if (!decisions.some(isOpen) || leftMs <= 0 || pauseMs === undefined) return decisions;
        const sleepMs = Math.min(pauseMs, leftMs);
        await this.timers.sleep(sleepMs);
        leftMs -= sleepMs;
      }
      throw new Error('the last look is answered');
    } finally {
      this.waiting -= 1;
    }
  }

  /** On a visit that is set aside nothing is decided, and waiting changes nothing. */
  private async look(visitId: string, charges: readonly AskedCharge[]): Promise<ChargeDecision[]> {
    try {
      return decisionsIn(await this.visits.look(visitId), charges);
    } catch (error) {
      if (!(error instanceof StreamFaulty)) throw error;
      return charges.map(({ chargeId }) => ({
        ...{ chargeId, decision: 'undecided', reason: 'VISIT_SET_ASIDE' },
      }));
    }
  }
}
