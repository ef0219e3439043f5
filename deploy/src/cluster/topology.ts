import { SERVICE } from '@caretab/access';

/**
 * The services in the order in which they are named; the gateway, whose port is the platform's,
 * comes last.
 */
export const SERVICES = [
  'identity',
  'credit',
  'adjudication',
  'visit-ledger',
  'payment',
  'notification',
  'gateway',
] as const;
export type Service = (typeof SERVICES)[number];

/**
 * New topics get so many partitions on one machine: enough for replicas to share, few enough for
 * batches worth their transaction.
 */
export const PARTITIONS = 4;

/**
 * Every service may have replicas, and the invariants hold with any number: rows are changed under
 * row locks, an outbox is published by one replica at a time, collections, refunds and notices are
 * claimed row by row with a lease, and the ledger's appends expect a revision. A consumer group
 * shares its partitions, so more replicas than partitions would find nothing to do.
 */
export const REPLICAS_MAX = PARTITIONS;

/** Ports of the sandbox outside world, after the platform's own. */
const SANDBOX_PORTS = 3;

/** One process of a service. */
export interface Instance {
  /**
   * `credit`, and `credit-2` for its second replica: what a user calls it, its log and its record.
   */
  readonly name: string;
  readonly service: Service;
  readonly port: number;
  /** The gateway's alone. */
  readonly mllpPort?: number;
}

export interface Ports {
  readonly port: number;
  readonly mllpPort: number;
}

export const isService = (name: string): name is Service =>
  (SERVICES as readonly string[]).includes(name);

/**
 * Every process with its ports: the gateway has the platform's, the others follow the sandbox's,
 * and further replicas follow them.
 */
export const instancesOf = (
  replicas: ReadonlyMap<Service, number>,
  { port, mllpPort }: Ports,
): Instance[] => {
  let next = port + SANDBOX_PORTS;
  const first = SERVICES.map((service): Instance =>
    service === 'gateway'
      ? { name: service, service, port, mllpPort }
      : { name: service, service, port: (next += 1) },
  );
  const further = SERVICES.flatMap((service) =>
    Array.from({ length: (replicas.get(service) ?? 1) - 1 }, (_, index): Instance => {
      const gateway = service === 'gateway' ? { mllpPort: mllpPort + index + 1 } : {};
      return { name: `${service}-${index + 2}`, service, port: (next += 1), ...gateway };
    }),
  );
  return [...first, ...further];
};

/** What all processes share. */
export interface Site {
  readonly host: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** What says where the bus is, and how many partitions new topics get. */
  readonly bus: Readonly<Record<string, string>>;
  readonly acquirerUrl: string;
  readonly smtpUrl: string;
  /** None where no messages go to phones. */
  readonly smsUrl?: string | undefined;
  readonly appUrl?: string | undefined;
  /** None where a window confirms mobile numbers. */
  readonly publicDataUrl?: string | undefined;
  /** None where a window confirms who is insured. */
  readonly sharedDataUrl?: string | undefined;
  readonly centreUrl?: string | undefined;
  readonly creditPlatformUrl?: string | undefined;
  readonly bankUrl?: string | undefined;
  readonly settlementBankUrl?: string | undefined;
  /** Who issues codes, as identity reads it. */
  readonly issuers?: string | undefined;
  /** The address of a service's first replica; callers of the service use that one. */
  urlOf(service: Service): string;
  databaseUrlOf(service: Service): string;
  /** Of the role that owns the service's tables; without it, the service's own does. */
  ownerUrlOf?(service: Service): string;
  /** Where the ledger keeps its anchors; without it, it makes none. */
  readonly anchorPlaces?: Readonly<Record<string, string>> | undefined;
  /** The event store settings of the ledger alone. */
  readonly eventStore: Readonly<Record<string, string>>;
}

const pick = (
  from: Readonly<Record<string, string>>,
  ...names: readonly string[]
): Record<string, string> => Object.fromEntries(names.map((name) => [name, from[name]!]));

/**
 * The settings of each service besides the common ones: a service has no secret it does not need.
 */
