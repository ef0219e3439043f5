import { paymentRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { DomainError } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { decidersOf } from '../case/two-names';
import type { Decided } from '../case/open-case';
import { type Declaration, Declarations } from './declarations';
import { VisitPayments } from './visit-payments';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** Orders under an operator's hands. */
@Controller()
export class OrderController {
  constructor(
    @Inject(Declarations) private readonly declarations: Declarations,
    @Inject(VisitPayments) private readonly payments: VisitPayments,
  ) {}

  @Handles(routes.inquire)
  async inquire({ params: { orderId } }: Input<'inquire'>): Answer<'inquire'> {
    return this.payments.of(await this.declarations.inquire(orderId));
  }

  @Handles(routes.declare)
  async declare(asked: Input<'declare'>): Answer<'declare'> {
    const { params, body } = asked;
    const declaration = declarationOf({ ...body, ...decidersOf(asked) });
    return this.payments.of(await this.declarations.declare(params.orderId, declaration));
  }
}

const declarationOf = ({
  outcome,
  amountFen,
  channelReference,
  capturedAt,
  ...decided
}: Input<'declare'>['body'] & Decided): Declaration => {
  if (outcome === 'failed') return { ...decided, outcome };
  if (amountFen === undefined || channelReference === undefined || capturedAt === undefined)
    throw new DomainError('REQUEST_INVALID', 'invalid', {
      faults: Object.entries({ amountFen, channelReference, capturedAt })
        .filter(([, value]) => value === undefined)
        .map(([name]) => ({ field: `/${name}`, why: 'is needed for captured' })),
    });
  return { ...decided, outcome, amountFen, channelReference, capturedAt };
};
