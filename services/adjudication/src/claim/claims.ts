import {
  businessDateOf,
  cannotBe,
  type ContractEvent,
  type visitLedgerVisits,
} from '@caretab/contracts';
import { type Clock, contentHash, DomainError } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import type { Adjudicator } from '../adjudicator/adjudicator';
import { EngineAdjudicator } from '../adjudicator/engine';
import { verdictBy } from '../adjudicator/verdict';
import { keepStandings } from '../answer/standings';
import { changePlanUse, readPlanUse } from '../document/plan-use';
import type { Entitlements } from '../entitlement/entitlements';
import { isDisputed } from './claim-lines';
import { causeOf } from './claim-cause';
import { coverageOn, inputsOf } from './claim-inputs';
import { claimRows, latestClaim } from './claim-rows';
import { careOfClosed } from './claim-versions';
import { type PersonAccumulators, effectOf, lockAccumulators } from './accumulators';
import { claimAdjudicated, claimIdOf, type VisitClosed, type VisitOpened } from './claim-messages';
import { type ClaimRow, claimLineTable, claimTable } from './claim.table';
import { type CoverageRow, coverageTable } from './coverage.table';
import { Coverages } from './coverages';
import { openRequests, settledBy } from '../resettlement/resettlements';
import { settlementTable } from '../settlement/settlement.table';
import { settlementsOf, settlementsPosted } from '../settlement/settlements';
import { coverageOf, usesOf } from './terms';

/** Throws MESSAGE_IMPOSSIBLE (conflict) for a closing that no visit has. */
const assertPossible = (event: VisitClosed, { institutionId }: CoverageRow): void => {
  const { lines, grossFen } = event.data;
  if (institutionId !== event.data.institutionId)
    throw cannotBe(event, '/institutionId', 'the visit was opened at another institution');
  if (lines.reduce((sum, { amountFen }) => sum + amountFen, 0) !== grossFen)
    throw cannotBe(event, '/grossFen', 'the lines do not make the whole');
  if (new Set(lines.map(({ chargeId }) => chargeId)).size < lines.length)
    throw cannotBe(event, '/lines', 'a charge stands there twice');
};

/** Coverage for an opened visit, the verdict on a closed one. */
export class Claims {
  private readonly coverages: Coverages;

  /** `entitlements`: where the region asks at each visit who is entitled. */
  constructor(
    private readonly clock: Clock,
    private readonly entitlements?: Entitlements,
    private readonly adjudicator: Adjudicator = new EngineAdjudicator(),
  ) {
    this.coverages = new Coverages(clock);
  }

  /** Locks and gathers in a few statements what a batch of visits' events will ask for. */
  prepare(
    events: readonly ContractEvent<typeof visitLedgerVisits>[],
    transaction: Transaction,
  ): Promise<void> {
    return claimRows(transaction, events, this.clock.now());
  }

  /**
   * Decides, once per visit, which plans may pay, and publishes their terms; where the region asks
   * who is entitled, once that is known. Throws INSTITUTION_UNKNOWN (awaited) while the
   * institution's level is not known, COVERAGE_CONFLICT (conflict) for another person in the same visit.
   */
  async determine(event: VisitOpened, transaction: Transaction): Promise<void> {
    const { visitId, personId, institutionId, visitClass, startedAt } = event.data;
    const { id, traceparent } = event;
    const causedBy = { id, traceparent };
    const opening = { visitId, personId, institutionId, visitClass, startedAt, causedBy };
    const standing = this.entitlements
      ? await this.entitlements.standing(transaction, opening)
      : 'membership';
    if (standing === 'awaited') return;
    const reason = standing === 'membership' ? undefined : standing;
    await this.coverages.determine(transaction, opening, reason);
  }

