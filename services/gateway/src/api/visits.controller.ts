import { edgeRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { HandlesUnchecked, type RawInput } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import type { Partners } from '../intake/partners';
import { PARTNERS } from '../parts';
import { HttpDoor } from './http-door';
import { institutionOf, isInstitution } from './institution.guard';
import type { Action } from './requests';
import { ownVisitNumber } from './visit-of-path';

type Accepted = Promise<RouteAnswer<typeof routes.openVisit>>;

/** What hospitals send over HTTP. The intake checks bodies, because it keeps what it refuses. */
@Controller()
export class VisitsController {
  constructor(
    @Inject(HttpDoor) private readonly door: HttpDoor,
    @Inject(PARTNERS) private readonly partners: Partners,
  ) {}

  @HandlesUnchecked(routes.openVisit)
  start(sent: RawInput): Accepted {
    return this.submit('start', sent);
  }

  @HandlesUnchecked(routes.postCharges)
  charges(sent: RawInput): Accepted {
    return this.submit('charges', sent);
  }

  @HandlesUnchecked(routes.returnCharge)
  returns(sent: RawInput): Accepted {
    return this.submit('returns', sent);
  }

  @HandlesUnchecked(routes.updateVisit)
  update(sent: RawInput): Accepted {
    return this.submit('update', sent);
  }

  @HandlesUnchecked(routes.endVisit)
  end(sent: RawInput): Accepted {
    return this.submit('end', sent);
  }

  @HandlesUnchecked(routes.reopenVisit)
  reopen(sent: RawInput): Accepted {
    return this.submit('reopen', sent);
  }

  @HandlesUnchecked(routes.cancelVisit)
  cancel(sent: RawInput): Accepted {
    return this.submit('cancel', sent);
  }

  private async submit(action: Action, { headers, params, body }: RawInput): Accepted {
    const institutionId = await institutionOf(this.partners, headers['authorization']);
    const { visitId } = params;
    // A repetition is answered exactly as the first time.
    const { repeated: _, ...receipt } = await this.door.submit(institutionId, {
      action,
      visitNumber:
        visitId === undefined
          ? undefined
          : await ownVisitNumber(institutionId, visitId, isInstitution(this.partners)),
      key: headers['idempotency-key'],
      body,
    });
    return receipt;
  }
}
