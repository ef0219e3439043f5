import type { VisitLender } from '@caretab/contracts';
import type { OpenedVisit } from './visit-state';

/** Who lends what is due; undefined where its authorization does not say. */
export const lenderOf = ({ authorization }: OpenedVisit): VisitLender | undefined =>
  authorization.state === 'granted' ? authorization.lender : undefined;

/** Whether a bank lends what is due: it collects it, and no payment of ours is of the visit. */
export const isBanks = (visit: OpenedVisit): boolean => lenderOf(visit)?.kind === 'bank';

/**
 * Fen of the due that are not paid; negative where more was paid than is due. What a bank lends is
 * owed to the bank.
 */
export const owedFen = (visit: OpenedVisit): number =>
  (isBanks(visit) ? 0 : (visit.verdict?.patientDueFen ?? 0)) - visit.paidFen + visit.refundedFen;
