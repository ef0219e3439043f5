import { type Adjudication, adjudicate } from '@caretab/benefits';
import type { EstimateRequest, Frozen } from '@caretab/contracts';
import type { Clock } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { membershipsOn } from '../membership/memberships';
import { readAccumulators } from './accumulators';
import { coverageOf, totalsYearOf, usesOf } from './terms';

type Estimate = Pick<Adjudication, 'payers' | 'patientDueFen' | 'totals' | 'lines'>;

/** What charges would come to. */
export class Estimates {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  /**
   * What these charges would come to if they were settled now, with the year's use as it stands.
   * Nothing is stored or locked.
   */
  of({ personId, lines, ...request }: Frozen<EstimateRequest>): Promise<Estimate> {
    return this.store.transact(async (transaction) => {
      const care = {
        ...request,
        visitId: 'estimate',
        totalsYear: totalsYearOf(this.clock.now()),
        entitlements: await membershipsOn(transaction, personId, request.careDate),
      };
      const accumulators = await readAccumulators(transaction, personId, usesOf(care));
      const occurredAt = `${request.careDate}T00:00:00+08:00`;
      const {
        payers,
        patientDueFen,
        totals,
        lines: results,
      } = adjudicate(
        coverageOf(care, accumulators),
        lines.map((line, place) => ({ ...line, chargeId: String(place + 1), occurredAt })),
      );
      return { payers, patientDueFen, totals, lines: results };
    });
  }
}
