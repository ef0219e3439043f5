import {
  notificationRoutes as routes,
  type RouteAnswer,
  type RouteInput,
} from '@caretab/contracts';
import { Handles } from '@caretab/host';
import { Controller, Inject } from '@nestjs/common';
import { AgreementCodes } from './agreement-codes';

type Route = typeof routes.resolveAgreementCode;

/** Resolves citizens' codes for the edge. */
@Controller()
export class AgreementCodeController {
  constructor(@Inject(AgreementCodes) private readonly codes: AgreementCodes) {}

  @Handles(routes.resolveAgreementCode)
  resolve({ body }: RouteInput<Route>): Promise<RouteAnswer<Route>> {
    return this.codes.resolve(body.code);
  }
}
