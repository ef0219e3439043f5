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
   * itself. What was not collected since is collected again once the death is taken back.
   */
  async record({ type, data }: DeathEvent, transaction: Transaction): Promise<void> {
    const { personId, revision: deathRevision } = data;
    const rows = transaction.rows(mandateTable);
    await rows.insertIfAbsent(freshMandate(personId));
    const known = (await rows.get({ personId }, { lock: 'wait' })) ?? freshMandate(personId);
    if (deathRevision <= known.deathRevision) return;
    const died = type === 'PersonDied';
    await rows.save({ ...known, died, deathRevision });
    if (!died) await this.collectAgain(transaction, personId);
  }

  private async collectAgain(transaction: Transaction, accountPersonId: string): Promise<void> {
    const rows = transaction.rows(collectionTable);
    // Those that are due too: one may be refused at this moment, and its row is waited for.
    const open = { accountPersonId, status: { in: ['due', 'declined'] as const } };
    const now = this.clock.now();
    for await (const page of stream(rows, open, { lock: 'wait' })) {
      const refused = page.filter(
        ({ status, declineReason }) => status === 'declined' && declineReason === PERSON_DIED,
      );
      await rows.save(
        ...refused.map((row) => ({
          ...{ ...row, status: 'due' as const, nextAttemptAt: now, declineReason: null },
        })),
      );
    }
  }
}
