import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { adjudication } from '@caretab/adjudication';
import { payerIds } from '@caretab/benefits';
import { identityRoutes, topicsFor } from '@caretab/contracts';
import { credit } from '@caretab/credit';
import { gateway } from '@caretab/gateway';
import { identity } from '@caretab/identity';
import type { Bus, SigningKey } from '@caretab/bus';
import { KafkaBus } from '@caretab/bus-kafka';
import { PgBus } from '@caretab/bus-postgres';
import { notification } from '@caretab/notification';
import { payment } from '@caretab/payment';
import { startEmbeddedPostgres } from '@caretab/engines';
import { type OutsideWorld, startOutsideWorld } from '@caretab/sandbox';
import { startServices } from '@caretab/host';
import type { startTelemetry } from '@caretab/telemetry';
import { visitLedger } from '@caretab/visit-ledger';
import { boundEngines } from '../cluster/engines';
import { dayClockOf } from '../day/day-clock';
import type { Options } from './options';
import { anchorPlacesOf } from '../launch/anchor-places';
import { makeRoles } from '../launch/database-roles';
import { keysOf, producersOf, SAMPLE_DAY, signingKeysOf } from '../launch/sample-day';
import { issuersOf, registrySecretsOf, secretsOf } from '../launch/secrets';
import type { Steps } from '../launch/steps';

/** All seven services; the order is the order of starting. */
export const services = [
  identity,
  credit,
  adjudication,
  visitLedger,
  payment,
  notification,
  gateway,
] as const;

export interface Platform {
  readonly url: string;
  readonly bus: Bus;
  readonly webhookUrl: string;
  /** For who writes in a service's place: a rehearsal. */
  signingKeyOf(author: string): SigningKey;
  readonly operatorKey: string;
  keyOf(institutionId: string): string;
  /** The bus as the hospital's own producer has it. */
  producerOf(institutionId: string): Bus;
  stop(): Promise<void>;
}

/**
 * One process works all partitions of a topic: few make larger batches, and so fewer transactions.
 */
const PARTITIONS = 2;

