import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Accounts } from './accounts';

type Bind = typeof routes.bindAccount;
type Show = typeof routes.showAccount;
type Unbind = typeof routes.unbindAccount;

@Controller()
export class AccountController {
  constructor(@Inject(Accounts) private readonly accounts: Accounts) {}

  @Handles(routes.bindAccount)
  bind({ params: { personId }, body, approvedBy }: Asked<Bind>): Promise<RouteAnswer<Bind>> {
    return this.accounts.bind(personId, { ...body, approvedBy });
  }

  @Handles(routes.showAccount)
  show({ params: { personId } }: Asked<Show>): Promise<RouteAnswer<Show>> {
    return this.accounts.of(personId);
  }

  @Handles(routes.unbindAccount)
  unbind({ params: { personId } }: Asked<Unbind>): Promise<void> {
    return this.accounts.unbind(personId);
  }
}
