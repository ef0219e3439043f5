import { type ServiceParts, STORE } from '@caretab/host';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import { claimAgreement } from './claim/claim-lines';
import { ClaimConsumer } from './claim/claim.consumer';
import { ClaimController } from './claim/claim.controller';
import { Claims } from './claim/claims';
import { Estimates } from './claim/estimates';
import type { AdjudicationConfig } from './config';
import { entitlementModule } from './entitlement/entitlement.module';
import { InstitutionConsumer } from './institution/institution.consumer';
import { MembershipController } from './membership/membership.controller';
import { Memberships } from './membership/memberships';
import { PlanController } from './plan/plan.controller';

@Module({})
export class AdjudicationModule {}

/** Wires doors and use cases. */
export const adjudicationModule = (
  parts: ServiceParts<Static<typeof AdjudicationConfig>>,
): DynamicModule => {
  const { store, clock } = parts;
  parts.agreements.add('adjudication', claimAgreement(parts));
  const { entitlements, module } = entitlementModule(parts);
  return {
    module: AdjudicationModule,
    imports: [module],
    controllers: [
      ClaimConsumer,
      InstitutionConsumer,
      ClaimController,
      MembershipController,
      PlanController,
    ],
    providers: [
      { provide: STORE, useValue: store },
      { provide: Claims, useValue: new Claims(clock, entitlements) },
      { provide: Estimates, useValue: new Estimates({ store, clock, entitlements }) },
      { provide: Memberships, useValue: new Memberships(store, clock) },
    ],
  };
};
