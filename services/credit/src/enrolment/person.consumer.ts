import { identityPersons, on } from '@caretab/contracts';
import { Consumes, erasureBegun, erasureEnded, type EventOf, type Handling } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Closings } from './closings';
import { Deaths } from './deaths';
import { Enrolments } from './enrolments';
import { Revocations } from './revocations';

/** Topic in → who is a child, on whose line, who took consents back, and who has died. */
@Controller()
export class PersonConsumer {
  constructor(
    @Inject(Enrolments) private readonly enrolments: Enrolments,
    @Inject(Closings) private readonly closings: Closings,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(Deaths) private readonly deaths: Deaths,
  ) {}

  @Consumes({ from: identityPersons, group: 'credit.guardian' })
  persons(
    @Payload() event: EventOf<typeof identityPersons>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(identityPersons, event, {
      PersonRegistered: (registered) => this.enrolments.recordPerson(registered, transaction),
      GuardianAppointed: (appointed) => this.enrolments.recordPerson(appointed, transaction),
      GuardianshipEnded: (ended) => this.enrolments.endGuardianship(ended, transaction),
      ConsentsChanged: (changed) => this.revocations.record(changed, transaction),
      PersonDied: (died) => this.deaths.record(died, transaction),
      PersonDeathTakenBack: (alive) => this.deaths.record(alive, transaction),
      // The service was closed before.
      ErasureBegun: (begun) => erasureBegun(transaction, begun),
      PersonalDataDestroyed: (destroyed) =>
        erasureEnded(transaction, destroyed, (...one) => this.closings.forget(...one)),
    });
  }
}
