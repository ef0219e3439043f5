import { edgeRoutes, gatewayRoutes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { HolderCases } from '../intake/holder-cases';
import type { Partners } from '../intake/partners';
import { PARTNERS } from '../parts';
import { institutionOf } from './institution.guard';

type Routes = typeof edgeRoutes & typeof gatewayRoutes;
type Input<Name extends keyof Routes> = RouteInput<Routes[Name]>;
type Answer<Name extends keyof Routes> = Promise<RouteAnswer<Routes[Name]>>;

/** Visits whose holder is registered otherwise. No answer holds personal data. */
@Controller()
export class HolderCasesController {
  constructor(
    @Inject(PARTNERS) private readonly partners: Partners,
    @Inject(HolderCases) private readonly cases: HolderCases,
  ) {}

  @Handles(edgeRoutes.listOwnHolderCases)
  async own({ headers, query }: Input<'listOwnHolderCases'>): Answer<'listOwnHolderCases'> {
    const institutionId = await institutionOf(this.partners, headers['authorization']);
    return this.cases.list({ ...query, institutionId });
  }

  @Handles(gatewayRoutes.listHolderCases)
  list({ query }: Input<'listHolderCases'>): Answer<'listHolderCases'> {
    return this.cases.list(query);
  }

  @Handles(gatewayRoutes.closeHolderCases)
  async close({ body: { visitId, why } }: Input<'closeHolderCases'>): Answer<'closeHolderCases'> {
    return { visitId, closed: await this.cases.close(visitId, why) };
  }
}
