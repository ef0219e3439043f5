import { contentHash } from '@caretab/kernel';
import { allRows } from './audit-rows';
import type { BalanceRow, ViewCheck, Views, VisitViewRow } from './audit-views';
import type { Field } from './platform-access';

const VIEWS = ['visit', 'person_visit', 'institution_day', 'account_balance'];

/** The rows of all views as one hash, whatever their order. */
const fingerprint = async (url: string): Promise<string> => {
  const hashes = await Promise.all(
    VIEWS.map(async (view) =>
      contentHash(
        (await allRows(url, `select * from visit_ledger.${view}`)).map(contentHash).sort(),
      ),
    ),
  );
  return contentHash(hashes);
};

/**
 * How the ledger's views stand, what its own check says, and whether a rebuild changes anything.
 */
export const readViews = async (field: Field): Promise<Views> => {
  const url = field.databaseUrlOf('visit-ledger');
  const before = await fingerprint(url);
  const visits = await allRows<VisitViewRow>(
    url,
    `select visit_id as "visitId", status, gross_fen as "grossFen", patient_due_fen as
      "patientDueFen", paid_fen as "paidFen", refunded_fen as "refundedFen", charges_deferred as
      "chargesDeferred",
    charges_waiting as "chargesWaiting", charges_not_deferred as "chargesNotDeferred",
    charges_returned as "chargesReturned", conflicts from visit_ledger.visit`,
  );
  const balances = await allRows<BalanceRow>(
    url,
    'select account, debit_fen as "debitFen", credit_fen as "creditFen" from visit_ledger.account_balance',
  );
  const check = await field.api.get<ViewCheck>('/visit-ledger/views/check');
  await field.api.post('/visit-ledger/views/rebuild', {});
  const rebuilt = await field.api.get<ViewCheck>('/visit-ledger/views/check');
  return {
    visits,
    balances,
    check,
    rebuilt: { check: rebuilt, isSame: (await fingerprint(url)) === before },
  };
};
