import { businessDateOf } from '@caretab/contracts';
import { type Clock, derivedId, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { AccountVerifier } from '../channel/channel';
import type { ChannelBook } from '../channel/channel-book';
import { type AccountPolicy, accountsOf, limitsOf, takenToday } from './account-choice';
import { type BoundAccountRow, boundAccountTable, type MandateTerms } from './bound-account.table';
import { freshMandate, mandateTable } from './mandate.table';
import type { TokenVault } from './token-vault';

export interface AccountBinding extends Partial<MandateTerms> {
  readonly channel: string;
  readonly token: string;
}

/** Who asks: the person, or staff, alone or with another person's approval. */
export interface AskedBy {
  readonly isPerson: boolean;
  readonly approvedBy?: string | undefined;
}

export interface ShownAccount {
  readonly accountId: string;
  readonly channel: string;
  readonly isOpen: boolean;
  readonly boundAt: Date;
  readonly isVerified: boolean;
  readonly mandate: {
    readonly payee: 'hospital-of-the-visit';
    readonly purpose: 'what-is-due-for-a-visit';
    readonly perPaymentFen: number;
    readonly perDayFen: number;
    readonly until: string | null;
    readonly takenTodayFen: number;
  };
}

export interface ShownAccounts {
  readonly personId: string;
  /** The first that is debited. */
  readonly account: Pick<ShownAccount, 'channel' | 'isOpen' | 'boundAt'> | null;
  readonly accounts: readonly ShownAccount[];
  readonly mandateRevoked: boolean;
}

export interface AccountParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly vault: TokenVault;
  readonly channels: ChannelBook;
  readonly verifier: AccountVerifier;
  readonly policy: { readonly account: AccountPolicy };
}

/** Throws APPROVAL_NEEDED (conflict) where staff ask alone. */
const assertApproved = (personId: string, { isPerson, approvedBy }: AskedBy): void => {
  if (!isPerson && approvedBy === undefined)
    throw new DomainError('APPROVAL_NEEDED', 'conflict', { personId });
};

const termsOf = ({ perPaymentFen, perDayFen, until }: Partial<MandateTerms>): MandateTerms => ({
  perPaymentFen: perPaymentFen ?? null,
  perDayFen: perDayFen ?? null,
  until: until ?? null,
});

/** The accounts from which people pay, in the order in which they are debited. */
export class Accounts {
  constructor(private readonly parts: AccountParts) {}

  /**
   * Binds the account that is debited first; in place of another one only by the person or with an
   * approval. The same again changes its terms at most. Throws CHANNEL_NOT_OPEN, ACCOUNT_REFUSED
   * (unprocessable); PERSON_DIED, MANDATE_REVOKED, APPROVAL_NEEDED, CHANNEL_UNAVAILABLE (conflict);
   * MANDATE_IMPOSSIBLE (invalid).
   */
  async bind(
    personId: string,
    { isPerson = false, approvedBy, ...binding }: AccountBinding & Partial<AskedBy>,
  ): Promise<BoundAccountRow> {
    return this.add(personId, binding, (accounts) => {
      const [first] = accounts;
      if (first) assertApproved(personId, { isPerson, approvedBy });
      return { place: 1, insteadOf: first };
    });
  }

  /**
   * Binds a further account, which is debited after the others. Throws what `bind` does, without
   * APPROVAL_NEEDED, and ACCOUNTS_TOO_MANY (conflict).
   */
  async bindFurther(personId: string, binding: AccountBinding): Promise<BoundAccountRow> {
    return this.add(personId, binding, (accounts) => {
      const { countMax } = this.parts.policy.account;
      if (accounts.length >= countMax)
        throw new DomainError('ACCOUNTS_TOO_MANY', 'conflict', { personId, countMax });
      return { place: (accounts.at(-1)?.place ?? 0) + 1 };
    });
  }

  /**
   * In which order accounts are debited from now on: all of them, each once. Throws ACCOUNTS_DIFFER,
   * APPROVAL_NEEDED (conflict).
   */
  order(personId: string, accountIds: readonly string[], by: AskedBy): Promise<void> {
    return this.parts.store.transact(async (transaction) => {
      const accounts = await this.locked(transaction, personId);
      const byId = new Map(accounts.map((row) => [row.accountId, row]));
      const named = new Set(accountIds);
      if (
        accountIds.length !== byId.size ||
        named.size !== byId.size ||
        !accountIds.every((id) => byId.has(id))
      )
        throw new DomainError('ACCOUNTS_DIFFER', 'conflict', { personId });
      const asBefore = accounts.every(({ accountId }, index) => accountId === accountIds[index]);
      if (asBefore) return;
      assertApproved(personId, by);
      const ordered = accountIds.map((id, index) => ({ ...byId.get(id)!, place: index + 1 }));
      await transaction.rows(boundAccountTable).save(...ordered);
    });
  }

  /**
   * What an account may be debited for from now on. Staff lower it alone and raise it with an
   * approval. Throws ACCOUNT_UNKNOWN (not-found), MANDATE_IMPOSSIBLE (invalid), APPROVAL_NEEDED
   * (conflict).
   */
  async limit(
    { personId, accountId }: Pick<BoundAccountRow, 'personId' | 'accountId'>,
    asked: MandateTerms,
    by: AskedBy,
  ): Promise<void> {
    this.assertPossible(asked);
    return this.parts.store.transact(async (transaction) => {
      const accounts = await this.locked(transaction, personId);
      const known = accounts.find((row) => row.accountId === accountId);
      if (!known) throw new DomainError('ACCOUNT_UNKNOWN', 'not-found', { accountId });
      if (this.isRaised(known, asked)) assertApproved(personId, by);
      await transaction.rows(boundAccountTable).save({ ...known, ...asked });
    });
  }

