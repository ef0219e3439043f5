import { adjudicationRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Memberships } from './memberships';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

@Controller()
export class MembershipController {
  constructor(@Inject(Memberships) private readonly memberships: Memberships) {}

  @Handles(routes.replaceMemberships)
  replace({
    params: { personId },
    body: { memberships },
  }: Input<'replaceMemberships'>): Answer<'replaceMemberships'> {
    return this.memberships.replace(personId, memberships);
  }

  @Handles(routes.showMemberships)
  show({ scopes, params: { personId } }: Input<'showMemberships'>): Answer<'showMemberships'> {
    return this.memberships.within(scopes, personId);
  }
}
