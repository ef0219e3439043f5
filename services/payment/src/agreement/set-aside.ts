import { businessDateOf, type ContractEvent, type visitLedgerVisits } from '@caretab/contracts';
import { differenceTable } from '@caretab/host';
import type { Transaction } from '@caretab/store';

type LedgerEvent<Type extends 'VisitSetAside' | 'VisitResumed'> = ContractEvent<
  typeof visitLedgerVisits,
  Type
>;

/** In the place of a neighbour: the log itself holds what the ledger did not write. */
const LOG = 'log of visits';

/**
 * A visit whose log cannot be trusted is a difference, and held: nothing of it is collected, paid
 * back or cleared.
 */
export const holdSetAside = async (
  { data }: LedgerEvent<'VisitSetAside'>,
  transaction: Transaction,
): Promise<void> => {
  const at = new Date(data.setAsideAt);
  await transaction.rows(differenceTable).insertIfAbsent({
    ...{ neighbour: LOG, day: businessDateOf(at), visitId: data.visitId },
    ...{ ours: null, theirs: { setAsideAt: data.setAsideAt } },
    ...{ isHeld: true, firstSeenAt: at, lastSeenAt: at },
  });
};

/** The visit goes on, and with it its money. */
export const releaseResumed = async (
  { data: { visitId } }: LedgerEvent<'VisitResumed'>,
  transaction: Transaction,
): Promise<void> => {
  await transaction.rows(differenceTable).delete({ neighbour: LOG, visitId });
};
