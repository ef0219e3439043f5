import { randomInt } from 'node:crypto';
import { type ServiceParts, Jobs } from '@caretab/host';
import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { IdentityConfig } from '../config';
import type { Mobiles } from '../person/mobiles';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { ActivationController, PUSHED } from './activation.controller';
import { ActivationWork } from './activation-work';
import { Activations } from './activations';
import { CodeClient } from './code-sender.adapter';
import { observeActivations } from './metrics';
import { PublicDataGateway } from './public-data.gateway';
import type { CodeSender, Registries } from './registries';

type Parts = ServiceParts<Static<typeof IdentityConfig>>;

/** Of one question outside; shorter than a lease. */
const TIMEOUT_MS = 5_000;
const DUE_SOON_MS = 10_000;
const JOB = 'identity.activate';

@Module({})
class ActivationModule {}

/** Whom an operator's settings name. */
export const registriesOf = ({ config, clock, fetch }: Parts): Registries => {
  const { IDENTITY_PUBLIC_DATA_URL: url, IDENTITY_PUBLIC_DATA_SECRET: secret } = config;
  const isSet = url !== undefined && secret !== undefined;
  const asked = { timeoutMs: TIMEOUT_MS, clock, fetch };
  return { publicData: isSet ? new PublicDataGateway({ url, secret, ...asked }) : undefined };
};

const codesOf = ({ config, tokens, timers, fetch }: Parts): CodeSender => {
  const { NOTIFICATION_URL: url } = config;
  if (url === undefined) return { send: async () => 'none' };
  const deadlineMs = TIMEOUT_MS;
  return new CodeClient({ url, asked: 'notification', tokens, timers, fetch, deadlineMs });
};

/** What is missing stands in `/health`, in one sentence. */
const reportUnset = ({ degradations, clock }: Parts, { publicData }: Registries): void => {
  const since = clock.now();
  const why = 'IDENTITY_PUBLIC_DATA_URL and …_SECRET are not set: a window confirms mobile numbers';
  degradations.report('identity', () => (publicData ? [] : [{ what: 'public data', why, since }]));
};

/** Doors and worker of activations; without registries nothing is worked on. */
export const activationModule = (
  parts: Parts,
  {
    registries,
    ...inside
  }: {
    readonly registries: Registries | undefined;
    readonly persons: Persons;
    readonly mobiles: Mobiles;
    readonly vault: Vault;
  },
): DynamicModule => {
  const { config, store, clock, ids, backlog } = parts;
  if (registries) reportUnset(parts, registries);
  observeActivations(store, clock);
  const work =
    registries &&
    new ActivationWork({
      ...{ store, clock, registries, codes: codesOf(parts), ...inside, chance: randomInt },
      registryWaitMs: config.IDENTITY_PUBLIC_DATA_WAIT_MS,
    });
  if (work) backlog.measure('identity.activations', () => work.countDue(DUE_SOON_MS));
  return {
    module: ActivationModule,
    controllers: [ActivationController],
    providers: [
      {
        provide: Activations,
        inject: [Jobs],
        useFactory: (jobs: Jobs): Activations => {
          if (work) jobs.every(JOB, config.IDENTITY_ACTIVATE_INTERVAL_MS, () => work.runOnce());
          return new Activations({ store, clock, ids, ...inside, wake: () => jobs.wake(JOB) });
        },
      },
      { provide: PUSHED, useValue: { clock, secret: config.IDENTITY_PUBLIC_DATA_SECRET } },
    ],
  };
};
