import { linePolicyRoutes as routes, Reply, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { assert } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { Accounts } from '../account/accounts';
import { PolicyDesk } from './policy-desk';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → line policies. */
@Controller()
export class PolicyController {
  constructor(
    @Inject(PolicyDesk) private readonly desk: PolicyDesk,
    @Inject(Accounts) private readonly accounts: Accounts,
  ) {}

  @Handles(routes.putLinePolicy)
  async put({ subject, body }: Input<'putLinePolicy'>): Answer<'putLinePolicy'> {
    const { created, policy } = await this.desk.put(body, subject.id);
    return created ? new Reply(201, policy) : new Reply(200, policy);
  }

  @Handles(routes.listLinePolicies)
  list({ query: { after } }: Input<'listLinePolicies'>): Answer<'listLinePolicies'> {
    return this.desk.list(after);
  }

  @Handles(routes.showLinePolicy)
  show({ params: { version } }: Input<'showLinePolicy'>): Answer<'showLinePolicy'> {
    return this.desk.show(version);
  }

  @Handles(routes.tryLinePolicy)
  dryRun({ params: { version } }: Input<'tryLinePolicy'>): Answer<'tryLinePolicy'> {
    return this.desk.dryRun(version);
  }

  @Handles(routes.listLineChanges)
  changes({
    params: { version },
    query: { after },
  }: Input<'listLineChanges'>): Answer<'listLineChanges'> {
    return this.desk.changes(version, after);
  }

  @Handles(routes.approveLinePolicy)
  approve({
    params: { version },
    approvedBy,
  }: Input<'approveLinePolicy'>): Answer<'approveLinePolicy'> {
    assert(approvedBy, 'a line policy is approved by another person');
    return this.desk.approve(version, approvedBy);
  }

  @Handles(routes.dropLinePolicy)
  drop({ params: { version }, subject }: Input<'dropLinePolicy'>): Promise<void> {
    return this.desk.drop(version, subject.id);
  }

  @Handles(routes.showLineAt)
  lineAt({
    params: { personId },
    query: { at },
    scopes,
  }: Asked<typeof routes.showLineAt>): Answer<'showLineAt'> {
    return this.accounts.lineAt(personId, new Date(at), scopes);
  }
}
