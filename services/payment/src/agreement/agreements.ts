import { visitLedgerRoutes, type VisitStanding } from '@caretab/contracts';
import {
  Agreement,
  type AgreementSide,
  NeighbourSide,
  OwnSide,
  type ServiceParts,
} from '@caretab/host';
import type { Static } from '@sinclair/typebox';
import type { PaymentConfig } from '../config';
import { clearingLines, paymentLines, positionLines } from './payment-lines';

type Parts = Pick<
  ServiceParts<Static<typeof PaymentConfig>>,
  'store' | 'clock' | 'logger' | 'fetch' | 'tokens' | 'config'
>;

/**
 * Money that the ledger knows of and payment does not was lost here: all of it began as a capture or
 * refund of payment.
 */
export const isMoneyLost = (ours: VisitStanding | null, theirs: VisitStanding | null): boolean =>
  theirs !== null &&
  (theirs.paidFen > (ours?.paidFen ?? 0) || theirs.refundedFen > (ours?.refundedFen ?? 0));

/** Payment beside the ledger: verdicts, captures and refunds. */
export const ledgerAgreementWith = (
  theirs: AgreementSide,
  { store, clock, logger, config }: Omit<Parts, 'fetch' | 'tokens'>,
): Agreement =>
  new Agreement({
    store,
    clock,
    logger,
    neighbour: 'visit-ledger',
    ours: new OwnSide(store, paymentLines),
    theirs,
    aspects: ['verdicts', 'money'],
    isLost: isMoneyLost,
    settleMs: config.AGREEMENT_SETTLE_MS,
    intervalMs: config.AGREEMENT_INTERVAL_MS,
  });

/** The ledger over HTTP. */
export const ledgerAgreement = (parts: Parts): Agreement => {
  const { config, fetch, tokens } = parts;
  const { VISIT_LEDGER_URL: url } = config;
  return ledgerAgreementWith(
    new NeighbourSide({
      ...{ url, asked: 'visit-ledger', tokens, fetch },
      routes: visitLedgerRoutes,
    }),
    parts,
  );
};

/**
 * Clearing beside payment's own books: the lines of a cleared visit add up to its position. Both are
 * rows of one database, so no message is under way between them.
 */
export const clearingAgreement = ({
  store,
  clock,
  logger,
  config,
}: Omit<Parts, 'fetch' | 'tokens'>): Agreement =>
  new Agreement({
    store,
    clock,
    logger,
    neighbour: 'clearing',
    ours: new OwnSide(store, positionLines),
    theirs: new OwnSide(store, clearingLines),
    aspects: ['verdicts'],
    isLost: () => false,
    // Only what changes between two reads of one round is under way.
    settleMs: 0,
    intervalMs: config.AGREEMENT_INTERVAL_MS,
  });
