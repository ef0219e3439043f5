import { creditRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
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
  show({ params: { personId }, query: { before } }: Input<'showAccount'>): Answer<'showAccount'> {
    return this.enrolments.show(personId, before === undefined ? undefined : Number(before));
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
