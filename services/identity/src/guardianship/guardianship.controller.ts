import { identityRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { assert } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Guardianships } from './guardianships';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → guardianships. */
@Controller()
export class GuardianshipController {
  constructor(@Inject(Guardianships) private readonly guardianships: Guardianships) {}

  @Handles(routes.appointGuardian)
  async appoint({
    params: { personId },
    body,
    approvedBy,
  }: Input<'appointGuardian'>): Answer<'appointGuardian'> {
    await this.guardianships.appoint(personId, { ...body, approvedBy });
    return { personId, guardianId: body.guardianId };
  }

  @Handles(routes.endGuardianship)
  end({ params, body, subject, approvedBy }: Input<'endGuardianship'>): Promise<void> {
    assert(approvedBy !== undefined, 'what always needs an approval has one');
    const by = `${subject.id}, ${approvedBy}`;
    return this.guardianships.revoke(params.personId, params.guardianId, { ...body, by });
  }

  @Handles(routes.listGuardians)
  async list({ params: { personId } }: Input<'listGuardians'>): Answer<'listGuardians'> {
    return { guardians: await this.guardianships.list(personId) };
  }
}
