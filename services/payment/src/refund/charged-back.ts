import type { Transaction } from '@caretab/store';
import { caseTable } from '../case/case.table';
import { CHARGEBACK } from '../reconciliation/statement-rows';

/** Why a refund is not sent whose payment the bank took back itself, or disputes. */
export const CHARGED_BACK = 'CHARGED_BACK';

/** Orders of these visits of which a chargeback is open or lost: their money went back already. */
export const ordersChargedBack = async (
  transaction: Transaction,
  visitIds: readonly string[],
): Promise<ReadonlySet<unknown>> => {
  const cases = await transaction
    .rows(caseTable)
    .find({ visitId: { in: visitIds }, kind: 'statement-row' });
  const isBack = cases.filter(
    ({ reason, resolution }) => reason === CHARGEBACK && resolution !== 'won',
  );
  return new Set(isBack.map(({ asked }) => asked['id']));
};
