import { Jobs, STORE } from '@caretab/host';
import { type DynamicModule, Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { AccountController } from './account/account.controller';
import { Accounts } from './account/accounts';
import { AppealController } from './appeal/appeal.controller';
import { Appeals } from './appeal/appeals';
import { observeAppeals } from './appeal/metrics';
import { Arrears } from './arrears/arrears';
import { ArrearsController } from './arrears/arrears.controller';
import { arrearsPolicy } from './arrears/arrears-policy';
import { observeArrears } from './arrears/metrics';
import { Objections } from './arrears/objections';
import { PaymentConsumer } from './arrears/payment.consumer';
import { WriteOffs } from './arrears/write-offs';
import type { CreditParts as Parts } from './credit-parts';
import { Closings } from './enrolment/closings';
import { Deaths } from './enrolment/deaths';
import { EnrolmentController, WAIT } from './enrolment/enrolment.controller';
import { Enrolments } from './enrolment/enrolments';
import { PersonConsumer } from './enrolment/person.consumer';
import { Revocations } from './enrolment/revocations';
import { Grants } from './hold/grants';
import { HoldConsumer } from './hold/hold.consumer';
import { HoldExpiry } from './hold/hold-expiry';
import { holdPolicy } from './hold/hold-policy';
import { observeOverdueStays } from './hold/metrics';
import { HoldPauses } from './hold/hold-pauses';
import { Holds } from './hold/holds';
import { confirming } from './confirmation/confirmation.module';
import { lending } from './lender/lending.module';
import { Merges } from './merge/merges';
import { LinePolicies } from './policy/line-policies';
import { observeFollowing } from './policy/metrics';
import { PolicyController } from './policy/policy.controller';
import { PolicyDesk } from './policy/policy-desk';
import { PolicyRollout } from './policy/policy-rollout';
import { CreditPlatformGateway } from './score/credit-platform.gateway';
import { observeScoreQueries } from './score/metrics';
import { ScoreController } from './score/score.controller';
import { ScoreQueries } from './score/score-queries';
import { ScoreWarnings } from './score/score-warnings';
import { Scores } from './score/scores';

/** Of one question outside; shorter than a lease. */
const ASK_TIMEOUT_MS = 5_000;

const EXPIRY_INTERVAL_MS = Symbol('expiry period');
const POLICY_INTERVAL_MS = Symbol('policy period');

@Injectable()
class ExpiryJob implements OnModuleInit {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(HoldExpiry) private readonly expiry: HoldExpiry,
    @Inject(ScoreWarnings) private readonly warnings: ScoreWarnings,
    @Inject(ScoreQueries) private readonly queries: ScoreQueries,
    @Inject(EXPIRY_INTERVAL_MS) private readonly intervalMs: number,
  ) {}

  onModuleInit(): void {
    this.jobs.every('credit.expire-holds', this.intervalMs, () => this.expiry.runOnce());
    this.jobs.every('credit.warn-of-scores', this.intervalMs, () => this.warnings.runOnce());
    this.jobs.every('credit.ask-scores', this.intervalMs, () => this.queries.runOnce());
  }
}

@Injectable()
class EndingJob implements OnModuleInit {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(Arrears) private readonly arrears: Arrears,
    @Inject(EXPIRY_INTERVAL_MS) private readonly intervalMs: number,
  ) {}

  onModuleInit(): void {
    this.jobs.every('credit.close-ending', this.intervalMs, () => this.revocations.closeDue());
    this.jobs.every('credit.follow-arrears', this.intervalMs, () => this.arrears.runOnce());
  }
}

@Injectable()
class PolicyJob implements OnModuleInit {
  constructor(
    @Inject(Jobs) private readonly jobs: Jobs,
    @Inject(PolicyRollout) private readonly rollout: PolicyRollout,
    @Inject(LinePolicies) private readonly policies: LinePolicies,
    @Inject(POLICY_INTERVAL_MS) private readonly intervalMs: number,
  ) {}

  async onModuleInit(): Promise<void> {
    // Before anything is asked for: what was approved here is in force too.
    await this.policies.refresh();
    this.jobs.every('credit.follow-policy', this.intervalMs, () => this.rollout.runOnce());
  }
}

