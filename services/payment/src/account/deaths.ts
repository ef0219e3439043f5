import type { ContractEvent, identityPersons } from '@caretab/contracts';
import type { Clock } from '@caretab/kernel';
import { stream, type Transaction } from '@caretab/store';
import { collectionTable } from '../collection/collection.table';
import { freshMandate, mandateTable } from './mandate.table';

export const PERSON_DIED = 'PERSON_DIED';

type DeathEvent =
  | ContractEvent<typeof identityPersons, 'PersonDied'>
  | ContractEvent<typeof identityPersons, 'PersonDeathTakenBack'>;

/** Who of them has died: from their accounts nothing is collected. */
export const diedAmong = async (
  transaction: Transaction,
  personIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (personIds.length === 0) return new Set();
  const died = await transaction
    .rows(mandateTable)
    .find({ personId: { in: [...new Set(personIds)] }, died: true });
  return new Set(died.map(({ personId }) => personId));
};

/** A death ends the debit mandate at once; the bound account stays for who is alive after all. */
export class Deaths {
  constructor(private readonly clock: Clock) {}

  /**
   * PersonDied, PersonDeathTakenBack. An older message changes nothing. An order that is out ends by
   * itself, and what waits for the person's confirmation is declined. What was not collected since is
   * collected again once the death is taken back: they are asked again where they had to confirm.
   */
  async record({ type, data }: DeathEvent, transaction: Transaction): Promise<void> {
    const { personId, revision: deathRevision } = data;
    const rows = transaction.rows(mandateTable);
    await rows.insertIfAbsent(freshMandate(personId));
    const known = (await rows.get({ personId }, { lock: 'wait' })) ?? freshMandate(personId);
    if (deathRevision <= known.deathRevision) return;
    const died = type === 'PersonDied';
    await rows.save({ ...known, died, deathRevision });
    if (died) await this.dueAgain(transaction, personId, 'awaiting-confirmation');
    else await this.dueAgain(transaction, personId, 'declined');
  }

  /** The collector declines what is due of who has died, and collects or asks of who is alive. */
  private async dueAgain(
    transaction: Transaction,
    accountPersonId: string,
    ended: 'awaiting-confirmation' | 'declined',
  ): Promise<void> {
    const rows = transaction.rows(collectionTable);
    // Those that are due too: one may end so at this moment, and its row is waited for.
    const open = { accountPersonId, status: { in: ['due', ended] as const } };
    const nextAttemptAt = this.clock.now();
    for await (const page of stream(rows, open, { lock: 'wait' })) {
      const again = page.filter(
        ({ status, declineReason }) =>
          status === ended && (status !== 'declined' || declineReason === PERSON_DIED),
      );
      await rows.save(
        ...again.map((row) => ({
          ...{ ...row, status: 'due' as const, nextAttemptAt, declineReason: null },
        })),
      );
    }
  }
}
