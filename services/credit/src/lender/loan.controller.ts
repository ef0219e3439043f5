import { loanRoutes as routes, type RouteAnswer } from '@caretab/contracts';
import { type Asked, concerning, Handles, Jobs } from '@caretab/host';
import { assert, type Clock } from '@caretab/kernel';
import { Controller, Inject } from '@nestjs/common';
import { BankLines } from './bank-lines';
import type { Loan } from './loan';
import { assertSigned } from './loan-notice';
import { LoanNotices } from './loan-notices';
import { LoanRepairs, proposedFor } from './loan-repairs';

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
    @Inject(BankLines) private readonly lines: BankLines,
    @Inject(LoanRepairs) private readonly repairs: LoanRepairs,
    @Inject(NOTICED) private readonly noticed: Noticed,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  @Handles(routes.noticeLoan)
  notice({ body }: Input<'noticeLoan'>): Answer<'noticeLoan'> {
    const { clock, secret } = this.noticed;
    const { lenderId, visitId, kind, amountFen, at } = body;
    assertSigned(body, [visitId, kind, amountFen], { secret, now: clock.now() });
    return this.notices.take(
      kind === 'repaid'
        ? { lenderId, visitId, kind, repaidFen: amountFen }
        : { lenderId, visitId, kind, since: new Date(at) },
    );
  }

  @Handles(routes.noticeBankLine)
  async lineNotice({ body }: Input<'noticeBankLine'>): Answer<'noticeBankLine'> {
    const { clock, secret } = this.noticed;
    const { lenderId, personId, lineFen, at } = body;
    assertSigned(body, [personId, 'line', lineFen], { secret, now: clock.now() });
    await this.lines.take({ lenderId, personId, lineFen, at: new Date(at) });
  }

  @Handles(routes.showBankLines)
  async bankLines({
    params: { personId },
    scopes,
  }: Input<'showBankLines'>): Answer<'showBankLines'> {
    return { personId, lines: await this.lines.of(personId, scopes) };
  }

  @Handles(routes.listLoanDifferences)
  async differences(): Answer<'listLoanDifferences'> {
    return { differences: (await this.notices.differences()).map(shown) };
  }

  @Handles(routes.repairLoan)
  async repair({
    params: { visitId },
    body,
    subject,
    approvedBy,
  }: Input<'repairLoan'>): Answer<'repairLoan'> {
    assert(approvedBy !== undefined, 'what two people decide carries an approval');
    const decided = { ...body, declaredBy: subject.id, approvedBy };
    const loan = await this.repairs.decide(visitId, decided);
    this.jobs.wake('credit.ask-lenders');
    return this.whole(loan);
  }

  @Handles(routes.showLoan)
  async show({ params: { visitId } }: Input<'showLoan'>): Answer<'showLoan'> {
    return this.whole(await this.notices.show(visitId));
  }

  /** Who looked at it, and at whose, is recorded. */
  private async whole(loan: Loan) {
    const repairs = await this.repairs.of(loan.visitId);
    const persons = [...new Set([loan.personId, loan.accountPersonId])];
    return concerning(persons, { ...mirrored(loan), repairs });
  }
}

const mirrored = (loan: Loan) => ({
  ...{ visitId: loan.visitId, lenderId: loan.lenderId, repaidFen: loan.repaidFen },
  wanted: { state: loan.wantedState, amountFen: loan.wantedFen },
  mirrored: { state: loan.state, amountFen: loan.amountFen },
});

const shown = (loan: Loan) => {
  const { difference, differsSince, saidRepaidFen, refusedFor, refusals, orders } = loan;
  assert(difference && differsSince, 'a difference is one since then');
  return {
    ...{ ...mirrored(loan), difference, differsSince, proposed: proposedFor(loan) },
    evidence: { orders, refusals, saidRepaidFen, ...(refusedFor !== null && { refusedFor }) },
  };
};
