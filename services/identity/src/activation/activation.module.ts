import { randomInt } from 'node:crypto';
import { type ServiceParts, Jobs } from '@caretab/host';
import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { Static } from '@sinclair/typebox';
import type { IdentityConfig } from '../config';
import { ConsentController } from '../consent/consent.controller';
import { ConsentDesk } from '../consent/consent-desk';
import { ConsentKeys } from '../consent/consent-keys';
import { Consents } from '../consent/consents';
import type { Mobiles } from '../person/mobiles';
import type { Persons } from '../person/persons';
import type { Vault } from '../person/vault';
import { ActivationController, PUSHED } from './activation.controller';
import { ActivationWork } from './activation-work';
import { Activations } from './activations';
import { CodeClient } from './code-sender.adapter';
import { LineClient } from './lines.adapter';
import { observeActivations } from './metrics';
import { PublicDataGateway } from './public-data.gateway';
import type { CodeSender, Registries } from './registries';
import { SharedDataGateway } from './shared-data.gateway';

type Parts = ServiceParts<Static<typeof IdentityConfig>>;

/** Of one question outside; shorter than a lease. */
const TIMEOUT_MS = 5_000;
const DUE_SOON_MS = 10_000;
const JOB = 'identity.activate';

@Module({})
class ActivationModule {}

const placeOf = (url: string | undefined, secret: string | undefined) =>
  url !== undefined && secret !== undefined ? { url, secret } : undefined;

/** Whom an operator's settings name. */
export const registriesOf = ({ config, clock, fetch }: Parts): Registries => {
  const asked = { timeoutMs: TIMEOUT_MS, clock, fetch };
  const publicData = placeOf(config.IDENTITY_PUBLIC_DATA_URL, config.IDENTITY_PUBLIC_DATA_SECRET);
  const sharedData = placeOf(config.IDENTITY_SHARED_DATA_URL, config.IDENTITY_SHARED_DATA_SECRET);
  return {
    publicData: publicData && new PublicDataGateway({ ...publicData, ...asked }),
    sharedData: sharedData && new SharedDataGateway({ ...sharedData, ...asked }),
  };
};

const codesOf = ({ config, tokens, timers, fetch }: Parts): CodeSender => {
  const { NOTIFICATION_URL: url } = config;
  if (url === undefined) return { send: async () => 'none' };
  const deadlineMs = TIMEOUT_MS;
  return new CodeClient({ url, asked: 'notification', tokens, timers, fetch, deadlineMs });
};

const creditOf = ({ config, tokens, timers, fetch }: Parts): LineClient =>
  new LineClient({
    ...{ url: config.CREDIT_URL, asked: 'credit', tokens, timers, fetch },
    deadlineMs: TIMEOUT_MS,
  });

/** What is missing stands in `/health`, in one sentence each. */
const reportUnset = (
  { degradations, clock }: Parts,
  { publicData, sharedData }: Registries,
): void => {
  const since = clock.now();
  const unset = [
    ...(publicData
      ? []
      : [
          {
            what: 'public data',
            why: 'IDENTITY_PUBLIC_DATA_URL and …_SECRET are not set: a window confirms mobile numbers',
          },
        ]),
    ...(sharedData
      ? []
      : [
          {
            what: 'shared data',
            why: 'IDENTITY_SHARED_DATA_URL and …_SECRET are not set: a window confirms who is insured',
          },
        ]),
  ];
  degradations.report('identity', () => unset.map((one) => ({ ...one, since })));
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
    readonly consents: Consents;
  },
): DynamicModule => {
  const { config, store, clock, ids, backlog } = parts;
  const credit = creditOf(parts);
  if (registries) reportUnset(parts, registries);
  observeActivations(store, clock);
  const work =
    registries &&
    new ActivationWork({
      ...{
        store,
        clock,
        registries,
        codes: codesOf(parts),
        lines: credit,
        ...inside,
        chance: randomInt,
      },
      registryWaitMs: config.IDENTITY_PUBLIC_DATA_WAIT_MS,
    });
  if (work) backlog.measure('identity.activations', () => work.countDue(DUE_SOON_MS));
  return {
    module: ActivationModule,
    controllers: [ActivationController, ConsentController],
    providers: [
      {
        provide: Activations,
        inject: [Jobs],
        useFactory: (jobs: Jobs): Activations => {
          if (work) jobs.every(JOB, config.IDENTITY_ACTIVATE_INTERVAL_MS, () => work.runOnce());
          return new Activations({ store, clock, ids, ...inside, wake: () => jobs.wake(JOB) });
        },
      },
      { provide: Consents, useValue: inside.consents },
      { provide: ConsentDesk, useValue: new ConsentDesk({ store, credit, ...inside }) },
      {
        provide: ConsentKeys,
        useValue: new ConsentKeys({
          ...{ store, clock, ids, persons: inside.persons },
          signatures: inside.consents.signatures,
        }),
      },
      { provide: PUSHED, useValue: { clock, secret: config.IDENTITY_PUBLIC_DATA_SECRET } },
    ],
  };
};
