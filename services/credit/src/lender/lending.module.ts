import { Jobs } from '@caretab/host';
import { type DynamicModule, Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import type { Accounts } from '../account/accounts';
import type { CreditParts } from '../credit-parts';
import { holdPolicy } from '../hold/hold-policy';
import type { LinePolicies } from '../policy/line-policies';
import { BankLines } from './bank-lines';
import { LenderGateway } from './lender.gateway';
import { LoanController, NOTICED } from './loan.controller';
import { LoanNotices } from './loan-notices';
import { LoanRepairs } from './loan-repairs';
import { Loans } from './loans';
import { observeLoans } from './metrics';

/** Of one question; shorter than a lease. */
const ASK_TIMEOUT_MS = 5_000;
/** A visit waits for the bank's answer. */
const INTERVAL_MS = 1_000;

@Injectable()
class LoanJob implements OnModuleInit {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(Loans) private readonly loans: Loans,
    @Inject(BankLines) private readonly lines: BankLines,
  ) {}

  onModuleInit(): void {
    this.jobs.every('credit.ask-lenders', INTERVAL_MS, () => this.loans.runOnce());
    this.jobs.every('credit.ask-bank-lines', INTERVAL_MS, () => this.lines.runOnce());
  }
}

@Module({})
export class LendingModule {}

/** Loans of banks, what asks them, and their door. */
export const lending = (
  { config, store, clock, fetch }: CreditParts,
  accounts: Accounts,
  policies: LinePolicies,
): { readonly loans: Loans; readonly bankLines: BankLines; readonly module: DynamicModule } => {
  const { CREDIT_LENDER_URL: url, CREDIT_LENDER_SECRET: secret } = config;
  const lender =
    url !== undefined && secret !== undefined
      ? new LenderGateway({ url, secret, timeoutMs: ASK_TIMEOUT_MS, clock, fetch })
      : undefined;
  const count = observeLoans(store, clock);
  const loans = new Loans({ store, clock, accounts, policy: holdPolicy, lender, count });
  const bankLines = new BankLines({ store, clock, policies, lender, count });
  const providers = [
    { provide: Loans, useValue: loans },
    { provide: BankLines, useValue: bankLines },
    { provide: LoanNotices, useValue: new LoanNotices({ store, clock, accounts }) },
    { provide: LoanRepairs, useValue: new LoanRepairs({ store, clock, accounts }) },
    { provide: NOTICED, useValue: { clock, secret } },
    LoanJob,
  ];
  const module = { module: LendingModule, controllers: [LoanController], providers };
  return { loans, bankLines, module };
};
