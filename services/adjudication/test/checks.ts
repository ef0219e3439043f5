import { join } from 'node:path';
import type { CheckRule } from '@caretab/contracts';
import { fixedClock } from '@caretab/doubles';
import type { Store } from '@caretab/store';
import { institutionLevelTable } from '../src/institution/institution-level.table';
import { type CheckRulesInForce, readCheckRules } from '../src/check/check-rules';
import { ClaimChecks } from '../src/check/claim-checks';
import { type ClaimFlagRow, claimFlagTable } from '../src/check/claim-flag.table';
import { AdjudicationStage, employee, evergreen, line, personId, surgery } from './claims';

export const shipped = readCheckRules(join(__dirname, '../data/check-rules.json'));
/** The shipped rules of one kind. */
export const only = (kind: CheckRule['kind']): CheckRulesInForce => ({
  version: `shipped ${kind}`,
  rules: { ...shipped.rules, rules: shipped.rules.rules.filter((rule) => rule.kind === kind) },
});
export const LATER = '2026-03-02T12:11:00Z';

/** Two hospitals, one person, and the checks behind the claims. */
export class CheckedStage {
  readonly claims: AdjudicationStage;
  readonly counted: string[] = [];

  constructor(readonly store: Store) {
    this.claims = new AdjudicationStage(store);
  }

  async begin(plans = [employee]): Promise<void> {
    await this.claims.registerHospital();
    await this.store.transact((transaction) =>
      transaction
        .rows(institutionLevelTable)
        .save({ institutionId: 'HZ02', level: 'level-2' as const }),
    );
    await this.claims.memberships.replace(personId, plans);
  }

  /** A stay that closes with one bed, in one of the hospitals. */
  async stay(
    visitId: string,
    {
      startedAt = '2026-03-02T01:00:00.000Z',
      closedAt = '2026-03-06T09:00:00.000Z',
      lines = [surgery, { ...surgery, chargeId: 'again', amountFen: 100_000 }],
      revision = 1,
      changes = {},
    } = {},
  ): Promise<void> {
    const of = { ...changes, institutionId: visitId.slice(0, 4), startedAt };
    if (revision === 1) await this.claims.handle([this.claims.opened(visitId, of)]);
    await this.claims.handle([this.claims.closed(visitId, revision, lines, { ...of, closedAt })]);
  }

  checks(at = LATER, inForce = only('overlapping-stays')): ClaimChecks {
    return new ClaimChecks({
      ...{ store: this.store, clock: fixedClock(at), inForce },
      count: (ruleId) => this.counted.push(ruleId),
    });
  }

  async toTheirEnd(checks = this.checks()): Promise<number> {
    let claims = 0;
    for (let page = await checks.runOnce(); page > 0; page = await checks.runOnce()) claims += page;
    return claims;
  }

  flags(): Promise<ClaimFlagRow[]> {
    return this.store.transact((transaction) =>
      transaction.rows(claimFlagTable).find({}, { orderBy: 'flagId' }),
    );
  }
}

export { employee, evergreen, line, personId, surgery };
