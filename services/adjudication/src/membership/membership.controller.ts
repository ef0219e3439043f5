import {
  adjudicationRoutes as routes,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Memberships } from './memberships';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
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
  show({ params: { personId } }: Input<'showMemberships'>): Answer<'showMemberships'> {
    return this.memberships.of(personId);
  }
}
