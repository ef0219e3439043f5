import { creditRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Scores } from './scores';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → scores. */
@Controller()
export class ScoreController {
  constructor(@Inject(Scores) private readonly scores: Scores) {}

  @Handles(routes.score)
  async put({
    params: { personId },
    body: { scoredAt, expiresAt, ...said },
    approvedBy,
  }: Input<'score'>): Answer<'score'> {
    const times = {
      scoredAt: new Date(scoredAt),
      ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    };
    return { personId, ...(await this.scores.put(personId, { ...said, ...times, approvedBy })) };
  }

  @Handles(routes.showScore)
  show({ params: { personId }, scopes }: Input<'showScore'>): Answer<'showScore'> {
    return this.scores.show(personId, scopes);
  }
}
