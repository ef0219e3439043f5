import {
  type ContractEvent,
  type ErasedPerson,
  type identityPersons,
  personForgotten,
  paymentErasures,
} from '@caretab/contracts';
import { forgetParked } from '@caretab/bus';
import { type Clock, DomainError } from '@caretab/kernel';
import { type Store, stream, type Transaction } from '@caretab/store';
import { caseTable } from '../case/case.table';
import type { ChannelBook } from '../channel/channel-book';
import { collectionTable } from '../collection/collection.table';
import { boundAccountTable } from './bound-account.table';
import { freshMandate, mandateTable } from './mandate.table';
import type { TokenVault } from './token-vault';

/**
 * Money of the visit is an open matter: to be collected or sent back, asked about, denied, or written
 * off, which stays owed. What a bank lends is the bank's.
 */
const OPEN = [
  ...(['due', 'sending', 'unresolved', 'declined', 'refund-owed'] as const),
  ...(['awaiting-confirmation', 'disputed', 'written-off'] as const),
];

export interface AccountBinding {
  readonly channel: string;
  readonly token: string;
  /** The other person who approved that it takes the place of another. */
  readonly approvedBy?: string | undefined;
}

export interface ShownAccount {
  readonly personId: string;
  readonly account: {
    readonly channel: string;
    readonly isOpen: boolean;
    readonly boundAt: Date;
  } | null;
  readonly mandateRevoked: boolean;
}

/** The accounts from which people pay. */
export class Accounts {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly vault: TokenVault,
    private readonly channels: ChannelBook,
  ) {}

  /**
   * Binds an account; in place of another one only with an approval. The same again changes nothing.
   * Throws CHANNEL_NOT_OPEN (unprocessable); PERSON_DIED, MANDATE_REVOKED, APPROVAL_NEEDED (conflict).
   */
  async bind(
    personId: string,
    { channel, token, approvedBy }: AccountBinding,
  ): Promise<{ personId: string; channel: string; boundAt: Date }> {
    this.channels.mustBeOpen(channel);
    return this.store.transact(async (transaction) => {
      const rows = transaction.rows(boundAccountTable);
      const mandates = transaction.rows(mandateTable);
      // A row to lock, so that a mandate that is taken back meanwhile comes before or after.
      await mandates.insertIfAbsent(freshMandate(personId));
      const mandate = await mandates.get({ personId }, { lock: 'wait' });
      if (mandate?.died) throw new DomainError('PERSON_DIED', 'conflict', { personId });
      if (mandate?.revoked) throw new DomainError('MANDATE_REVOKED', 'conflict', { personId });
      const known = await rows.get({ personId }, { lock: 'wait' });
      if (
        known &&
        known.channel === channel &&
        this.vault.open(known.sealedToken, personId) === token
      )
        return { personId, channel, boundAt: known.boundAt };
      if (known && approvedBy === undefined)
        throw new DomainError('APPROVAL_NEEDED', 'conflict', { personId });
      const row = {
        personId,
        channel,
        sealedToken: this.vault.seal(token, personId),
        boundAt: this.clock.now(),
      };
      await rows.save(row);
      return { personId, channel, boundAt: row.boundAt };
    });
  }

  /** What is shown of it: never the token. */
  of(personId: string): Promise<ShownAccount> {
    return this.store.transact(async (transaction) => {
      const bound = await transaction.rows(boundAccountTable).get({ personId });
      const mandate = await transaction.rows(mandateTable).get({ personId });
      const isOpen = bound !== undefined && this.channels.isOpen(bound.channel);
      const account = bound ? { channel: bound.channel, isOpen, boundAt: bound.boundAt } : null;
      return { personId, account, mandateRevoked: mandate?.revoked ?? false };
    });
  }

  /** An order that is out ends by itself, with the token that was sealed for it. */
  unbind(personId: string): Promise<void> {
    return this.store.transact(
      async (transaction) => void (await transaction.rows(boundAccountTable).delete({ personId })),
    );
  }

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