const OWN: Readonly<Record<Service, (site: Site, instance: Instance) => Record<string, string>>> = {
  identity: ({ secrets, publicDataUrl, sharedDataUrl, issuers, centreUrl, urlOf }) => ({
    ...pick(secrets, 'IDENTITY_MASTER_KEY'),
    ...(publicDataUrl !== undefined && {
      ...pick(secrets, 'IDENTITY_PUBLIC_DATA_SECRET'),
      IDENTITY_PUBLIC_DATA_URL: publicDataUrl,
    }),
    ...(sharedDataUrl !== undefined && {
      ...pick(secrets, 'IDENTITY_SHARED_DATA_SECRET'),
      IDENTITY_SHARED_DATA_URL: sharedDataUrl,
    }),
    ...(issuers !== undefined && { IDENTITY_ISSUERS: issuers }),
    ...(centreUrl !== undefined && {
      ...pick(secrets, 'IDENTITY_CENTRE_SECRET'),
      IDENTITY_CENTRE_URL: centreUrl,
    }),
    NOTIFICATION_URL: urlOf('notification'),
    CREDIT_URL: urlOf('credit'),
    VISIT_LEDGER_URL: urlOf('visit-ledger'),
  }),
  credit: ({ secrets, creditPlatformUrl, bankUrl }) => ({
    ...(creditPlatformUrl !== undefined && {
      ...pick(secrets, 'CREDIT_SCORE_SECRET'),
      CREDIT_SCORE_URL: creditPlatformUrl,
    }),
    ...(bankUrl !== undefined && {
      ...pick(secrets, 'CREDIT_LENDER_SECRET'),
      CREDIT_LENDER_URL: bankUrl,
    }),
  }),
  adjudication: ({ urlOf }) => ({
    VISIT_LEDGER_URL: urlOf('visit-ledger'),
    IDENTITY_URL: urlOf('identity'),
  }),
  'visit-ledger': ({ secrets, eventStore, anchorPlaces }) => ({
    ...pick(secrets, 'VISIT_LEDGER_EVENT_KEYS'),
    ...(anchorPlaces && {
      ...pick(secrets, 'VISIT_LEDGER_ANCHOR_KEY'),
      ...pick(anchorPlaces, 'VISIT_LEDGER_ANCHOR_PLACES'),
    }),
    ...eventStore,
  }),
  payment: ({ secrets, acquirerUrl, settlementBankUrl, urlOf }) => ({
    ...pick(secrets, 'PAYMENT_TOKEN_KEY', 'PAYMENT_ACQUIRER_SECRET'),
    ...(settlementBankUrl !== undefined && {
      ...pick(secrets, 'PAYMENT_BANK_SECRET'),
      PAYMENT_BANK_URL: settlementBankUrl,
    }),
    PAYMENT_ACQUIRER_URL: acquirerUrl,
    VISIT_LEDGER_URL: urlOf('visit-ledger'),
  }),
  notification: ({ secrets, smtpUrl, smsUrl, appUrl, urlOf }) => ({
    ...pick(secrets, 'NOTIFICATION_WEBHOOK_KEY'),
    NOTIFICATION_WEBHOOK_PRIVATE_TO: '127.0.0.0/8,::1',
    NOTIFICATION_SMTP_URL: smtpUrl,
    ...(smsUrl !== undefined && { NOTIFICATION_SMS_URL: smsUrl }),
    ...(appUrl !== undefined && { NOTIFICATION_APP_URL: appUrl }),
    IDENTITY_URL: urlOf('identity'),
  }),
  gateway: ({ secrets, host, urlOf }, { mllpPort }) => ({
    ...pick(secrets, 'GATEWAY_SEALING_KEY'),
    GATEWAY_MLLP_HOST: host,
    GATEWAY_MLLP_PORT: String(mllpPort),
    IDENTITY_URL: urlOf('identity'),
    VISIT_LEDGER_URL: urlOf('visit-ledger'),
    NOTIFICATION_URL: urlOf('notification'),
    CREDIT_URL: urlOf('credit'),
    ADJUDICATION_URL: urlOf('adjudication'),
    PAYMENT_URL: urlOf('payment'),
  }),
};

/** Each service has its own, and no other. */
const signingKeysOf = (secrets: Site['secrets'], service: Service): string => {
  const keys = JSON.parse(secrets['BUS_SIGNING_KEYS']!) as Record<string, object>;
  const own = [service, `${SERVICE}${service}`];
  return JSON.stringify(Object.fromEntries(own.map((author) => [author, keys[author]])));
};

const accessAnchorKeyOf = (secrets: Site['secrets'], service: Service): string =>
  (JSON.parse(secrets['ACCESS_ANCHOR_KEY']!) as Record<Service, string>)[service];

/**
 * The whole environment of one process, as its own variables: what it would be given by compose or
 * Kubernetes.
 */
export const environmentOf = (site: Site, instance: Instance): Record<string, string> => ({
  ...pick(site.secrets, 'OPERATOR_KEY', 'BUS_AUTHORS'),
  BUS_SIGNING_KEYS: signingKeysOf(site.secrets, instance.service),
  ...(site.anchorPlaces && {
    ACCESS_ANCHOR_KEY: accessAnchorKeyOf(site.secrets, instance.service),
    ...pick(site.anchorPlaces, 'ACCESS_ANCHOR_PLACES'),
  }),
  ...site.bus,
  OIDC_ISSUER: `${site.urlOf('identity')}/identity`,
  DATABASE_URL: site.databaseUrlOf(instance.service),
  ...(site.ownerUrlOf && { DATABASE_OWNER_URL: site.ownerUrlOf(instance.service) }),
  HTTP_HOST: site.host,
  HTTP_PORT: String(instance.port),
  ...OWN[instance.service](site, instance),
});
