import { Jobs, type ServiceParts, STORE } from '@caretab/host';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import { AnswerController } from './answer/answer.controller';
import { Answers } from './answer/answers';
import { observeStandings } from './answer/metrics';
import { centreModule } from './centre/centre.module';
import { checkModule } from './check/check.module';
import { claimAgreement } from './claim/claim-lines';
import { ClaimConsumer } from './claim/claim.consumer';
import { ClaimController } from './claim/claim.controller';
import { Claims } from './claim/claims';
import { Estimates } from './claim/estimates';
import { OutsideUses } from './claim/outside-use';
import { PlanUses } from './claim/plan-use-at';
import type { AdjudicationConfig } from './config';
import { observeShadowRuns } from './document/metrics';
import { PayerTopics } from './document/payer-topics';
import { PlanDesk } from './document/plan-desk';
import { PlanDocumentController } from './document/plan-document.controller';
import { entitlementModule } from './entitlement/entitlement.module';
import { ShadowRuns } from './document/shadow-runs';
import { InstitutionConsumer } from './institution/institution.consumer';
import { MembershipController } from './membership/membership.controller';
import { Memberships } from './membership/memberships';
import { SettlementController } from './settlement/settlement.controller';
import { SettlementDesk } from './settlement/settlement-desk';
import { PlanController } from './plan/plan.controller';

/** A payer's first plan decides on the next day at the earliest. */
const PAYER_TOPICS_MS = 10_000;

/** A run goes on at once while there is something left of it. */
const SHADOW_RUNS_MS = 2_000;

@Module({})
export class AdjudicationModule {}

/** Wires doors and use cases. */
export const adjudicationModule = (
  parts: ServiceParts<Static<typeof AdjudicationConfig>>,
): DynamicModule => {
  const { store, clock } = parts;
  parts.agreements.add('adjudication', claimAgreement(parts));
  observeShadowRuns(store);
  observeStandings(store, clock);
  const { entitlements, module } = entitlementModule(parts);
  return {
    module: AdjudicationModule,
    imports: [module, centreModule(parts), checkModule(parts)],
    controllers: [
      ClaimConsumer,
      InstitutionConsumer,
      ClaimController,
      MembershipController,
      PlanController,
      PlanDocumentController,
      AnswerController,
      SettlementController,
    ],
    providers: [
      { provide: STORE, useValue: store },
      { provide: Claims, useValue: new Claims(clock, entitlements) },
      { provide: Estimates, useValue: new Estimates({ store, clock, entitlements }) },
      { provide: OutsideUses, useValue: new OutsideUses(store, clock) },
      { provide: PlanUses, useValue: new PlanUses(store, clock) },
      { provide: Memberships, useValue: new Memberships(store, clock) },
      {
        provide: ShadowRuns,
        inject: [Jobs],
        useFactory: (jobs: Jobs): ShadowRuns => {
          const runs = new ShadowRuns(store, clock);
          jobs.every('adjudication.shadow-runs', SHADOW_RUNS_MS, () => runs.runOnce());
          return runs;
        },
      },
      { provide: Answers, useValue: new Answers(store, clock) },
      { provide: SettlementDesk, useValue: new SettlementDesk(store) },
      { provide: PlanDesk, useValue: new PlanDesk(store, clock) },
      {
        provide: PayerTopics,
        inject: [Jobs],
        useFactory: (jobs: Jobs): PayerTopics => {
          const topics = new PayerTopics(store, parts.bus);
          jobs.every('adjudication.payer-topics', PAYER_TOPICS_MS, () => topics.runOnce());
          return topics;
        },
      },
    ],
  };
};
