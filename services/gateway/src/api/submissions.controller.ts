import { edgeRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, concerning, Handles, STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { submissionsOf } from '../fate/submissions';
import type { Partners } from '../intake/partners';
import { VisitNames } from '../intake/visit-names';
import { PARTNERS } from '../parts';
import { actingInstitution, isInstitution } from './institution.guard';
import { readableVisit } from './visit-of-path';

type Input = Asked<typeof routes.listOwnSubmissions>;
type Answer = Promise<RouteAnswer<typeof routes.listOwnSubmissions>>;

/** What became of a hospital's own reports. No answer holds personal data. */
@Controller()
export class SubmissionsController {
  constructor(
    @Inject(PARTNERS) private readonly partners: Partners,
    @Inject(STORE) private readonly store: Store,
    @Inject(VisitNames) private readonly names: VisitNames,
  ) {}

  /** Throws READ_FORBIDDEN (forbidden) for another institution's visit. */
  @Handles(routes.listOwnSubmissions)
  async list({ scopes, query: { visit, ...range } }: Input): Answer {
    const institutionId = actingInstitution(scopes);
    const visitId =
      visit === undefined
        ? undefined
        : await readableVisit(scopes, visit, isInstitution(this.partners));
    const { submissions, next, persons } = await submissionsOf(this.store, institutionId, {
      ...range,
      visitId: visitId && (await this.names.kept(visitId)),
    });
    return concerning(persons, next === undefined ? { submissions } : { submissions, next });
  }
}
