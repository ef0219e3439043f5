import { loanRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, Handles } from '@caretab/host';
import { assert, type Clock } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import type { Loan } from './loan';
import { assertSigned } from './loan-notice';
import { LoanNotices } from './loan-notices';

type Input<Name extends keyof typeof routes> = Asked<(typeof routes)[Name]>;
type Answer<Name extends keyof typeof routes> = Promise<RouteAnswer<(typeof routes)[Name]>>;

/** What signs the notices of banks, and by which clock. */
export const NOTICED = Symbol('notices of banks');
export interface Noticed {
  readonly clock: Clock;
  readonly secret: string | undefined;
}

/** HTTP in → loans of banks. */
@Controller()
export class LoanController {
  constructor(
    @Inject(LoanNotices) private readonly notices: LoanNotices,
    @Inject(NOTICED) private readonly noticed: Noticed,
  ) {}

  @Handles(routes.noticeLoan)
  notice({ body }: Input<'noticeLoan'>): Answer<'noticeLoan'> {
    const { clock, secret } = this.noticed;
    assertSigned(body, { secret, now: clock.now() });
    const { lenderId, visitId, kind, amountFen, at } = body;
    return this.notices.take(
      kind === 'repaid'
        ? { lenderId, visitId, kind, repaidFen: amountFen }
        : { lenderId, visitId, kind, since: new Date(at) },
    );
  }

  @Handles(routes.listLoanDifferences)
  async differences(): Answer<'listLoanDifferences'> {
    return { differences: (await this.notices.differences()).map(shown) };
  }
}

const shown = (loan: Loan) => {
  assert(loan.difference && loan.differsSince, 'a difference is one since then');
  return {
    ...{ visitId: loan.visitId, lenderId: loan.lenderId, repaidFen: loan.repaidFen },
    wanted: { state: loan.wantedState, amountFen: loan.wantedFen },
    mirrored: { state: loan.state, amountFen: loan.amountFen },
    ...{ difference: loan.difference, differsSince: loan.differsSince },
  };
};
