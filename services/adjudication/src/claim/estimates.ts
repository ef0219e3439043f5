import { type Adjudication, adjudicate } from '@caretab/benefits';
import type { EstimateRequest, Frozen } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { membershipsOn } from '../membership/memberships';
import { readAccumulators } from './accumulators';
import { coverageOf, usesOf } from './terms';

/**
 * What these charges would come to if they were settled now, with the year's use as it stands.
 * Nothing is stored or locked.
 */
export const estimate = (
  store: Store,
  { personId, lines, ...request }: Frozen<EstimateRequest>,
): Promise<Pick<Adjudication, 'payers' | 'patientDueFen' | 'totals' | 'lines'>> =>
  store.transact(async (transaction) => {
    const care = {
      ...request,
      visitId: 'estimate',
      entitlements: await membershipsOn(transaction, personId, request.careDate),
    };
    const coverage = coverageOf(care, await readAccumulators(transaction, personId, usesOf(care)));
    const occurredAt = `${request.careDate}T00:00:00+08:00`;
    const {
      payers,
      patientDueFen,
      totals,
      lines: results,
    } = adjudicate(
      coverage,
      lines.map((line, place) => ({ ...line, chargeId: String(place + 1), occurredAt })),
    );
    return { payers, patientDueFen, totals, lines: results };
  });
