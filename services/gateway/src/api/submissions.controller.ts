import { edgeRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles, STORE } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { submissionsOf } from '../fate/submissions';
import type { Partners } from '../intake/partners';
import { VisitNames } from '../intake/visit-names';
import { PARTNERS } from '../parts';
import { institutionOf, isInstitution } from './institution.guard';
import { completeVisitId, isOf } from './visit-of-path';

type Input = RouteInput<typeof routes.listOwnSubmissions>;
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
  async list({ headers, query: { visit, ...range } }: Input): Answer {
    const institutionId = await institutionOf(this.partners, headers['authorization']);
    const visitId =
      visit === undefined
        ? undefined
        : await completeVisitId(institutionId, visit, isInstitution(this.partners));
    if (visitId !== undefined && !isOf(institutionId, visitId))
      throw new DomainError('READ_FORBIDDEN', 'forbidden', {
        visitId,
        why: 'the visit is another institution’s',
      });
    const { submissions, next } = await submissionsOf(this.store, institutionId, {
      ...range,
      visitId: visitId && (await this.names.kept(visitId)),
    });
    return next === undefined ? { submissions } : { submissions, next };
  }
}
