import {
  type ContractEvent,
  type ErasedPerson,
  type identityPersons,
  personForgotten,
  paymentErasures,
} from '@caretab/contracts';
import { forgetParked } from '@caretab/bus';
import { type Clock, DomainError } from '@caretab/kernel';
import { stream, type Transaction } from '@caretab/store';
import { caseTable } from '../case/case.table';
import { collectionTable } from '../collection/collection.table';
import { boundAccountTable } from './bound-account.table';
import { freshMandate, mandateTable } from './mandate.table';

/**
 * Money of the visit is an open matter: to be collected or sent back, asked about, denied, or written
 * off, which stays owed. What a bank lends is the bank's.
 */
const OPEN = [
  ...(['due', 'sending', 'unresolved', 'declined', 'refund-owed'] as const),
  ...(['awaiting-confirmation', 'disputed', 'written-off', 'in-review'] as const),
];

/** What becomes of a person's accounts by what identity publishes of them. */
export class AccountEnds {
  constructor(private readonly clock: Clock) {}

  /**
   * ConsentsChanged: who took the debit mandate back has no bound account any more, and pays by
   * themselves. An order that is out ends by itself. An older message changes nothing.
   */
  async consentsChanged(
    { data }: ContractEvent<typeof identityPersons, 'ConsentsChanged'>,
    transaction: Transaction,
  ): Promise<void> {
    const { personId, revision: consentRevision } = data;
    const revoked = data.revoked.includes('debit-mandate');
    const rows = transaction.rows(mandateTable);
    const fresh = { ...freshMandate(personId), revoked, consentRevision };
    if (!(await rows.insertIfAbsent(fresh))) {
      const known = (await rows.get({ personId }, { lock: 'wait' })) ?? fresh;
      if (known.consentRevision >= consentRevision) return;
      await rows.save({ ...known, revoked, consentRevision });
    }
    if (revoked) await transaction.rows(boundAccountTable).delete({ personId });
  }

  /**
   * PersonalDataDestroyed: nothing is collected from this account any more, and no token of another
   * account stays beside a bill or a refund. Throws ERASURE_WITH_DEBT (awaited) while money is an open
   * matter, or a case of a visit is open: the payment or refund may be on its way.
   */
  async forget(event: ErasedPerson, transaction: Transaction): Promise<void> {
    const { personId } = event.data;
    if (await this.isOpen(transaction, personId))
      throw new DomainError('ERASURE_WITH_DEBT', 'awaited', { field: '/personId' });
    const accounts = transaction.rows(boundAccountTable);
    const bound = await accounts.count({ personId });
    await accounts.delete({ personId });
    const bills = transaction.rows(collectionTable);
    const offered = { accountPersonId: personId, offeredToken: { gt: '' } };
    let offers = 0;
    for await (const rows of stream(bills, offered, { lock: 'wait' })) {
      await bills.save(
        ...rows.map((row) => ({ ...row, offeredChannel: null, offeredToken: null })),
      );
      offers += rows.length;
    }
    const time = this.clock.now();
    const destroyed = [
      { table: 'bound_account', rows: bound },
      { table: 'collection', rows: offers },
      { table: 'parked', rows: await forgetParked(transaction, personId, time) },
    ];
    transaction.publish(...personForgotten(paymentErasures, event, { destroyed, time }));
  }
  private async isOpen(transaction: Transaction, accountPersonId: string): Promise<boolean> {
    const bills = transaction.rows(collectionTable);
    if ((await bills.count({ accountPersonId, status: { in: OPEN } })) > 0) return true;
    for await (const rows of stream(bills, { accountPersonId })) {
      const visitId = { in: rows.map((row) => row.visitId) };
      if ((await transaction.rows(caseTable).count({ visitId, status: 'open' })) > 0) return true;
    }
    return false;
  }
}
