import { type RouteAnswer, type RouteInput, visitLedgerRoutes as routes } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Republication } from './republication';

type Input = RouteInput<typeof routes.publishAgain>;

/** Facts once more, for a service that lost them. */
@Controller()
export class RepublicationController {
  constructor(@Inject(Republication) private readonly republication: Republication) {}

  @Handles(routes.publishAgain)
  async publishAgain({
    body: { visitIds, from, until, after },
  }: Input): Promise<RouteAnswer<typeof routes.publishAgain>> {
    if (visitIds && (from ?? until ?? after) === undefined)
      return { published: (await this.republication.ofVisits(visitIds)).published };
    if (visitIds || from === undefined || until === undefined)
      throw new DomainError('REQUEST_INVALID', 'invalid', {
        faults: [{ field: '/', why: 'needs visitIds, or from and until' }],
      });
    const { published, next } = await this.republication.ofRange(
      new Date(from),
      new Date(until),
      after === undefined ? undefined : BigInt(after),
    );
    return next === undefined ? { published } : { published, next: next.toString() };
  }
}
