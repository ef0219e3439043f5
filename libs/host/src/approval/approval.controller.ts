import { approvalRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { Controller, Inject } from '@nestjs/common';
import { type Asked, Handles } from '../handles';
import { ApprovalsByService } from './four-eyes';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** HTTP in → approvals of every service. */
@Controller()
export class ApprovalController {
  constructor(@Inject(ApprovalsByService) private readonly approvals: ApprovalsByService) {}

  @Handles(routes.listApprovals)
  async list({
    subject,
    params: { service },
    query: { state = 'open', after },
  }: Input<'listApprovals'>): Answer<'listApprovals'> {
    return this.approvals.of(service).list(subject, { state, after });
  }

  @Handles(routes.decideApproval)
  async decide({
    subject,
    params: { service, id },
    body,
  }: Input<'decideApproval'>): Answer<'decideApproval'> {
    return this.approvals.of(service).decide(id, subject, body);
  }
}