@Module({})
export class CreditModule {}

/** The credit platform, where the operator's settings name one. */
const platformOf = ({ config, clock, fetch }: Parts): CreditPlatformGateway | undefined => {
  const { CREDIT_SCORE_URL: url, CREDIT_SCORE_SECRET: secret } = config;
  return url !== undefined && secret !== undefined
    ? new CreditPlatformGateway({ url, secret, timeoutMs: ASK_TIMEOUT_MS, clock, fetch })
    : undefined;
};

/** Wires doors, rows and the expiry of holds. */
export const creditModule = (parts: Parts): DynamicModule => {
  const { config, store, clock, timers } = parts;
  const accounts = new Accounts({ store, clock });
  const policies = new LinePolicies({ store, clock });
  const closings = new Closings({ store, clock, accounts });
  observeOverdueStays(store, clock);
  observeFollowing(store, policies);
  const scores = new Scores({ store, clock, accounts, policies });
  const queries = new ScoreQueries({
    ...{ store, clock, scores, platform: platformOf(parts) },
    count: observeScoreQueries(store, clock),
  });
  const { loans, bankLines, module: lendingModule } = lending(parts, accounts, policies);
  const { confirmations, module: confirmationModule } = confirming(parts, accounts, loans);
  const appeals = new Appeals({ store, clock, scores });
  observeAppeals(appeals, clock);
  const arrears = new Arrears({ store, clock, accounts, policy: arrearsPolicy });
  const objections = new Objections({ store, clock, arrears });
  observeArrears(objections, clock);
  const forHolds = { clock, accounts, policy: holdPolicy, arrears, loans };
  return {
    module: CreditModule,
    imports: [lendingModule, confirmationModule],
    controllers: [
      ...[
        AccountController,
        EnrolmentController,
        PolicyController,
        ScoreController,
        AppealController,
        ArrearsController,
      ],
      ...[PersonConsumer, HoldConsumer, PaymentConsumer],
    ],
    providers: [
      { provide: Accounts, useValue: accounts },
      {
        provide: Enrolments,
        useValue: new Enrolments({ store, clock, accounts, closings, policies }),
      },
      { provide: Closings, useValue: closings },
      { provide: Revocations, useValue: new Revocations({ store, closings, bankLines }) },
      { provide: Deaths, useValue: new Deaths({ accounts, arrears }) },
      { provide: Merges, useValue: new Merges({ accounts, arrears, scores }) },
      { provide: STORE, useValue: store },
      { provide: HoldPauses, useValue: new HoldPauses({ clock, policy: holdPolicy }) },
      { provide: Holds, useValue: new Holds(forHolds) },
      { provide: Arrears, useValue: arrears },
      { provide: Objections, useValue: objections },
      { provide: WriteOffs, useValue: new WriteOffs({ accounts, arrears }) },
      {
        provide: Grants,
        useValue: new Grants({ ...forHolds, policies, bankLines, confirmations }),
      },
      { provide: HoldExpiry, useValue: new HoldExpiry({ store, clock, policy: holdPolicy }) },
      { provide: WAIT, useValue: { timers, waitMaxMs: config.CREDIT_ENROLMENT_TIMEOUT_MS } },
      { provide: EXPIRY_INTERVAL_MS, useValue: config.CREDIT_EXPIRY_INTERVAL_MS },
      ExpiryJob,
      EndingJob,
      { provide: LinePolicies, useValue: policies },
      { provide: Scores, useValue: scores },
      { provide: Appeals, useValue: appeals },
      { provide: ScoreQueries, useValue: queries },
      {
        provide: ScoreWarnings,
        useValue: new ScoreWarnings({ store, clock, policies, queries }),
      },
      {
        provide: PolicyDesk,
        useValue: new PolicyDesk({ store, clock, policies, region: config.CREDIT_REGION }),
      },
      {
        provide: PolicyRollout,
        useValue: new PolicyRollout({ store, clock, accounts, policies, bankLines }),
      },
      { provide: POLICY_INTERVAL_MS, useValue: config.CREDIT_POLICY_INTERVAL_MS },
      PolicyJob,
    ],
  };
};
