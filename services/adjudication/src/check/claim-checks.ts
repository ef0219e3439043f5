import { type Clock, derivedId } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { claimTable } from '../claim/claim.table';
import { type CheckRulesInForce, claimDaysOf, lineDaysOf } from './check-rules';
import { type CheckedClaim, isBefore } from './checked-claim';
import { findingsOf } from './checks';
import {
  type CheckPlaceRow,
  checkPlaceTable,
  type ClaimFlagRow,
  claimFlagTable,
} from './claim-flag.table';
import { claimsOfPersons, type LookBack } from './persons-claims';

/** Claims of one transaction. */
const PAGE_CLAIMS = 20;
/** A transaction that settles a claim is over by then, whichever process's clock it went by. */
const SETTLED_MS = 10 * 60_000;
const PLACE = 'claims';

export interface ClaimChecksParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly inForce: CheckRulesInForce;
  /** Counts a flag. */
  readonly count: (ruleId: string) => void;
}

/**
 * Looks through claims behind their settlement, page by page in the order in which they were
 * settled. It adds flags and changes nothing else: no verdict, no due, nothing that is published.
 */
export class ClaimChecks {
  private readonly lookBack: LookBack;

  constructor(private readonly parts: ClaimChecksParts) {
    const { rules } = parts.inForce.rules;
    this.lookBack = { claimDays: claimDaysOf(rules), lineDays: lineDaysOf(rules) };
  }

  /** One page, where no other process works on one; how many claims it had. */
  runOnce(): Promise<number> {
    return this.parts.store.transact(async (transaction) => {
      const places = transaction.rows(checkPlaceTable);
      const beginning = { adjudicatedAt: null, visitId: null, revision: null };
      await places.insertIfAbsent({ name: PLACE, ...beginning });
      const place = await places.get({ name: PLACE }, { lock: 'skip' });
      return place ? this.page(transaction, place) : 0;
    });
  }

  /** For how long the oldest claim waits that is not looked through yet. */
  async behindMs(transaction: Transaction): Promise<number> {
    const place = await transaction.rows(checkPlaceTable).get({ name: PLACE });
    const [next] = await this.claimsBehind(transaction, place, 1);
    return next ? this.parts.clock.now().getTime() - next.adjudicatedAt.getTime() : 0;
  }

  private async claimsBehind(
    transaction: Transaction,
    place: CheckPlaceRow | undefined,
    countMax: number,
  ) {
    const settledBy = new Date(this.parts.clock.now().getTime() - SETTLED_MS);
    const { adjudicatedAt, visitId, revision } = place ?? {};
    const after =
      adjudicatedAt && visitId != null && revision != null
        ? { adjudicatedAt, visitId, revision }
        : undefined;
    const { rows } = await transaction
      .rows(claimTable)
      .pageFields(
        ['visitId', 'revision', 'personId', 'adjudicatedAt'],
        { adjudicatedAt: { lte: settledBy } },
        { orderBy: 'adjudicatedAt', countMax, after },
      );
    return rows;
  }

  private async page(transaction: Transaction, place: CheckPlaceRow): Promise<number> {
    const settled = await this.claimsBehind(transaction, place, PAGE_CLAIMS);
    const last = settled.at(-1);
    if (!last) return 0;
    const personOf = new Map(settled.map(({ visitId, personId }) => [visitId, personId]));
    const visitIds = [...personOf.keys()];
    const personIds = [...new Set(personOf.values())];
    const claims = await claimsOfPersons(transaction, { visitIds, personIds }, this.lookBack);
    const flags = visitIds.flatMap((visitId) => {
      const all = claims.get(personOf.get(visitId)!) ?? [];
      const claim = all.find((one) => one.visitId === visitId);
      return claim ? this.flagsOf(claim, all) : [];
    });
    const raised = await transaction.rows(claimFlagTable).insertAllAbsent(flags);
    for (const { ruleId } of raised) this.parts.count(ruleId);
    const { adjudicatedAt, visitId, revision } = last;
    await transaction.rows(checkPlaceTable).save({ ...place, adjudicatedAt, visitId, revision });
    return settled.length;
  }

  /** A payer's flags stand on claims alone of which it bears a part: it sees no others. */
  private flagsOf(claim: CheckedClaim, all: readonly CheckedClaim[]): ClaimFlagRow[] {
    const { rules, version } = this.parts.inForce;
    const raisedAt = this.parts.clock.now();
    const earlier = all.filter((other) => isBefore(other, claim));
    return [...claim.borneFen].flatMap(([payerId, atStakeFen]) => {
      if (atStakeFen <= 0) return [];
      const seen = earlier.filter(({ borneFen }) => (borneFen.get(payerId) ?? 0) > 0);
      return rules.rules.flatMap((rule) =>
        findingsOf(rule, claim, seen).map(({ key, others, figures }): ClaimFlagRow => ({
          flagId: derivedId('ClaimFlag', rule.id, payerId, claim.claimId, key),
          ...{ ruleId: rule.id, kind: rule.kind, rulesVersion: version, payerId },
          ...{ institutionId: claim.institutionId, visitId: claim.visitId },
          ...{ claimId: claim.claimId, revision: claim.revision },
          evidence: { claimIds: others.map(({ claimId }) => claimId).slice(0, 500), figures },
          ...{ atStakeFen, raisedAt, state: 'open', owner: null, reason: null, amountFen: null },
        })),
      );
    });
  }
}
