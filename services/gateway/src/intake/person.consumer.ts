import { identityPersons, on } from '@caretab/contracts';
import {
  Consumes,
  erasureBegun,
  erasureEnded,
  type EventOf,
  type Handling,
  recordAlias,
} from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Forgetting } from './forgetting';

/** Topic in → forgetting, and who is merged. */
@Controller()
export class PersonConsumer {
  constructor(@Inject(Forgetting) private readonly forgetting: Forgetting) {}

  @Consumes({ from: identityPersons, group: 'gateway.intake' })
  async persons(
    @Payload() event: EventOf<typeof identityPersons>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> {
    await on(identityPersons, event, {
      PersonRegistered: (registered) => this.forgetting.registered(registered, transaction),
      GuardianAppointed: 'ignore',
      GuardianshipEnded: 'ignore',
      ConsentsChanged: 'ignore',
      PersonDied: 'ignore',
      PersonDeathTakenBack: 'ignore',
      PersonsMerged: ({ data }) => recordAlias(transaction, { ...data, merged: true }),
      PersonsUnmerged: ({ data }) => recordAlias(transaction, { ...data, merged: false }),
      ErasureBegun: (begun) => erasureBegun(transaction, begun),
      PersonalDataDestroyed: (destroyed) =>
        erasureEnded(transaction, destroyed, (...one) => this.forgetting.person(...one)),
    });
  }
}
