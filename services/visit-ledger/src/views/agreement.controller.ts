import {
  AGREEMENT_BUCKETS,
  type RouteAnswer,
  type RouteInput,
  visitLedgerRoutes as routes,
} from '@caretab/contracts';
import { Handles, OwnSide, STORE } from '@caretab/host';
import type { Store } from '@caretab/store';
import { Controller, Inject } from '@nestjs/common';
import { ledgerLines } from './agreement-lines';

type Input<Name extends keyof typeof routes> = RouteInput<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** What neighbours compare themselves with. */
@Controller()
export class AgreementController {
  private readonly side: OwnSide;

  constructor(@Inject(STORE) store: Store) {
    this.side = new OwnSide(store, ledgerLines);
  }

  @Handles(routes.agreementDay)
  day({ params: { day } }: Input<'agreementDay'>): Answer<'agreementDay'> {
    return this.side.day(day);
  }

  @Handles(routes.agreementVisits)
  visits({
    params: { day },
    query: { buckets, after },
  }: Input<'agreementVisits'>): Answer<'agreementVisits'> {
    const numbers = buckets.split(',').map(Number);
    return this.side.visits(
      day,
      numbers.filter((number) => number < AGREEMENT_BUCKETS),
      after,
    );
  }
}
