import { edgeRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { standingAt } from '../intake/fault';
import type { Partners } from '../intake/partners';
import { Presented } from '../intake/presented';
import { VisitNames } from '../intake/visit-names';
import { PARTNERS } from '../parts';
import { institutionOf } from './institution.guard';
import { Readers } from './reader.guard';
import { VisitLedgerClient } from './visit-ledger.adapter';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** What can be read at the edge. No answer holds personal data. */
@Controller()
export class ReadsController {
  constructor(
    @Inject(PARTNERS) private readonly partners: Partners,
    @Inject(VisitLedgerClient) private readonly ledger: VisitLedgerClient,
    @Inject(Readers) private readonly readers: Readers,
    @Inject(Presented) private readonly presented: Presented,
    @Inject(VisitNames) private readonly names: VisitNames,
  ) {}

  @Handles(routes.resolvePerson)
  async resolve({ headers, body }: Input<'resolvePerson'>): Answer<'resolvePerson'> {
    const institutionId = await institutionOf(this.partners, headers['authorization']);
    const { personId } = await this.partners
      .personOf(body, { fresh: true, institutionId })
      .catch(standingAt('/value'));
    await this.presented.note(institutionId, personId);
    return { personId };
  }

  @Handles(routes.showVisit)
  async visit({ headers, params: { visitId } }: Input<'showVisit'>): Answer<'showVisit'> {
    const named = await this.readers.readableVisit(headers['authorization'], visitId);
    return this.names.read(named, (kept) => this.ledger.visit(kept));
  }

  @Handles(routes.visitHistory)
  async history({ headers, params: { visitId } }: Input<'visitHistory'>): Answer<'visitHistory'> {
    const named = await this.readers.readableVisit(headers['authorization'], visitId);
    return this.names.read(named, (kept) => this.ledger.history(kept));
  }

  @Handles(routes.personVisits)
  async visitsOf({ headers, params: { personId } }: Input<'personVisits'>): Answer<'personVisits'> {
    this.readers.checkPerson(headers['authorization']);
    return this.ledger.visitsOf(personId);
  }
}