  /** What is shown of them: never a token. */
  of(personId: string): Promise<ShownAccounts> {
    const { store, clock, channels, policy } = this.parts;
    return store.transact(async (transaction) => {
      const bound = (await accountsOf(transaction, [personId])).get(personId) ?? [];
      const ids = bound.map(({ accountId }) => accountId);
      const taken = await takenToday(transaction, ids, clock.now());
      const mandate = await transaction.rows(mandateTable).get({ personId });
      const accounts = bound.map((row): ShownAccount => {
        const { accountId, channel, boundAt, until } = row;
        return {
          ...{ accountId, channel, boundAt, isOpen: channels.isOpen(channel) },
          isVerified: row.verification !== null,
          mandate: {
            ...{ payee: 'hospital-of-the-visit', purpose: 'what-is-due-for-a-visit' },
            ...{ ...limitsOf(row, policy.account), until },
            takenTodayFen: taken.get(accountId) ?? 0,
          },
        };
      });
      const [first] = accounts;
      const account = first
        ? { channel: first.channel, isOpen: first.isOpen, boundAt: first.boundAt }
        : null;
      return { personId, account, accounts, mandateRevoked: mandate?.revoked ?? false };
    });
  }

  /** One account, or all; an order that is out ends by itself, with the token sealed for it. */
  unbind(personId: string, accountId?: string): Promise<void> {
    const which = accountId === undefined ? { personId } : { personId, accountId };
    return this.parts.store.transact(
      async (transaction) => void (await transaction.rows(boundAccountTable).delete(which)),
    );
  }

  private async add(
    personId: string,
    { channel, token, ...asked }: AccountBinding,
    placeAmong: (accounts: readonly BoundAccountRow[]) => {
      readonly place: number;
      readonly insteadOf?: BoundAccountRow | undefined;
    },
  ): Promise<BoundAccountRow> {
    const { channels, vault, clock, store } = this.parts;
    channels.mustBeOpen(channel);
    const terms = termsOf(asked);
    this.assertPossible(terms);
    const isSame = (row: BoundAccountRow): boolean =>
      row.channel === channel && vault.open(row.sealedToken, personId) === token;
    const known = await store.transact(async (transaction) =>
      (await this.locked(transaction, personId)).find(isSame),
    );
    const verification = known?.verification ?? (await this.verified({ channel, token }));
    return store.transact(async (transaction) => {
      const rows = transaction.rows(boundAccountTable);
      const accounts = await this.locked(transaction, personId);
      const same = accounts.find(isSame);
      if (same) return same;
      const { place, insteadOf } = placeAmong(accounts);
      const boundAt = clock.now();
      if (insteadOf) await rows.delete({ accountId: insteadOf.accountId });
      const row = {
        accountId: derivedId('bound-account', personId, String(place), boundAt.toISOString()),
        ...{ personId, place, channel, sealedToken: vault.seal(token, personId), boundAt },
        ...{ verification, ...terms },
      };
      await rows.insert(row);
      return row;
    });
  }

  /**
   * The accounts of a person who may be debited, under the lock of their mandate: one that is taken
   * back meanwhile comes before or after. Throws PERSON_DIED, MANDATE_REVOKED (conflict).
   */
  private async locked(
    transaction: Transaction,
    personId: string,
  ): Promise<readonly BoundAccountRow[]> {
    const mandates = transaction.rows(mandateTable);
    await mandates.insertIfAbsent(freshMandate(personId));
    const mandate = await mandates.get({ personId }, { lock: 'wait' });
    if (mandate?.died) throw new DomainError('PERSON_DIED', 'conflict', { personId });
    if (mandate?.revoked) throw new DomainError('MANDATE_REVOKED', 'conflict', { personId });
    return (await accountsOf(transaction, [personId])).get(personId) ?? [];
  }

  /** How the channel names the account that it verified; null where it verifies none. */
  private async verified(account: { channel: string; token: string }): Promise<string | null> {
    const { channel, token: accountToken } = account;
    const outcome = await this.parts.verifier.verify({ channel, accountToken });
    switch (outcome.status) {
      case 'verified':
        return outcome.reference;
      case 'not-offered':
        return null;
      case 'refused':
        throw new DomainError('ACCOUNT_REFUSED', 'unprocessable', {
          field: '/token',
          reason: outcome.reason,
        });
      default:
        throw new DomainError('CHANNEL_UNAVAILABLE', 'conflict', { channel });
    }
  }

  /** Throws MANDATE_IMPOSSIBLE (invalid). */
  private assertPossible({ perPaymentFen, perDayFen, until }: MandateTerms): void {
    const wrong = (field: string, why: string): DomainError =>
      new DomainError('MANDATE_IMPOSSIBLE', 'invalid', { field, why });
    if (perPaymentFen !== null && perDayFen !== null && perPaymentFen > perDayFen)
      throw wrong('/perPaymentFen', 'one payment may be no more than a day’s');
    if (until !== null && until < businessDateOf(this.parts.clock.now()))
      throw wrong('/until', 'the day is over');
  }

  private isRaised(known: MandateTerms, asked: MandateTerms): boolean {
    const { account } = this.parts.policy;
    const [before, after] = [limitsOf(known, account), limitsOf(asked, account)];
    return (
      after.perPaymentFen > before.perPaymentFen ||
      after.perDayFen > before.perDayFen ||
      (asked.until ?? '9999-12-31') > (known.until ?? '9999-12-31')
    );
  }
}
