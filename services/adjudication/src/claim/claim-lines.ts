import { DAY_MS, type VisitStanding, visitLedgerRoutes } from '@caretab/contracts';
import {
  Agreement,
  type AgreementSide,
  differenceTable,
  NeighbourSide,
  OwnSide,
  type ServiceParts,
  type StandingRows,
} from '@caretab/host';
import type { Transaction } from '@caretab/store';
import type { Static } from '@sinclair/typebox';
import type { AdjudicationConfig } from '../config';
import { type ClaimRow, claimTable } from './claim.table';
import { coverageTable } from './coverage.table';

/** The latest claim of each visit, as a verdict. Money is not adjudication's. */
const verdictsOf = async (
  transaction: Transaction,
  visitIds: readonly string[],
): Promise<VisitStanding[]> => {
  if (visitIds.length === 0) return [];
  const latest = new Map<string, ClaimRow>();
  const claims = await transaction.rows(claimTable).find({ visitId: { in: visitIds } });
  for (const claim of claims)
    if ((latest.get(claim.visitId)?.revision ?? 0) < claim.revision)
      latest.set(claim.visitId, claim);
  return [...latest.values()].map(({ visitId, revision, patientDueFen, payers }) => ({
    visitId,
    revision,
    dueFen: patientDueFen,
    payers: payers.map(({ payerId, amountFen }) => ({ payerId, amountFen })),
    paidFen: 0,
    refundedFen: 0,
  }));
};

/** Adjudication's verdicts as it compares them with the ledger's. */
export const claimLines: StandingRows = {
  page: async (transaction, { day, after, countMax }) => {
    const { rows, next } = await transaction
      .rows(coverageTable)
      .page(
        { closedDate: day },
        { countMax, after: after === undefined ? undefined : { visitId: after } },
      );
    const lines = await verdictsOf(
      transaction,
      rows.map(({ visitId }) => visitId),
    );
    return { lines, next: next?.visitId };
  },
  earlier: async (transaction, day) => {
    const dayBefore = new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10);
    const [last] = await transaction
      .rows(coverageTable)
      .find(
        { closedDate: { lte: dayBefore } },
        { orderBy: 'closedDate', descending: true, countMax: 1 },
      );
    return last?.closedDate ?? undefined;
  },
};

/** A verdict that the ledger has and adjudication does not was lost here: it began here. */
export const isVerdictLost = (ours: VisitStanding | null, theirs: VisitStanding | null): boolean =>
  theirs !== null && theirs.revision > (ours?.revision ?? 0);

/**
 * Whether the ledger took another verdict on this revision, or a later one. Where it has not taken
 * this one yet, nothing is disputed.
 */
export const isDisputed = async (
  { visitId, revision }: Pick<ClaimRow, 'visitId' | 'revision'>,
  transaction: Transaction,
): Promise<boolean> => {
  const rows = await transaction.rows(differenceTable).find({ visitId, isHeld: true });
  return rows.some(({ theirs }) => Number(theirs?.['revision'] ?? 0) >= revision);
};

type Parts = Pick<
  ServiceParts<Static<typeof AdjudicationConfig>>,
  'store' | 'clock' | 'logger' | 'fetch' | 'tokens' | 'config'
>;

/** Adjudication beside the ledger: its claims against the verdicts that the ledger took. */
export const claimAgreementWith = (
  theirs: AgreementSide,
  { store, clock, logger, config }: Omit<Parts, 'fetch' | 'tokens'>,
): Agreement =>
  new Agreement({
    store,
    clock,
    logger,
    neighbour: 'visit-ledger',
    ours: new OwnSide(store, claimLines),
    theirs,
    aspects: ['verdicts'],
    isLost: isVerdictLost,
    settleMs: config.AGREEMENT_SETTLE_MS,
    intervalMs: config.AGREEMENT_INTERVAL_MS,
  });

/** The ledger over HTTP. */
export const claimAgreement = (parts: Parts): Agreement => {
  const { config, fetch, tokens } = parts;
  const { VISIT_LEDGER_URL: url } = config;
  return claimAgreementWith(
    new NeighbourSide({
      ...{ url, asked: 'visit-ledger', tokens, fetch },
      routes: visitLedgerRoutes,
    }),
    parts,
  );
};
