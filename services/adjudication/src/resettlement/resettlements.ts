import { adjudicationClaims, message } from '@caretab/contracts';
import { type Clock, derivedId } from '@caretab/kernel';
import type { Transaction } from '@caretab/store';
import { latestClaim } from '../claim/claim-rows';
import { coverageTable } from '../claim/coverage.table';
import { type ResettlementRow, resettlementTable } from './resettlement.table';

/** What asks for a visit to be settled again; the same `requestId` asks once. */
export type ResettlementRequest = Pick<
  ResettlementRow,
  'requestId' | 'visitId' | 'because' | 'terms' | 'requestedBy'
> & { readonly traceparent?: string | undefined };

/**
 * Requests to settle a visit again without a changed charge. The ledger closes the visit under its
 * next revision; the claim of that revision takes all that is open into account, whichever of them
 * made it close.
 */
export class Resettlements {
  constructor(private readonly clock: Clock) {}

  /**
   * Asks the ledger to close the visit again. False where no claim of it is settled, or the same was
   * asked before.
   */
  async request(request: ResettlementRequest, transaction: Transaction): Promise<boolean> {
    const { requestId, visitId, because, terms, requestedBy, traceparent } = request;
    const rows = transaction.rows(resettlementTable);
    // Its claim is settled under the same lock: a revision to come sees this request.
    await transaction.rows(coverageTable).get({ visitId }, { lock: 'wait' });
    const claim = await latestClaim(transaction, visitId);
    if (!claim || (await rows.get({ requestId }))) return false;
    const { personId, claimId, revision } = claim;
    const requestedAt = this.clock.now();
    await rows.insert({
      ...{ requestId, visitId, personId, because, revision, terms },
      ...{ requestedBy, requestedAt, settledRevision: null },
    });
    const data = { visitId, personId, claimId, revision, requestId, because };
    transaction.publish(
      message(adjudicationClaims, 'ResettlementRequested', data, {
        id: derivedId('ResettlementRequested', requestId),
        time: requestedAt,
        source: 'adjudication',
        ...(traceparent && { causedBy: { id: requestId, traceparent } }),
      }),
    );
    return true;
  }
}

/** The open requests of a visit, in the order in which they were made. */
export const openRequests = async (
  transaction: Transaction,
  visitId: string,
): Promise<readonly ResettlementRow[]> => {
  const open = await transaction
    .rows(resettlementTable)
    .find({ visitId, settledRevision: null }, { lock: 'wait' });
  return open.sort((one, other) => one.requestedAt.getTime() - other.requestedAt.getTime());
};

/** Marks requests as taken into account by a revision of their claim. */
export const settledBy = async (
  transaction: Transaction,
  requests: readonly ResettlementRow[],
  settledRevision: number,
): Promise<void> => {
  const rows = transaction.rows(resettlementTable);
  for (const request of requests) await rows.save({ ...request, settledRevision });
};