  /**
   * Adjudicates a closed visit, claim line by claim line, with the accumulators as they stand now,
   * and posts every insurer's part. A higher revision first takes the earlier one's effect back,
   * adjudicates again in the first one's place in the year, cancels its settlements whole and posts
   * new ones.
   * The same revision again, or an older one, changes nothing. Throws CLAIM_CONFLICT (conflict) for
   * the same revision with other content, CLAIM_PERSON_DIFFERS (conflict) for another person,
   * MESSAGE_IMPOSSIBLE (conflict) for lines that make no such sum. An
   * Error (retried) while the coverage is not determined yet, or the earlier claim is missing or
   * differs from the ledger's: what that one settled could not be cancelled rightly.
   */
  async adjudicate(event: VisitClosed, transaction: Transaction): Promise<void> {
    const { visitId, revision } = event.data;
    // A visit that closes waits for no answer any more.
    await this.entitlements?.giveUp(transaction, visitId);
    const coverage = await transaction.rows(coverageTable).get({ visitId }, { lock: 'wait' });
    if (!coverage) throw new Error(`The coverage of visit ${visitId} is not determined yet`);
    const hash = contentHash(event.data);
    const claims = transaction.rows(claimTable);
    const same = await claims.get({ visitId, revision });
    if (same && same.contentHash !== hash)
      throw new DomainError('CLAIM_CONFLICT', 'conflict', { visitId, revision });
    const latest = await latestClaim(transaction, visitId);
    if (latest && latest.revision >= revision) return;
    if (coverage.personId !== event.data.personId)
      throw new DomainError('CLAIM_PERSON_DIFFERS', 'conflict', { visitId, revision });
    assertPossible(event, coverage);
    if (revision > (latest?.revision ?? 0) + 1)
      throw new Error(
        `Visit ${visitId} is closed by revision ${revision}, and its claim of the revision before ` +
          'is missing: restore it (docs/runbooks/after-a-restore.md)',
      );
    if (latest && (await isDisputed(latest, transaction)))
      throw new Error(
        `The claim of visit ${visitId} differs from the ledger's: put it right before its revision ` +
          `${revision} is settled (docs/runbooks/after-a-restore.md)`,
      );
    await this.recordClaim({ event, coverage, earlier: latest, hash }, transaction);
  }

  private async recordClaim(
    {
      event,
      coverage: row,
      earlier,
      hash,
    }: { event: VisitClosed; coverage: CoverageRow; earlier: ClaimRow | undefined; hash: string },
    transaction: Transaction,
  ): Promise<void> {
    const { visitId, revision, personId, institutionId, visitClass, lines } = event.data;
    const now = this.clock.now();
    const closedDate = businessDateOf(event.data.closedAt);
    const closed = { visitClass, closedDate, earlier, now };
    const { care, settled } = await careOfClosed(transaction, row, closed);
    const uses = usesOf(care);
    const accumulators: PersonAccumulators = await lockAccumulators(transaction, personId, [
      ...uses,
      ...(earlier?.effects ?? []),
    ]);
    for (const effect of earlier?.effects ?? []) accumulators.takeBack(effect);
    if (earlier?.verdict)
      await changePlanUse(transaction, personId, { ...earlier, verdict: earlier.verdict }, -1);
    const days = { discharged: closedDate, settled };
    const use = await readPlanUse(transaction, personId, coverageOf(care, accumulators), days);
    const standing = { care, accumulators, use };
    const inputs = inputsOf(standing, earlier);
    const coverage = coverageOn(inputs, standing);
    const requests = earlier ? await openRequests(transaction, visitId) : [];
    await settledBy(transaction, requests, revision);
    const cause = earlier ? await causeOf(transaction, event, earlier, requests) : null;
    const question = { visitId, revision, personId, institutionId, coverage, lines, days };
    const verdict = await verdictBy(this.adjudicator, question, transaction);
    const effects = verdict.plans.map(({ step }, index) => effectOf(uses[index]!, step));
    for (const effect of effects) accumulators.add(effect);
    await accumulators.save(transaction);
    await changePlanUse(transaction, personId, { coverage, verdict: verdict.verdict }, 1);

    await transaction.rows(coverageTable).save({ ...row, closedDate });
    const claim: ClaimRow = {
      visitId,
      revision,
      claimId: claimIdOf(visitId),
      personId,
      institutionId,
      contentHash: hash,
      coverage,
      totals: verdict.totals,
      payers: verdict.payers,
      steps: verdict.plans.map(({ step }) => step),
      patientDueFen: verdict.patientDueFen,
      effects,
      adjudicatedAt: now,
      verdict: verdict.verdict,
      inputs,
      cause,
    };
    await transaction.rows(claimTable).insert(claim);
    await keepStandings(transaction, claim, earlier);
    await transaction.rows(claimLineTable).insert(
      ...verdict.lines.map((line, place) => {
        const { quantity, occurredAt } = lines[place]!;
        return { ...line, visitId, revision, place, quantity, occurredAt };
      }),
    );
    const settlements = settlementsOf(event, verdict, earlier, now);
    await transaction.rows(settlementTable).insert(...settlements);
    transaction.publish(
      claimAdjudicated(event, verdict, now),
      ...settlementsPosted(event, verdict, settlements),
    );
  }
}