/** What a trial of the platform has otherwise than the embedded default. */
export interface Otherwise {
  /** A Kafka in place of the log on PostgreSQL. */
  readonly brokers?: readonly string[] | undefined;
  /** Settings of services that are other than they would be, by name. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/**
 * What the services read: the sandbox's addresses and the folder's secrets, but for what the
 * operator set. Where the platform listens is said by the command line alone.
 */
export const settingsOf = (
  { host, port, mllpPort }: Pick<Options, 'host' | 'port' | 'mllpPort'>,
  from: {
    readonly world: Pick<
      OutsideWorld,
      | 'acquirerUrl'
      | 'smtpUrl'
      | 'smsUrl'
      | 'appUrl'
      | 'publicDataUrl'
      | 'sharedDataUrl'
      | 'centreUrl'
      | 'creditPlatformUrl'
      | 'bankUrl'
      | 'issuersUrl'
      | 'settlementBankUrl'
    >;
    readonly secrets: Readonly<Record<string, string>>;
    readonly set: Readonly<Record<string, string | undefined>>;
  },
): Readonly<Record<string, string | undefined>> => {
  const url = `http://${host}:${port}`;
  return {
    ...from.secrets,
    IDENTITY_URL: url,
    OIDC_ISSUER: `${url}/identity`,
    CREDIT_URL: url,
    VISIT_LEDGER_URL: url,
    NOTIFICATION_URL: url,
    ADJUDICATION_URL: url,
    PAYMENT_URL: url,
    IDENTITY_PUBLIC_DATA_URL: from.world.publicDataUrl,
    IDENTITY_SHARED_DATA_URL: from.world.sharedDataUrl,
    IDENTITY_CENTRE_URL: from.world.centreUrl,
    CREDIT_SCORE_URL: from.world.creditPlatformUrl,
    CREDIT_LENDER_URL: from.world.bankUrl,
    IDENTITY_ISSUERS: issuersOf(from.world.issuersUrl, from.secrets),
    PAYMENT_ACQUIRER_URL: from.world.acquirerUrl,
    PAYMENT_BANK_URL: from.world.settlementBankUrl,
    NOTIFICATION_SMTP_URL: from.world.smtpUrl,
    NOTIFICATION_SMS_URL: from.world.smsUrl,
    NOTIFICATION_APP_URL: from.world.appUrl,
    NOTIFICATION_WEBHOOK_PRIVATE_TO: '127.0.0.0/8,::1',
    ...from.set,
    HTTP_HOST: host,
    HTTP_PORT: String(port),
    GATEWAY_MLLP_HOST: host,
    GATEWAY_MLLP_PORT: String(mllpPort),
  };
};

/** The public-data platform and the bureau's shared data, as the sandbox has them. */
const registriesOf = (
  secrets: Readonly<Record<string, string>>,
  { host, port }: Pick<Options, 'host' | 'port'>,
) => ({
  ...registrySecretsOf(secrets),
  publicData: {
    secret: secrets['IDENTITY_PUBLIC_DATA_SECRET']!,
    answersUrl: `http://${host}:${port}${identityRoutes.answerPublicData.path}`,
  },
});

/**
 * Starts the embedded default: one PostgreSQL, the bus and the event store on it, seven services in
 * this process, and the sandbox outside world.
 */
export const startPlatform = async (
  options: Options,
  steps: Steps,
  telemetry: ReturnType<typeof startTelemetry>,
  { brokers, settings }: Otherwise = {},
): Promise<Platform> => {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const clock = await dayClockOf(options, process.env['CLOCK_FILE']);
    const set = { ...process.env, ...settings };
    const engines = boundEngines(options.dataDir, set, randomBytes(4).toString('hex'));
    const secrets = secretsOf(join(options.dataDir, 'secrets.json'));
    const postgres = await steps.step('PostgreSQL', (update) =>
      startEmbeddedPostgres({ dataDir: join(options.dataDir, 'postgres'), log: update }),
    );
    stops.push(() => postgres.stop());
    const roles = await makeRoles(
      postgres.url,
      services.map(({ name }) => name),
    );
    const world = await steps.step('sandbox: acquirer, webhooks, messages, registries, mail', () =>
      startOutsideWorld({
        host: options.host,
        firstPort: options.port + 1,
        journalsDir: join(options.dataDir, 'sandbox'),
        acquirerSecret: secrets['PAYMENT_ACQUIRER_SECRET']!,
        webhookKey: secrets['NOTIFICATION_WEBHOOK_KEY']!,
        ...registriesOf(secrets, options),
        now: () => clock.now(),
      }),
    );
    stops.push(() => world.stop());
    const env: Readonly<Record<string, string | undefined>> = {
      LOG_LEVEL: 'warn',
      ...SAMPLE_DAY,
      ...anchorPlacesOf(options.dataDir),
      ...settingsOf(options, { world, secrets, set: process.env }),
      ...settings,
      CLOCK_FILE: clock.file,
      EVENTSTORE_NAMESPACE: engines.eventStoreNamespace,
    };
    stops.push(() => telemetry.shutdown());
    const bus = brokers
      ? new KafkaBus({ brokers: [...brokers], clientId: 'caretab' })
      : new PgBus({ url: roles.busUrl });
    stops.push(() => bus.close());
    const running = await steps.step('seven services, schemas migrated', (update) =>
      startServices({
        services,
        env,
        bus,
        topics: topicsFor(payerIds).map((topic) => ({
          ...topic,
          partitions: Math.min(topic.partitions, PARTITIONS),
        })),
        databaseUrl: (service) => roles.serviceUrl(service),
        ownerUrl: () => roles.ownerUrl,
        metrics: telemetry.metricsHandler,
        progress: update,
      }),
    );
    stops.push(() => running.stop());
    const url = `http://${options.host}:${options.port}`;
    return {
      ...{ url, bus, webhookUrl: world.webhookUrl, stop, keyOf: keysOf(secrets) },
      operatorKey: env['OPERATOR_KEY']!,
      producerOf: producersOf(bus, secrets),
      signingKeyOf: signingKeysOf(secrets),
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
