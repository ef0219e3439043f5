import { cardPlatformRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, concerning, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { CardPlatforms } from './card-platforms';
import { askerOf } from './card-scope';
import { CardStatistics } from './card-statistics';
import type { CardRow } from './card.table';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** How the card stands; the record of access has whose it is, and the answer does not. */
const standing = ({ requestId }: { requestId: string }, card: CardRow) => {
  const { cardId, medium, status } = card;
  return concerning([card.personId], { requestId, cardId, medium, status });
};
const personIn = (personId: string | undefined): string[] => (personId ? [personId] : []);

/** HTTP in → card platforms. */
@Controller()
export class CardPlatformController {
  constructor(
    @Inject(CardPlatforms) private readonly platforms: CardPlatforms,
    @Inject(CardStatistics) private readonly statistics: CardStatistics,
  ) {}

  @Handles(routes.checkIdCard)
  async checkIdCard({ body, subject }: Input<'checkIdCard'>): Answer<'checkIdCard'> {
    const personId = await this.platforms.holderOf(body, askerOf(subject));
    return concerning(personIn(personId), { match: personId !== undefined });
  }

  @Handles(routes.checkCard)
  async checkCard({ body, subject }: Input<'checkCard'>): Answer<'checkCard'> {
    const { personId, ...answer } = await this.platforms.check(body, askerOf(subject));
    return concerning(personIn(personId), answer);
  }

  @Handles(routes.syncIssue)
  async issue({ body, subject }: Input<'syncIssue'>): Answer<'syncIssue'> {
    return standing(body, await this.platforms.issue(body, askerOf(subject)));
  }

  @Handles(routes.syncStatus)
  async change({ body, subject }: Input<'syncStatus'>): Answer<'syncStatus'> {
    return standing(body, await this.platforms.change(body, askerOf(subject)));
  }

  @Handles(routes.syncReplacement)
  async replace({ body, subject }: Input<'syncReplacement'>): Answer<'syncReplacement'> {
    return standing(body, await this.platforms.replace(body, askerOf(subject)));
  }

  @Handles(routes.modifyCard)
  async modify({ body, subject }: Input<'modifyCard'>): Answer<'modifyCard'> {
    return standing(body, await this.platforms.modify(body, askerOf(subject)));
  }

  @Handles(routes.syncResident)
  async resident({ body, subject }: Input<'syncResident'>): Answer<'syncResident'> {
    const told = await this.platforms.tellResident(body, askerOf(subject));
    const { requestId } = body;
    return concerning(personIn(told.personId), { requestId, result: told.result });
  }

  @Handles(routes.readCardStatistics)
  async count({ query, subject }: Input<'readCardStatistics'>): Answer<'readCardStatistics'> {
    const { scope } = askerOf(subject);
    return { operations: await this.statistics.read(scope, query.from, query.through) };
  }
}
