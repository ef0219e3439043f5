import { identityPersons, on } from '@caretab/contracts';
import { Consumes, erasureBegun, erasureEnded, type EventOf, type Handling } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Closings } from './closings';
import { Enrolments } from './enrolments';

/** Topic in → who is a child, and on whose line. */
@Controller()
export class PersonConsumer {
  constructor(
    @Inject(Enrolments) private readonly enrolments: Enrolments,
    @Inject(Closings) private readonly closings: Closings,
  ) {}

  @Consumes({ from: identityPersons, group: 'credit.guardian' })
  persons(
    @Payload() event: EventOf<typeof identityPersons>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(identityPersons, event, {
      PersonRegistered: (registered) => this.enrolments.recordPerson(registered, transaction),
      GuardianAppointed: (appointed) => this.enrolments.recordPerson(appointed, transaction),
      // The service was closed before.
      ErasureBegun: (begun) => erasureBegun(transaction, begun),
      PersonalDataDestroyed: (destroyed) =>
        erasureEnded(transaction, destroyed, (...one) => this.closings.forget(...one)),
    });
  }
}
