import { creditRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Enrolments } from '../enrolment/enrolments';
import { Accounts } from './accounts';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → accounts. */
@Controller()
export class AccountController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(Enrolments) private readonly enrolments: Enrolments,
  ) {}

  @Handles(routes.showAccount)
  show({
    params: { personId },
    query: { before },
    scopes,
  }: Asked<typeof routes.showAccount>): Answer<'showAccount'> {
    const down = before === undefined ? undefined : Number(before);
    return this.enrolments.show(personId, down, scopes);
  }

  @Handles(routes.freeze)
  freeze({ params: { personId }, body: { reason } }: Input<'freeze'>): Promise<void> {
    return this.accounts.freeze(personId, reason);
  }

  @Handles(routes.unfreeze)
  unfreeze({ params: { personId } }: Input<'unfreeze'>): Promise<void> {
    return this.accounts.unfreeze(personId);
  }

  @Handles(routes.summary)
  summary(): Answer<'summary'> {
    return this.accounts.summary();
  }
}
