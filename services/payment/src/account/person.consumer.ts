import { identityPersons, on } from '@caretab/contracts';
import { Consumes, erasureBegun, erasureEnded, type EventOf, type Handling } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { AccountEnds } from './account-ends';
import { Deaths } from './deaths';

@Controller()
export class PersonConsumer {
  constructor(
    @Inject(AccountEnds) private readonly accounts: AccountEnds,
    @Inject(Deaths) private readonly deaths: Deaths,
  ) {}

  @Consumes({ from: identityPersons, group: 'payment.account' })
  persons(
    @Payload() event: EventOf<typeof identityPersons>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(identityPersons, event, {
      PersonRegistered: 'ignore',
      GuardianAppointed: 'ignore',
      GuardianshipEnded: 'ignore',
      ConsentsChanged: (changed) => this.accounts.consentsChanged(changed, transaction),
      PersonDied: (died) => this.deaths.record(died, transaction),
      PersonDeathTakenBack: (alive) => this.deaths.record(alive, transaction),
      // Bound accounts, mandates and dues stay under the ids that they have.
      PersonsMerged: 'ignore',
      PersonsUnmerged: 'ignore',
      ErasureBegun: (begun) => erasureBegun(transaction, begun),
      PersonalDataDestroyed: (destroyed) =>
        erasureEnded(transaction, destroyed, (...one) => this.accounts.forget(...one)),
    });
  }
}
