import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Accounts } from './accounts';

type Bind = typeof routes.bindAccount;

@Controller()
export class AccountController {
  constructor(@Inject(Accounts) private readonly accounts: Accounts) {}

  @Handles(routes.bindAccount)
  bind({ params: { personId }, body, approvedBy }: Asked<Bind>): Promise<RouteAnswer<Bind>> {
    return this.accounts.bind(personId, { ...body, approvedBy });
  }
}
