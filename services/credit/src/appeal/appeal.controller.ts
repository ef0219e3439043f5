import { Reply, type RouteAnswer, scoreAppealRoutes as routes } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Appeals } from './appeals';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → appeals against scores. */
@Controller()
export class AppealController {
  constructor(@Inject(Appeals) private readonly appeals: Appeals) {}

  @Handles(routes.openScoreAppeal)
  async open({
    params: { personId },
    body: { ground },
    subject,
  }: Input<'openScoreAppeal'>): Answer<'openScoreAppeal'> {
    const { appeal, created } = await this.appeals.open(personId, ground, subject.id);
    return created ? new Reply(201, appeal) : new Reply(200, appeal);
  }

  @Handles(routes.listOwnScoreAppeals)
  ofPerson({
    params: { personId },
    scopes,
  }: Input<'listOwnScoreAppeals'>): Answer<'listOwnScoreAppeals'> {
    return this.appeals.ofPerson(personId, scopes);
  }

  @Handles(routes.listScoreAppeals)
  list({ query: { after } }: Input<'listScoreAppeals'>): Answer<'listScoreAppeals'> {
    return this.appeals.list(after);
  }

  @Handles(routes.ownScoreAppeal)
  own({ params: { appealId }, subject }: Input<'ownScoreAppeal'>): Answer<'ownScoreAppeal'> {
    return this.appeals.own(appealId, subject.id);
  }

  @Handles(routes.decideScoreAppeal)
  decide({
    params: { appealId },
    body: { why, override },
    subject,
    approvedBy,
  }: Input<'decideScoreAppeal'>): Answer<'decideScoreAppeal'> {
    const decision = override
      ? {
          ...{ outcome: 'overridden' as const, why, score: override.score },
          scoredAt: new Date(override.scoredAt),
        }
      : { outcome: 'stands' as const, why };
    return this.appeals.decide(appealId, decision, { decidedBy: subject.id, approvedBy });
  }
}
