import {
  type ChargesBody,
  edgeRoutes as routes,
  Reply,
  type RouteAnswer,
  type VisitBody,
  visitIdOf,
} from '@caretab/contracts';
import { HandlesUnchecked, type RawInput } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import type { Partners } from '../intake/partners';
import { withoutBraces } from '../intake/visit-number';
import { PARTNERS } from '../parts';
import { decisionOf, waitMsOf } from './decision';
import { HttpDoor } from './http-door';
import { actingInstitution, isInstitution } from './institution.guard';
import type { Action } from './requests';
import { VisitLedgerClient } from './visit-ledger.adapter';
import { ownVisitNumber } from './visit-of-path';

type Accepted = Promise<RouteAnswer<typeof routes.openVisit>>;

/** What hospitals send over HTTP. The intake checks bodies, because it keeps what it refuses. */
@Controller()
export class VisitsController {
  constructor(
    @Inject(HttpDoor) private readonly door: HttpDoor,
    @Inject(PARTNERS) private readonly partners: Partners,
    @Inject(VisitLedgerClient) private readonly ledger: VisitLedgerClient,
  ) {}

  @HandlesUnchecked(routes.openVisit)
  start(sent: RawInput): Accepted {
    return this.submit('start', sent);
  }

  @HandlesUnchecked(routes.openUnidentifiedVisit)
  async startUnidentified(
    sent: RawInput,
  ): Promise<RouteAnswer<typeof routes.openUnidentifiedVisit>> {
    // Its one event is its opening.
    return (await this.submit('startUnidentified', sent)) as RouteAnswer<
      typeof routes.openUnidentifiedVisit
    >;
  }

  @HandlesUnchecked(routes.postCharges)
  async charges(sent: RawInput): Promise<RouteAnswer<typeof routes.postCharges>> {
    const { receipt, kept } = await this.taken('charges', sent);
    const waitMs = waitMsOf(sent.headers['prefer']);
    if (waitMs === undefined || receipt.test) return new Reply(202, receipt);
    // Accepted, so the body is a sound one.
    const { charges } = sent.body as ChargesBody;
    const asked = charges.map(({ chargeId, amountFen }) => ({ chargeId, amountFen }));
    const decisions = [
      ...(await this.ledger.decisionsOn(kept, asked, { waitMs, carried: sent.subject })),
    ];
    const decision = decisionOf(decisions);
    const answer = { ...receipt, decision, decisions };
    return decision === 'undecided' ? new Reply(202, answer) : new Reply(200, answer);
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

  private async submit(action: Action, sent: RawInput): Accepted {
    return (await this.taken(action, sent)).receipt;
  }

  /** The answer, in which the visit has the hospital's own number, and the id under which it is kept. */
  private async taken(
    action: Action,
    { scopes, headers, params, body }: RawInput,
  ): Promise<{ readonly receipt: Awaited<Accepted>; readonly kept: string }> {
    const institutionId = actingInstitution(scopes);
    const { visitId } = params;
    const visitNumber =
      visitId === undefined
        ? undefined
        : await ownVisitNumber(institutionId, visitId, isInstitution(this.partners));
    const key = headers['idempotency-key'];
    // A repetition is answered exactly as the first time.
    const { repeated: _, ...receipt } = await this.door.submit(institutionId, {
      ...{ action, visitNumber, key, body },
    });
    // Accepted, so a body without a number in the path has one.
    const own = visitNumber ?? withoutBraces((body as VisitBody).visitNumber);
    return {
      receipt: { ...receipt, visitId: visitIdOf(institutionId, own) },
      kept: receipt.visitId,
    };
  }
}
