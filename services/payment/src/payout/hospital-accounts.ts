import { blindIndex, deriveKey, indexKey, type MasterKeys } from '@caretab/security';
import { type Clock, DomainError } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import type { TokenVault } from '../account/token-vault';
import type { Decided } from '../case/open-case';
import { decidedByTwo } from '../case/two-names';
import { type HospitalAccountRow, hospitalAccountTable } from './hospital-account.table';
import type { CnapsAccount } from './iso20022/pain001';

export type ShownAccount = Omit<HospitalAccountRow, 'sealedAccount' | 'accountIndex'>;

const shown = ({ sealedAccount: _, accountIndex: __, ...account }: HospitalAccountRow) => account;
/** By what the number of a row is sealed. */
export const accountOwnerOf = ({
  institutionId,
  number,
}: Pick<HospitalAccountRow, 'institutionId' | 'number'>): string =>
  `hospital ${institutionId} ${number}`;

/** The accounts that hospitals are paid to: numbers are sealed, and changed by two persons. */
export class HospitalAccounts {
  private readonly key: Buffer;

  constructor(
    private readonly parts: {
      readonly store: Store;
      readonly clock: Clock;
      readonly vault: TokenVault;
      readonly keys: MasterKeys;
    },
  ) {
    this.key = deriveKey(indexKey(parts.keys), 'payment hospital-accounts');
  }

  /**
   * Sets the account of a hospital by what its bank confirmed; instructions that are out keep theirs.
   * The same once more changes nothing. Throws BANK_ACCOUNT_TAKEN (conflict).
   */
  set(institutionId: string, given: CnapsAccount & Decided): Promise<ShownAccount> {
    const decided = decidedByTwo(given);
    const { holderName, bankCode, account } = given;
    return this.parts.store.transact(async (transaction) => {
      const rows = transaction.rows(hospitalAccountTable);
      const before = await this.current(transaction, institutionId, 'wait');
      const accountIndex = this.indexOf(account);
      const isSame =
        before?.accountIndex === accountIndex &&
        before.holderName === holderName &&
        before.bankCode === bankCode;
      if (isSame) return shown(before);
      const taken = await rows.get({ accountIndex });
      if (taken && taken.institutionId !== institutionId)
        throw new DomainError('BANK_ACCOUNT_TAKEN', 'conflict', {
          field: '/account',
          why: 'another hospital has this account',
          remedy: 'compare the number with what the bank confirmed',
        });
      const number = (before?.number ?? 0) + 1;
      const row: HospitalAccountRow = {
        ...{ institutionId, number, holderName, bankCode, accountIndex },
        sealedAccount: this.parts.vault.seal(account, accountOwnerOf({ institutionId, number })),
        lastDigits: account.slice(-4),
        ...decided,
        setAt: this.parts.clock.now(),
      };
      await rows.insert(row);
      return shown(row);
    });
  }

  /** Throws BANK_ACCOUNT_UNKNOWN (not-found). */
  show(institutionId: string): Promise<ShownAccount> {
    return this.parts.store.transact(async (transaction) => {
      const row = await this.current(transaction, institutionId);
      if (!row) throw new DomainError('BANK_ACCOUNT_UNKNOWN', 'not-found', { institutionId });
      return shown(row);
    });
  }

  /** The account of a hospital, open, to be instructed. */
  async toPay(
    transaction: Transaction,
    institutionId: string,
  ): Promise<(CnapsAccount & { readonly number: number }) | undefined> {
    const row = await this.current(transaction, institutionId);
    if (!row) return undefined;
    const { holderName, bankCode, number, sealedAccount } = row;
    const account = this.parts.vault.open(sealedAccount, accountOwnerOf(row));
    return { holderName, bankCode, number, account };
  }

  /** Whose account a number is; undefined: no hospital's. */
  async ownerOf(transaction: Transaction, account: string): Promise<string | undefined> {
    const accountIndex = this.indexOf(account);
    return (await transaction.rows(hospitalAccountTable).get({ accountIndex }))?.institutionId;
  }

  private indexOf(account: string): string {
    return blindIndex(this.key, 'account', account);
  }

  private async current(
    transaction: Transaction,
    institutionId: string,
    lock?: 'wait',
  ): Promise<HospitalAccountRow | undefined> {
    const [row] = await transaction
      .rows(hospitalAccountTable)
      .find(
        { institutionId },
        { orderBy: 'number', descending: true, countMax: 1, ...(lock && { lock }) },
      );
    return row;
  }
}
