import { edgeRoutes, gatewayRoutes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, concerning, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { type HolderCaseRange, HolderCases } from '../intake/holder-cases';
import { actingInstitution } from './institution.guard';

type Routes = typeof edgeRoutes & typeof gatewayRoutes;
type Input<Name extends keyof Routes> = Asked<Routes[Name]>;
type Answer<Name extends keyof Routes> = Promise<RouteAnswer<Routes[Name]>>;

/** Visits whose holder is registered otherwise. No answer holds personal data. */
@Controller()
export class HolderCasesController {
  constructor(@Inject(HolderCases) private readonly cases: HolderCases) {}

  @Handles(edgeRoutes.listOwnHolderCases)
  async own({ scopes, query }: Input<'listOwnHolderCases'>): Answer<'listOwnHolderCases'> {
    return this.listed({ ...query, institutionId: actingInstitution(scopes) });
  }

  @Handles(gatewayRoutes.listHolderCases)
  list({ query }: Input<'listHolderCases'>): Answer<'listHolderCases'> {
    return this.listed(query);
  }

  @Handles(gatewayRoutes.closeHolderCases)
  async close({ body: { visitId, why } }: Input<'closeHolderCases'>): Answer<'closeHolderCases'> {
    const { closed, personId } = await this.cases.close(visitId, why);
    return concerning(personId === null ? [] : [personId], { visitId, closed });
  }

  private async listed(range: HolderCaseRange): Answer<'listHolderCases'> {
    const { persons, ...page } = await this.cases.list(range);
    return concerning(persons, page);
  }
}
