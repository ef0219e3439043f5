import type { FactOf } from '../visit/visit-events';

/** What a return changes of a visit's row. */
interface Counts {
  readonly status: string;
  readonly chargesReturned: number;
  readonly chargesDeferred: number;
  readonly chargesNotDeferred: number;
  readonly notDeferredFen: number;
  readonly chargesWaiting: number;
  readonly grossFen: number;
  readonly patientEstimateFen: number;
}

/**
 * A charge of which something is left still counts as what it was. Facts of earlier releases do not
 * say that it was not deferred: it had to be, unless its tab was cancelled.
 */
export const afterReturn = <Row extends Counts>(
  row: Row,
  data: FactOf<'ChargeReturned'>['data'],
): Row => {
  const { left, wasDeferred, notDeferredFor, waited, amountFen } = data;
  const wasNotDeferred =
    notDeferredFor !== undefined || (!wasDeferred && !waited && row.status !== 'cancelled');
  return {
    ...row,
    chargesReturned: row.chargesReturned + Number(!left),
    chargesDeferred: row.chargesDeferred - Number(wasDeferred && !left),
    chargesNotDeferred: row.chargesNotDeferred - Number(wasNotDeferred && !left),
    notDeferredFen: row.notDeferredFen - (wasNotDeferred ? amountFen : 0),
    chargesWaiting: row.chargesWaiting - Number(waited),
    grossFen: data.totals.grossFen,
    patientEstimateFen: data.patientEstimateFen ?? row.patientEstimateFen,
  };
};
