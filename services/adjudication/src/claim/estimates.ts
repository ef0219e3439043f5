import { type Adjudication, adjudicate } from '@caretab/benefits';
import { BusinessDate, HospitalLevel, PersonId, VisitClass, ClaimLine } from '@caretab/contracts';
import type { Store } from '@caretab/store';
import { type Static, Type } from '@sinclair/typebox';
import { membershipsOn } from '../membership/memberships';
import { readAccumulators } from './accumulators';
import { coverageOf, usesOf } from './terms';

const LINES_MAX = 500;

export const EstimateRequest = Type.Object(
  {
    personId: PersonId,
    careDate: BusinessDate,
    visitClass: VisitClass,
    hospitalLevel: HospitalLevel,
    lines: Type.Array(
      Type.Pick(ClaimLine, ['itemCode', 'quantity', 'amountFen'], { additionalProperties: false }),
      { maxItems: LINES_MAX },
    ),
  },
  { additionalProperties: false },
);
export type EstimateRequest = Static<typeof EstimateRequest>;

/**
 * What these charges would come to if they were settled now, with the year's use as it stands.
 * Nothing is stored or locked.
 */
export const estimate = (
  store: Store,
  { personId, lines, ...request }: EstimateRequest,
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
