#!/usr/bin/env node
// Makes every secret of a new platform, once. Needs Node alone. Nothing is kept: save what it
// prints where secrets are kept.
//   node deploy/secrets.mjs compose > deploy/.env
//   node deploy/secrets.mjs kubernetes [--postgres HOST:PORT] [--eventstore URL] [--smtp URL]
//     [--sms URL] [--sms-token TOKEN] [--app URL] [--app-token TOKEN] [--mllp FOLDER]
//   [--kafka-sasl] | kubectl apply --namespace NAMESPACE --filename - Without options the addresses
//   are those of the development overlay. --kafka-sasl adds a user and a password per service; --mllp
//   what certificates.mjs made in a folder for the HL7 port.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const services = [
  'identity',
  'credit',
  'adjudication',
  'visit-ledger',
  'payment',
  'notification',
  'gateway',
];
const hex = () => randomBytes(32).toString('hex');
/** A key of Ed25519 as C2SP signed-note writes it. */
const noteKey = (name) => {
  const seed = randomBytes(32);
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const typed = (key) => Buffer.concat([Buffer.from([1]), key]);
  const id = createHash('sha256')
    .update(`${name}\n`)
    .update(typed(spki.subarray(12)))
    .digest('hex')
    .slice(0, 8);
  return `PRIVATE+KEY+${name}+${id}+${typed(seed).toString('base64')}`;
};
const shouted = (service) => service.toUpperCase().replaceAll('-', '_');
const [form, ...options] = process.argv.slice(2);
const option = (name, otherwise) =>
  options.includes(name) ? options[options.indexOf(name) + 1] : otherwise;
const given = (name, key) => (options.includes(name) ? { [key]: option(name) } : {});

/** By which a service signs what it publishes, and as service/<name> what it asks; others verify it. */
const signing = services
  .flatMap((service) => [service, `service/${service}`])
  .map((author) => {
    const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    const base64 = (text) => Buffer.from(text, 'base64url').toString('base64');
    return { author, kid: `${author}-1`, key: base64(d), publicKey: base64(x) };
  });
const signingKeysOf = (service) =>
  JSON.stringify(
    Object.fromEntries(
      signing
        .filter(({ author }) => author === service || author === `service/${service}`)
        .map(({ author, kid, key }) => [author, { kid, key }]),
    ),
  );
const authors = JSON.stringify({
  keys: signing.map(({ kid, author, publicKey }) => ({ kid, author, key: publicKey })),
});

/** The operators' key is for the first staff: it may be taken away once they sign in. */
const shared = { OPERATOR_KEY: hex(), BUS_AUTHORS: authors };
const own = {
  identity: {
    IDENTITY_MASTER_KEY: hex(),
    IDENTITY_PUBLIC_DATA_SECRET: hex(),
    IDENTITY_SHARED_DATA_SECRET: hex(),
    IDENTITY_CENTRE_SECRET: hex(),
  },
  credit: { CREDIT_SCORE_SECRET: hex(), CREDIT_LENDER_SECRET: hex() },
  'visit-ledger': {
    VISIT_LEDGER_EVENT_KEYS: JSON.stringify({
      current: 'first',
      keys: { first: randomBytes(32).toString('base64') },
      signedAfter: '0',
    }),
    VISIT_LEDGER_ANCHOR_KEY: noteKey('caretab/visit-ledger'),
  },
  payment: { PAYMENT_ACQUIRER_SECRET: hex(), PAYMENT_BANK_SECRET: hex(), PAYMENT_TOKEN_KEY: hex() },
  notification: { NOTIFICATION_WEBHOOK_KEY: hex() },
  gateway: { GATEWAY_SEALING_KEY: randomBytes(32).toString('base64') },
};
/** From which each service derives the key that signs anchors of its records of access. */
const anchorSeeds = Object.fromEntries(
  services.map((service) => [service, randomBytes(32).toString('base64')]),
);
const passwordsOf = () => Object.fromEntries(services.map((service) => [service, hex()]));
/** Of the role as which a service signs in, and of the one that owns its tables and migrates them. */
const [passwords, ownerPasswords] = [passwordsOf(), passwordsOf()];
const engine = {
  POSTGRES_PASSWORD: hex(),
  ...Object.fromEntries(
    services.flatMap((service) => [
      [`${shouted(service)}_DATABASE_PASSWORD`, passwords[service]],
      [`${shouted(service)}_DATABASE_OWNER_PASSWORD`, ownerPasswords[service]],
    ]),
  ),
};

