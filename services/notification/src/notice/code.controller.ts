import {
  notificationRoutes as routes,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { CodeMessages } from './codes';

type Route = typeof routes.sendCode;

/** Sends identity's codes. */
@Controller()
export class CodeController {
  constructor(@Inject(CodeMessages) private readonly codes: CodeMessages) {}

  @Handles(routes.sendCode)
  async send({ body }: RouteInput<Route>): Promise<RouteAnswer<Route>> {
    return { outcome: await this.codes.send(body) };
  }
}
