import { paymentRoutes as routes, type RouteAnswer, type RouteInput } from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Accounts } from './accounts';

type Bind = typeof routes.bindAccount;

@Controller()
export class AccountController {
  constructor(@Inject(Accounts) private readonly accounts: Accounts) {}

  @Handles(routes.bindAccount)
  bind({ params: { personId }, body }: RouteInput<Bind>): Promise<RouteAnswer<Bind>> {
    return this.accounts.bind(personId, body);
  }
}
