import { businessDateOf, DAY_MS } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { type ClaimRow, claimLineTable, claimTable } from '../claim/claim.table';
import { type CoverageRow, coverageTable } from '../claim/coverage.table';
import { latestClaim } from '../claim/claim-rows';
import { knowCoverage } from '../claim/claim-versions';
import { knowDocuments } from './approved-documents';
import { type PlanDocumentRow, planDocumentTable } from './document.table';
import { knownDocument, type Owner } from './owner';
import { Carried } from './shadow-carry';
import { concerns, shadowClaim } from './shadow-claim';
import { type ShadowRunRow, shadowRunTable } from './shadow-run.table';
import { addClaim, asSeenBy, emptyShadow, type ShadowTally } from './shadow-tally';

/** Visits of one transaction: what a crash loses of a run. */
const PAGE_VISITS = 50;
const DAYS = 31;

export type ShadowRun = Omit<ShadowRunRow, 'tally' | 'afterVisit' | 'version'> & {
  readonly differences: ShadowTally;
};

const shown = (
  { version: _, afterVisit: __, tally, ...row }: ShadowRunRow,
  owner: Owner,
): ShadowRun => ({
  ...row,
  differences: owner === 'bureau' ? tally : asSeenBy(tally, owner.payerId),
});

const dayFrom = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
const dayBefore = (day: string): string => dayFrom(day, -1);
const dayAfter = (day: string): string => dayFrom(day, 1);

/** The days of the visits' ends that a run looks at, both inclusive. */
export interface ShadowDays {
  readonly fromDay?: string | undefined;
  readonly toDay?: string | undefined;
}

/** Throws SHADOW_RUN_DAYS (invalid). */
const lookedAt = (days: ShadowDays, today: string): Required<ShadowDays> => {
  const { toDay = today, fromDay = dayFrom(toDay, 1 - DAYS) } = days;
  if (fromDay <= toDay && toDay <= today) return { fromDay, toDay };
  throw new DomainError('SHADOW_RUN_DAYS', 'invalid', {
    field: fromDay > toDay ? '/fromDay' : '/toDay',
    why: fromDay > toDay ? 'it is after toDay' : 'it has not come',
  });
};

/** Whether a run is what an approval asks for: it has ended, and looked at 31 days or more. */
export const isTried = ({ state, fromDay, toDay }: ShadowRunRow): boolean =>
  state === 'ended' && fromDay <= dayFrom(toDay, 1 - DAYS);

/**
 * Runs documents over the claims of some days, page by page, each in a transaction of its own: a run
 * that breaks off goes on where it stood, and a page counts once. Nothing of a claim changes.
 */
export class ShadowRuns {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  /**
   * Begins a run, or one more where the last has ended; over the last 31 days where none are named.
   * Throws PLAN_DOCUMENT_UNKNOWN (not-found), SHADOW_RUN_DAYS (invalid): days that do not follow each
   * other, or have not come.
   */
  begin(owner: Owner, version: string, by: string, days: ShadowDays = {}): Promise<ShadowRun> {
    return this.store.transact(async (transaction) => {
      await knownDocument(transaction, owner, version, 'wait');
      const beganAt = this.clock.now();
      const { fromDay, toDay } = lookedAt(days, businessDateOf(beganAt));
      const rows = transaction.rows(shadowRunTable);
      const known = await rows.get({ version }, { lock: 'wait' });
      if (known?.state === 'running') return shown(known, owner);
      const fresh: ShadowRunRow = {
        ...{ version, fromDay, toDay, state: 'running', day: fromDay, afterVisit: null },
        ...{ tally: emptyShadow, beganBy: by, beganAt, endedAt: null, visits: 0 },
      };
      await rows.save(fresh);
      return shown(fresh, owner);
    });
  }

