import { join } from 'node:path';
import { Jobs, type ServiceParts } from '@caretab/host';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { AdjudicationConfig } from '../config';
import { CentreClient } from './centre.adapter';
import { EntitlementConsumer } from './entitlement.consumer';
import { readEntitlementPolicy } from './entitlement-policy';
import { Entitlements } from './entitlements';
import { countEntitlement } from './metrics';

/** Of one question; longer than identity waits for the centre, and shorter than a lease. */
const ASK_TIMEOUT_MS = 15_000;
const DUE_SOON_MS = 10_000;
const SHIPPED = join(__dirname, '../../data/entitlement-policy.json');

@Module({})
class EntitlementModule {}

/** Who is entitled at each visit; where the region goes by memberships, no one is asked. */
export const entitlementModule = (
  parts: ServiceParts<Static<typeof AdjudicationConfig>>,
): {
  readonly entitlements: Entitlements | undefined;
  readonly module: DynamicModule;
} => {
  const { config, store, clock, tokens, timers, fetch, backlog } = parts;
  const policy = readEntitlementPolicy(config.ADJUDICATION_ENTITLEMENT_FILE ?? SHIPPED);
  if (policy.basic === 'membership')
    return { entitlements: undefined, module: { module: EntitlementModule } };
  const { IDENTITY_URL: url } = config;
  const asking = { asked: 'identity', tokens, timers, fetch, deadlineMs: ASK_TIMEOUT_MS } as const;
  const centre = url === undefined ? undefined : new CentreClient({ url, ...asking });
  const entitlements = new Entitlements({ store, clock, policy, centre, count: countEntitlement });
  backlog.measure('adjudication.entitlements', () => entitlements.countDue(DUE_SOON_MS));
  return {
    entitlements,
    module: {
      module: EntitlementModule,
      controllers: [EntitlementConsumer],
      providers: [
        {
          provide: Entitlements,
          inject: [Jobs],
          useFactory: (jobs: Jobs): Entitlements => {
            jobs.every(
              'adjudication.ask-entitlement',
              config.ADJUDICATION_ENTITLEMENT_INTERVAL_MS,
              () => entitlements.runOnce(),
            );
            return entitlements;
          },
        },
      ],
    },
  };
};
