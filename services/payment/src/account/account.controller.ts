import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import type { Subject } from '@caretab/access';
import { type Asked, Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { Accounts } from './accounts';
import type { BoundAccountRow } from './bound-account.table';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** The person, or the guardian of a ward; all else is staff. */
const isPerson = ({ roles }: Subject): boolean =>
  roles.some(({ kind }) => kind === 'Citizen' || kind === 'Guardian');

const shown = ({ personId, accountId, channel, boundAt }: BoundAccountRow) => ({
  ...{ personId, accountId, channel, boundAt },
});

@Controller()
export class AccountController {
  constructor(@Inject(Accounts) private readonly accounts: Accounts) {}

  @Handles(routes.bindAccount)
  async bind({ params, body, ...by }: Input<'bindAccount'>): Answer<'bindAccount'> {
    const asked = { ...body, isPerson: isPerson(by.subject), approvedBy: by.approvedBy };
    return shown(await this.accounts.bind(params.personId, asked));
  }

  @Handles(routes.bindFurtherAccount)
  async bindFurther({ params, body }: Input<'bindFurtherAccount'>): Answer<'bindFurtherAccount'> {
    return shown(await this.accounts.bindFurther(params.personId, body));
  }

  @Handles(routes.orderAccounts)
  order({ params, body, subject, approvedBy }: Input<'orderAccounts'>): Promise<void> {
    const by = { isPerson: isPerson(subject), approvedBy };
    return this.accounts.order(params.personId, body.accountIds, by);
  }

  @Handles(routes.limitAccount)
  limit({ params, body, subject, approvedBy }: Input<'limitAccount'>): Promise<void> {
    return this.accounts.limit(params, body, { isPerson: isPerson(subject), approvedBy });
  }

  @Handles(routes.showAccount)
  show({ params: { personId } }: Input<'showAccount'>): Answer<'showAccount'> {
    return this.accounts.of(personId);
  }

  @Handles(routes.unbindAccount)
  unbind({ params: { personId } }: Input<'unbindAccount'>): Promise<void> {
    return this.accounts.unbind(personId);
  }

  @Handles(routes.unbindOneAccount)
  unbindOne({ params }: Input<'unbindOneAccount'>): Promise<void> {
    return this.accounts.unbind(params.personId, params.accountId);
  }
}
