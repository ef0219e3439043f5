import { identityPersons, on } from '@caretab/contracts';
import { Consumes, erasureBegun, erasureEnded, type EventOf, type Handling } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Merges } from '../merge/merges';
import { Closings } from './closings';
import { Deaths } from './deaths';
import { Enrolments } from './enrolments';
import { Revocations } from './revocations';

/** Topic in → who is a child, on whose line, who took consents back, who has died, and who is merged. */
@Controller()
export class PersonConsumer {
  constructor(
    @Inject(Enrolments) private readonly enrolments: Enrolments,
    @Inject(Closings) private readonly closings: Closings,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(Deaths) private readonly deaths: Deaths,
    @Inject(Merges) private readonly merges: Merges,
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
      PersonsMerged: (merged) => this.merges.record(merged, transaction),
      PersonsUnmerged: (unmerged) => this.merges.record(unmerged, transaction),
      // The service was closed before.
      ErasureBegun: (begun) => erasureBegun(transaction, begun),
      PersonalDataDestroyed: (destroyed) =>
        erasureEnded(transaction, destroyed, (...one) => this.closings.forget(...one)),
    });
  }
}
