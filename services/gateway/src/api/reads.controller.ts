import { edgeRoutes as routes, type RouteAnswer, visitIdOf } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { standingAt } from '../intake/fault';
import { Lookups } from '../intake/lookups';
import type { Partners } from '../intake/partners';
import { believed, presenceBy, presenceOf } from '../intake/presence';
import { Presented } from '../intake/presented';
import { withoutBraces } from '../intake/visit-number';
import { VisitNames } from '../intake/visit-names';
import { PARTNERS } from '../parts';
import { actingInstitution, isInstitution } from './institution.guard';
import { VisitLedgerClient } from './visit-ledger.adapter';
import { readableVisit } from './visit-of-path';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** What can be read at the edge. No answer holds personal data. */
@Controller()
export class ReadsController {
  constructor(
    @Inject(PARTNERS) private readonly partners: Partners,
    @Inject(VisitLedgerClient) private readonly ledger: VisitLedgerClient,
    @Inject(Presented) private readonly presented: Presented,
    @Inject(VisitNames) private readonly names: VisitNames,
    @Inject(Lookups) private readonly lookups: Lookups,
  ) {}

  @Handles(routes.resolvePerson)
  async resolve({ scopes, body }: Input<'resolvePerson'>): Answer<'resolvePerson'> {
    const institutionId = actingInstitution(scopes);
    this.lookups.take(institutionId);
    const { presence, visitNumber, ...credential } = body;
    const use = visitNumber && visitIdOf(institutionId, withoutBraces(visitNumber));
    const profile = await this.partners.profileOf(institutionId);
    const { personId } = await this.partners
      .personOf(believed(credential, profile), { fresh: true, institutionId, use })
      .catch(standingAt('/value'));
    const shown = presenceOf({ presence }, presenceBy(credential), profile);
    await this.presented.note(institutionId, personId, shown);
    return { personId };
  }

  @Handles(routes.showVisit)
  async visit({ subject, scopes, params: { visitId } }: Input<'showVisit'>): Answer<'showVisit'> {
    const named = await readableVisit(scopes, visitId, isInstitution(this.partners));
    return this.names.read(named, (kept) => this.ledger.visit(kept, subject));
  }

  @Handles(routes.visitHistory)
  async history({
    subject,
    scopes,
    params: { visitId },
  }: Input<'visitHistory'>): Answer<'visitHistory'> {
    const named = await readableVisit(scopes, visitId, isInstitution(this.partners));
    return this.names.read(named, (kept) => this.ledger.history(kept, subject));
  }

  @Handles(routes.preSettlement)
  async preSettlement({
    subject,
    scopes,
    params: { visitId },
  }: Input<'preSettlement'>): Answer<'preSettlement'> {
    const named = await readableVisit(scopes, visitId, isInstitution(this.partners));
    return this.names.read(named, (kept) => this.ledger.preSettlement(kept, subject));
  }

  @Handles(routes.personVisits)
  visitsOf({ subject, params: { personId } }: Input<'personVisits'>): Answer<'personVisits'> {
    return this.ledger.visitsOf(personId, subject);
  }
}
