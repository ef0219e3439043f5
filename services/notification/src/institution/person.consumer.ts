import { identityPersons, on } from '@caretab/contracts';
import { Consumes, erasureBegun, erasureEnded, type EventOf, type Handling } from '@caretab/bus';
import type { Transaction } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { CLOSING_NOTICE, ClosingNotices } from '../notice/closing-notices';
import { guardianshipOver } from '../notice/guardianship-notices';
import { Notices, occurrence } from '../notice/notices';
import { type DeathRow, deathTable, guardianTable } from './institution.table';

/** An older message changes nothing. */
const recordDeath = async (
  transaction: Transaction,
  { personId, revision, died }: DeathRow,
): Promise<void> => {
  const rows = transaction.rows(deathTable);
  const row = { personId, revision, died };
  if (await rows.insertIfAbsent(row)) return;
  const known = await rows.get({ personId }, { lock: 'wait' });
  if (!known || known.revision < revision) await rows.save(row);
};

/**
 * Keeps whose notices go to a guardian, and who is sent nothing any more. An erasure has one closing
 * notice; then preferences and notices end with the person's data.
 */
@Controller()
export class PersonConsumer {
  constructor(
    @Inject(Notices) private readonly notices: Notices,
    @Inject(ClosingNotices) private readonly closing: ClosingNotices,
  ) {}

  @Consumes({ from: identityPersons, group: 'notification.person' })
  persons(
    @Payload() event: EventOf<typeof identityPersons>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(identityPersons, event, {
      PersonRegistered: 'ignore',
      GuardianAppointed: ({ data }) =>
        transaction
          .rows(guardianTable)
          .save({ personId: data.personId, guardianId: data.guardianId }),
      GuardianshipEnded: async (ended) => {
        const { personId, guardianId } = ended.data;
        await transaction.rows(guardianTable).delete({ personId, guardianId });
        await guardianshipOver(this.notices, transaction, ended);
      },
      ConsentsChanged: 'ignore',
      PersonDied: ({ data }) => recordDeath(transaction, { ...data, died: true }),
      PersonDeathTakenBack: ({ data }) => recordDeath(transaction, { ...data, died: false }),
      // Where a person is reached, identity answers by itself: the survivor's contact.
      PersonsMerged: 'ignore',
      PersonsUnmerged: 'ignore',
      ErasureBegun: async (begun) => {
        const { personId, erasureId } = begun.data;
        await erasureBegun(transaction, begun);
        const notice = occurrence(begun, CLOSING_NOTICE, { personId, erasureId });
        await this.notices.notifyPerson(transaction, personId, notice);
      },
      PersonalDataDestroyed: (destroyed) =>
        erasureEnded(transaction, destroyed, (...one) => this.closing.forget(...one)),
    });
  }
}
