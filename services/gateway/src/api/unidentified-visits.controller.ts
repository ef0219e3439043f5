import { edgeRoutes, gatewayRoutes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, concerning, Handles } from '@caretab/host';
import { assert } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { standingAt } from '../intake/fault';
import type { Partners } from '../intake/partners';
import { VisitNames } from '../intake/visit-names';
import { PARTNERS } from '../parts';
import { CreditClient } from './credit.adapter';
import { actingInstitution } from './institution.guard';
import { VisitLedgerClient } from './visit-ledger.adapter';

type Routes = typeof edgeRoutes & typeof gatewayRoutes;
type Input<Name extends keyof Routes> = Asked<Routes[Name]>;
type Answer<Name extends keyof Routes> = Promise<RouteAnswer<Routes[Name]>>;

/** Patients whom no one knows: which there are, and who they turn out to be. */
@Controller()
export class UnidentifiedVisitsController {
  constructor(
    @Inject(PARTNERS) private readonly partners: Partners,
    @Inject(VisitLedgerClient) private readonly ledger: VisitLedgerClient,
    @Inject(CreditClient) private readonly credit: CreditClient,
    @Inject(VisitNames) private readonly names: VisitNames,
  ) {}

  @Handles(edgeRoutes.listOwnUnidentifiedVisits)
  async list({
    subject,
    scopes,
    query: { after },
  }: Input<'listOwnUnidentifiedVisits'>): Answer<'listOwnUnidentifiedVisits'> {
    return this.ledger.unidentifiedVisits(actingInstitution(scopes), after, subject);
  }

  /** After a second person's approval, which the chassis has seen. */
  @Handles(gatewayRoutes.identifyPatient)
  async identify({
    subject,
    params: { visitId },
    body: { credential },
    approval: linkId,
    approvedBy,
  }: Input<'identifyPatient'>): Answer<'identifyPatient'> {
    assert(linkId && approvedBy, 'no one says alone who an unidentified patient is');
    const institutionId = visitId.slice(0, visitId.indexOf('-'));
    const { personId } = await this.partners
      .personOf(
        { type: credential.type, value: credential.value, mobileEnd: credential.mobileEnd },
        { fresh: true, institutionId, use: visitId },
      )
      .catch(standingAt('/credential/value'));
    await this.credit.assertEnrolled(personId);
    const kept = await this.names.kept(visitId);
    const proposal = { personId, linkId, proposedBy: subject.id, approvedBy };
    const { linkId: asked, answerUntil } = await this.ledger.proposePatient(kept, proposal);
    return concerning([personId], { visitId, linkId: asked, answerUntil });
  }
}
