import type { Clock } from '@caretab/kernel';
import type { Store, Transaction } from '@caretab/store';
import { boundAccountTable } from './bound-account.table';
import type { TokenVault } from './token-vault';

export interface AccountBinding {
  readonly channel: string;
  readonly token: string;
}

/** The accounts from which people pay. */
export class Accounts {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly vault: TokenVault,
  ) {}

  /** Binds an account, in place of an earlier one. The same again changes nothing. */
  bind(
    personId: string,
    { channel, token }: AccountBinding,
  ): Promise<{ personId: string; channel: string; boundAt: Date }> {
    return this.store.transact(async (transaction) => {
      const rows = transaction.rows(boundAccountTable);
      const known = await rows.get({ personId }, { lock: 'wait' });
      if (
        known &&
        known.channel === channel &&
        this.vault.open(known.sealedToken, personId) === token
      )
        return { personId, channel, boundAt: known.boundAt };
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

  /** The person's data is destroyed: nothing is collected from this account any more. */
  async unbind(personId: string, transaction: Transaction): Promise<void> {
    await transaction.rows(boundAccountTable).delete({ personId });
  }
}
