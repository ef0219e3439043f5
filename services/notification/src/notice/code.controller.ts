import {
  notificationRoutes as routes,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { CodeMessages } from './codes';
import { VisitCodes } from './visit-codes';

type Route = typeof routes.sendCode;

/** Sends identity's codes, and those by which visits are confirmed at a desk. */
@Controller()
export class CodeController {
  constructor(
    @Inject(CodeMessages) private readonly codes: CodeMessages,
    @Inject(VisitCodes) private readonly visits: VisitCodes,
  ) {}

  @Handles(routes.sendCode)
  async send({ body }: RouteInput<Route>): Promise<RouteAnswer<Route>> {
    return { outcome: await this.codes.send(body) };
  }

  @Handles(routes.sendVisitCode)
  sendVisitCode({
    body: { visitId, personId },
  }: RouteInput<typeof routes.sendVisitCode>): Promise<RouteAnswer<typeof routes.sendVisitCode>> {
    return this.visits.send(visitId, personId);
  }

  @Handles(routes.checkVisitCode)
  checkVisitCode({
    body: { visitId, code },
  }: RouteInput<typeof routes.checkVisitCode>): Promise<RouteAnswer<typeof routes.checkVisitCode>> {
    return this.visits.check(visitId, code);
  }
}
