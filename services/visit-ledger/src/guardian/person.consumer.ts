import { identityPersons, on } from '@caretab/contracts';
import {
  Consumes,
  erasureBegun,
  erasureEnded,
  type EventOf,
  type Handling,
  recordAlias,
} from '@caretab/bus';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { guardianTable } from './guardian.table';

/** A visit stays on the line of who was guardian when it was opened. */
const IGNORED = {
  PersonRegistered: 'ignore',
  GuardianshipEnded: 'ignore',
  ConsentsChanged: 'ignore',
  PersonDied: 'ignore',
  PersonDeathTakenBack: 'ignore',
} as const;

/** Keeps who stands for whom, and who is merged. */
@Controller()
export class PersonConsumer {
  @Consumes({ from: identityPersons, group: 'visit-ledger.guardian', ignored: IGNORED })
  async persons(
    @Payload() event: EventOf<typeof identityPersons>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> {
    const rows = transaction.rows(guardianTable);
    await on<typeof identityPersons, Promise<unknown>>(identityPersons, event, {
      GuardianAppointed: ({ data: { personId, guardianId } }) =>
        rows.insertIfAbsent({ personId, guardianId }),
      PersonsMerged: ({ data }) => recordAlias(transaction, { ...data, merged: true }),
      PersonsUnmerged: ({ data }) => recordAlias(transaction, { ...data, merged: false }),
      ErasureBegun: (begun) => erasureBegun(transaction, begun),
      PersonalDataDestroyed: (destroyed) =>
        erasureEnded(transaction, destroyed, ({ data: { personId } }) => rows.delete({ personId })),
      ...IGNORED,
    });
  }
}
