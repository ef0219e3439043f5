import { isWithin, type Scope } from '@caretab/access';
import { type Adjudication, adjudicate } from '@caretab/benefits';
import type { EstimateRequest, Frozen } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { membershipsOn } from '../membership/memberships';
import { readAccumulators } from './accumulators';
import { coverageTable } from './coverage.table';
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
   * Nothing is stored or locked. A hospital asks for persons who had a visit there. Throws
   * ACCESS_FORBIDDEN (forbidden).
   */
  of(
    { personId, lines, ...request }: Frozen<EstimateRequest>,
    scopes: readonly Scope[],
  ): Promise<Estimate> {
    return this.store.transact(async (transaction) => {
      await mustBeWithin(transaction, personId, scopes);
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

const mustBeWithin = async (
  transaction: Transaction,
  personId: string,
  scopes: readonly Scope[],
): Promise<void> => {
  if (isWithin(scopes, { person: personId })) return;
  for (const { institution } of scopes) {
    const asPatient = { personId, institutionId: institution ?? '' };
    if ((await transaction.rows(coverageTable).find(asPatient, { countMax: 1 })).length > 0) return;
  }
  throw new DomainError('ACCESS_FORBIDDEN', 'forbidden', {
    action: 'estimates.make',
    why: 'the person has had no visit at your institution',
  });
};