const secret = (name, values) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, labels: { 'app.kubernetes.io/part-of': 'caretab' } },
  type: 'Opaque',
  stringData: values,
});

const mllpOf = (folder) => {
  const read = (name) => readFileSync(join(folder, 'gateway', name), 'utf8');
  const pems = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => [name, read(name)]);
  const { metadata, ...tls } = secret('gateway-mllp-tls', Object.fromEntries(pems));
  return [
    { ...tls, metadata, type: 'kubernetes.io/tls' },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...metadata, name: 'gateway-mllp-senders' },
      data: { 'senders.json': read('senders.json') },
    },
  ];
};

const kubernetes = () => {
  const postgres = option('--postgres', 'postgres:5432');
  const addresses = {
    'visit-ledger': { EVENTSTORE_URL: option('--eventstore', 'esdb://eventstore:2113?tls=false') },
    notification: {
      NOTIFICATION_SMTP_URL: option('--smtp', 'smtp://sandbox:8083'),
      ...given('--sms', 'NOTIFICATION_SMS_URL'),
      ...given('--sms-token', 'NOTIFICATION_SMS_TOKEN'),
      ...given('--app', 'NOTIFICATION_APP_URL'),
      ...given('--app-token', 'NOTIFICATION_APP_TOKEN'),
    },
  };
  const sasl = options.includes('--kafka-sasl');
  const items = services.map((service) =>
    secret(service, {
      DATABASE_URL: `postgres://${service}:${passwords[service]}@${postgres}/${service}`,
      DATABASE_OWNER_URL: `postgres://${service}-owner:${ownerPasswords[service]}@${postgres}/${service}`,
      ...(sasl ? { KAFKA_SASL_USERNAME: service, KAFKA_SASL_PASSWORD: hex() } : {}),
      BUS_SIGNING_KEYS: signingKeysOf(service),
      ACCESS_ANCHOR_KEY: anchorSeeds[service],
      ...own[service],
      ...addresses[service],
    }),
  );
  const scaling = sasl
    ? { sasl: 'scram_sha512', tls: 'enable', username: 'keda', password: hex() }
    : { sasl: 'none', tls: 'disable', username: '', password: '' };
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      secret('caretab', shared),
      ...items,
      ...(options.includes('--postgres') ? [] : [secret('postgres', engine)]),
      secret('kafka-scaling', scaling),
      ...(options.includes('--mllp') ? mllpOf(option('--mllp')) : []),
    ],
  };
};

if (form === 'kubernetes') {
  console.log(JSON.stringify(kubernetes(), null, 2));
} else if (form === 'compose') {
  const all = {
    IDENTITY_ISSUER_SECRET: hex(),
    ...shared,
    ...Object.assign({}, ...Object.values(own)),
    ...Object.fromEntries(
      services.flatMap((service) => [
        [`${shouted(service)}_BUS_SIGNING_KEYS`, signingKeysOf(service)],
        [`${shouted(service)}_ACCESS_ANCHOR_KEY`, anchorSeeds[service]],
      ]),
    ),
    ...engine,
    GRAFANA_PASSWORD: hex(),
  };
  console.log(
    Object.entries(all)
      // JSON is quoted; nothing else needs it.
      .map(([name, value]) => `${name}=${value.startsWith('{') ? `'${value}'` : value}`)
      .join('\n'),
  );
} else {
  console.error('node deploy/secrets.mjs compose | kubernetes; see the top of the file');
  process.exitCode = 2;
}
