import { join } from 'node:path';
import { Jobs, type ServiceParts } from '@caretab/host';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { AdjudicationConfig } from '../config';
import { ReviewController } from '../review/review.controller';
import { Reviews } from '../review/reviews';
import { readCheckRules } from './check-rules';
import { ClaimChecks } from './claim-checks';
import { countFlag, observeChecks } from './metrics';

const CHECKS_MS = 10_000;
const SHIPPED = join(__dirname, '../../data/check-rules.json');

@Module({})
class CheckModule {}

/** Checks behind the claims, and what payers decide on what they find. */
export const checkModule = ({
  config,
  store,
  clock,
}: ServiceParts<Static<typeof AdjudicationConfig>>): DynamicModule => {
  const inForce = readCheckRules(config.ADJUDICATION_CHECK_FILE ?? SHIPPED);
  const checks = new ClaimChecks({ store, clock, inForce, count: countFlag });
  observeChecks(store, clock, checks);
  return {
    module: CheckModule,
    controllers: [ReviewController],
    providers: [
      { provide: Reviews, useValue: new Reviews(store, clock, inForce) },
      {
        provide: ClaimChecks,
        inject: [Jobs],
        useFactory: (jobs: Jobs): ClaimChecks => {
          jobs.every('adjudication.checks', CHECKS_MS, () => checks.runOnce());
          return checks;
        },
      },
    ],
  };
};
