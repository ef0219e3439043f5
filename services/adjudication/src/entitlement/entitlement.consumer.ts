import { hospitalVisitEvents, on } from '@caretab/contracts';
import { Consumes, type EventOf, type Handling } from '@caretab/bus';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Entitlements } from './entitlements';

const IGNORED = {
  UnidentifiedVisitStarted: 'ignore',
  VisitUpdated: 'ignore',
  VisitWithdrawn: 'ignore',
  VisitEnded: 'ignore',
  VisitReopened: 'ignore',
  ChargePosted: 'ignore',
  ChargeCredited: 'ignore',
  ChargeReturned: 'ignore',
} as const;

/** Topic in → what hospitals forward of the centre's answers. */
@Controller()
export class EntitlementConsumer {
  constructor(@Inject(Entitlements) private readonly entitlements: Entitlements) {}

  @Consumes({ from: hospitalVisitEvents, group: 'adjudication.entitlement', ignored: IGNORED })
  hospitals(
    @Payload() event: EventOf<typeof hospitalVisitEvents>,
    @Ctx() { transaction }: Handling,
  ): Promise<void> | undefined {
    return on(hospitalVisitEvents, event, {
      VisitStarted: (started) => this.entitlements.note(started, transaction),
      ...IGNORED,
    });
  }
}
