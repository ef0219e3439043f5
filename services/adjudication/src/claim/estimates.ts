import { isWithin, type Scope } from '@caretab/access';
import { type Adjudication, adjudicate } from '@caretab/benefits';
import { type Coverage, type EstimateRequest, type Frozen, withheldBy } from '@caretab/contracts';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { withPlanUse } from '../document/plan-use';
import type { Entitlements } from '../entitlement/entitlements';
import { readAccumulators } from './accumulators';
import { coverageTable } from './coverage.table';
import { entitledOn } from './coverages';
import { coverageOf, totalsYearOf, usesOf } from './terms';

type Estimate = Pick<Adjudication, 'payers' | 'patientDueFen' | 'totals' | 'lines'> &
  Pick<Coverage, 'withheld'>;

/** What charges would come to. */
export class Estimates {
  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly entitlements?: Pick<Entitlements, 'answerOn'> | undefined;
    },
  ) {}

  /**
   * What these charges would come to if they were settled now, with the year's use as it stands.
   * Nothing is stored or locked. What the centre last answered of that day counts. A hospital asks
   * for persons who had a visit there. Throws ACCESS_FORBIDDEN (forbidden).
   */
  of(
    { personId, lines, ...request }: Frozen<EstimateRequest>,
    scopes: readonly Scope[],
  ): Promise<Estimate> {
    const { store, clock, entitlements } = this.parts;
    return store.transact(async (transaction) => {
      await mustBeWithin(transaction, personId, scopes);
      const { careDate } = request;
      const answer = await entitlements?.answerOn(transaction, personId, careDate);
      const care = {
        ...request,
        visitId: 'estimate',
        totalsYear: totalsYearOf(clock.now()),
        ...(await entitledOn(
          transaction,
          { personId, careDate },
          answer && withheldBy(answer, careDate),
        )),
      };
      const accumulators = await readAccumulators(transaction, personId, usesOf(care));
      const occurredAt = `${request.careDate}T00:00:00+08:00`;
      const days = { discharged: careDate };
      const stands = coverageOf(care, accumulators);
      const coverage = await withPlanUse(transaction, personId, stands, days);
      const {
        payers,
        patientDueFen,
        totals,
        lines: results,
      } = adjudicate(
        coverage,
        lines.map((line, place) => ({ ...line, chargeId: String(place + 1), occurredAt })),
        days,
      );
      const { withheld } = coverage;
      return { payers, patientDueFen, totals, lines: results, ...(withheld && { withheld }) };
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
