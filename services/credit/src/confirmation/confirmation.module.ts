import { Jobs } from '@caretab/host';
import { meter } from '@caretab/telemetry';
import { type DynamicModule, Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import type { Accounts } from '../account/accounts';
import type { CreditParts } from '../credit-parts';
import { holdPolicy } from '../hold/hold-policy';
import type { Loans } from '../lender/loans';
import { ConfirmationController } from './confirmation.controller';
import { VisitConfirmations } from './visit-confirmations';

/** A visit that is declined late waits no longer than this beyond its time. */
const INTERVAL_MS = 2_000;

@Injectable()
class ConfirmationJob implements OnModuleInit {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(VisitConfirmations) private readonly confirmations: VisitConfirmations,
  ) {}

  onModuleInit(): void {
    this.jobs.every('credit.end-confirmations', INTERVAL_MS, () => this.confirmations.runOnce());
  }
}

@Module({})
class ConfirmationModule {}

/** The word of who pays about each visit, where the line policy asks for it. */
export const confirming = (
  { store, clock }: CreditParts,
  accounts: Accounts,
  loans: Loans,
): { readonly confirmations: VisitConfirmations; readonly module: DynamicModule } => {
  const counter = meter('caretab.credit').createCounter('caretab.credit.visit_confirmations', {
    description: 'Words of who pays about a visit, by what became of it',
  });
  const confirmations = new VisitConfirmations({
    ...{ store, clock, accounts, loans, policy: holdPolicy },
    count: (state) => counter.add(1, { state }),
  });
  const providers = [{ provide: VisitConfirmations, useValue: confirmations }, ConfirmationJob];
  const controllers = [ConfirmationController];
  return { confirmations, module: { module: ConfirmationModule, controllers, providers } };
};