  /** Throws PLAN_DOCUMENT_UNKNOWN, SHADOW_RUN_UNKNOWN (not-found). */
  show(owner: Owner, version: string): Promise<ShadowRun> {
    return this.store.transact(async (transaction) => {
      await knownDocument(transaction, owner, version);
      const row = await transaction.rows(shadowRunTable).get({ version });
      if (!row) throw new DomainError('SHADOW_RUN_UNKNOWN', 'not-found', { version });
      return shown(row, owner);
    });
  }

  /** One page of one run that no other process works on; how many there were. */
  runOnce(): Promise<number> {
    return this.store.transact(async (transaction) => {
      const rows = transaction.rows(shadowRunTable);
      const [run] = await rows.find({ state: 'running' }, { countMax: 1, lock: 'skip' });
      if (!run) return 0;
      const document = await transaction.rows(planDocumentTable).get({ version: run.version });
      await rows.save(document ? await this.page(transaction, run, document) : this.ended(run));
      return 1;
    });
  }

  private async page(
    transaction: Transaction,
    run: ShadowRunRow,
    document: PlanDocumentRow,
  ): Promise<ShadowRunRow> {
    const { day, afterVisit, toDay } = run;
    const { rows, next } = await transaction.rows(coverageTable).page(
      { closedDate: day },
      {
        countMax: PAGE_VISITS,
        after: afterVisit === null ? undefined : { visitId: afterVisit },
      },
    );
    await knowDocuments(transaction, [document]);
    let { tally } = run;
    for (const coverage of rows)
      tally = await withPersonOf(transaction, { run, document }, coverage, tally);
    const further: ShadowRunRow = { ...run, tally, visits: run.visits + rows.length };
    if (next) return { ...further, afterVisit: next.visitId! };
    if (day < toDay) return { ...further, day: dayAfter(day), afterVisit: null };
    return this.ended(further);
  }

  private ended(run: ShadowRunRow): ShadowRunRow {
    return { ...run, state: 'ended', endedAt: this.clock.now() };
  }
}

/**
 * What a run does at one visit: at the first that it meets of a person all the person's claims, in
 * the order of their settlement, each after what those before it would have used; at others nothing.
 */
const withPersonOf = async (
  transaction: Transaction,
  { run, document }: { readonly run: ShadowRunRow; readonly document: PlanDocumentRow },
  { personId, visitId }: CoverageRow,
  tally: ShadowTally,
): Promise<ShadowTally> => {
  const { fromDay, toDay } = run;
  const since = await transaction
    .rows(coverageTable)
    .find({ personId, closedDate: { gt: dayBefore(fromDay) } });
  const visits = new Map(
    since.filter((row) => row.closedDate! <= toDay).map((row) => [row.visitId, row]),
  );
  const places = [...visits.values()].map((row) => `${row.closedDate!} ${row.visitId}`).sort();
  if (places[0] !== `${visits.get(visitId)!.closedDate!} ${visitId}`) return tally;
  const firsts = await transaction
    .rows(claimTable)
    .find({ visitId: { in: [...visits.keys()] }, revision: 1 }, { orderBy: 'adjudicatedAt' });
  const carried = new Carried();
  let further = tally;
  for (const first of firsts)
    further = await compared(transaction, document, visits.get(first.visitId)!, carried, further);
  return further;
};

const compared = async (
  transaction: Transaction,
  document: PlanDocumentRow,
  coverage: CoverageRow,
  carried: Carried,
  tally: ShadowTally,
): Promise<ShadowTally> => {
  const claim = await latestClaim(transaction, coverage.visitId);
  if (!claim || !concerns(document, claim)) return tally;
  await knowCoverage(transaction, claim.coverage);
  const lines = await linesOf(transaction, claim);
  const found = shadowClaim(document, { claim, coverage, lines }, carried);
  return found ? addClaim(tally, found) : { ...tally, notCompared: tally.notCompared + 1 };
};

const linesOf = (transaction: Transaction, { visitId, revision }: ClaimRow) =>
  transaction.rows(claimLineTable).find({ visitId, revision }, { orderBy: 'place' });
