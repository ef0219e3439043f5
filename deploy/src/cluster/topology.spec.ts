import { signerOf } from '@caretab/anchors';
import { TWIN_KEYS_TEXT } from '@caretab/event-store';
import { adjudication } from '@caretab/adjudication';
import { credit } from '@caretab/credit';
import { gateway } from '@caretab/gateway';
import { identity } from '@caretab/identity';
import { notification } from '@caretab/notification';
import { payment } from '@caretab/payment';
import { parseBootConfig, parseChassisConfig, parseConfig } from '@caretab/host';
import { visitLedger } from '@caretab/visit-ledger';
import { databaseUrlOf } from './databases';
import { environmentOf, instancesOf, type Service, SERVICES, type Site } from './topology';
import { twinBusSettings } from '@caretab/bus';

const PORTS = { port: 8080, mllpPort: 2575 };
const HEX = 'ab'.repeat(32);
const SEEDS: Readonly<Record<string, string>> = Object.fromEntries(
  SERVICES.map((service, index) => [service, Buffer.alloc(32, index).toString('base64')]),
);
const SECRETS = {
  OPERATOR_KEY: HEX,
  IDENTITY_MASTER_KEY: HEX,
  GATEWAY_SEALING_KEY: `${'A'.repeat(43)}=`,
  VISIT_LEDGER_EVENT_KEYS: TWIN_KEYS_TEXT,
  VISIT_LEDGER_ANCHOR_KEY: signerOf('caretab/visit-ledger', Buffer.alloc(32, 1)).text,
  ACCESS_ANCHOR_KEY: JSON.stringify(SEEDS),
  PAYMENT_TOKEN_KEY: HEX,
  PAYMENT_ACQUIRER_SECRET: HEX,
  NOTIFICATION_WEBHOOK_KEY: HEX,
  SAMPLE_INSTITUTION_KEY: HEX,
  ...twinBusSettings(),
};
const definitions = [
  identity,
  credit,
  adjudication,
  visitLedger,
  payment,
  notification,
  gateway,
] as const;

const instances = instancesOf(
  new Map<Service, number>([
    ['visit-ledger', 3],
    ['gateway', 2],
  ]),
  PORTS,
);
const site: Site = {
  host: '127.0.0.1',
  secrets: SECRETS,
  bus: { KAFKA_BROKERS: '127.0.0.1:9092', TOPIC_PARTITIONS_MAX: '4' },
  acquirerUrl: 'http://127.0.0.1:8081',
  smtpUrl: 'smtp://127.0.0.1:8083',
  anchorPlaces: {
    VISIT_LEDGER_ANCHOR_PLACES: '/anchors/1,/anchors/2',
    ACCESS_ANCHOR_PLACES: '/anchors/1,/anchors/2',
  },
  eventStore: {},
  urlOf: (service) =>
    `http://127.0.0.1:${instances.find((instance) => instance.service === service)!.port}`,
  databaseUrlOf: (service) =>
    databaseUrlOf('postgres://caretab:secret@127.0.0.1:5432/postgres', service),
};

test('the cluster has every service of the embedded default', () => {
  expect(definitions.map(({ name }) => name).sort()).toEqual([...SERVICES].sort());
});

test('the gateway has the port that was asked for, and nobody has the ports of the sandbox', () => {
  expect(instances.find(({ name }) => name === 'gateway')).toEqual({
    name: 'gateway',
    service: 'gateway',
    ...PORTS,
  });
  const ports = [...instances.map(({ port }) => port), 8081, 8082, 8083];
  expect(new Set(ports).size).toBe(ports.length);
});

test('replicas are numbered from two, each with ports of its own', () => {
  expect(instances.map(({ name }) => name)).toEqual([
    ...SERVICES,
    'visit-ledger-2',
    'visit-ledger-3',
    'gateway-2',
  ]);
  expect(instances.find(({ name }) => name === 'gateway-2')).toMatchObject({ mllpPort: 2576 });
});

test.each(instances.map((instance) => [instance.name, instance] as const))(
  '%s is given all that it reads, and no secret of another',
  (_, instance) => {
    const env = environmentOf(site, instance);
    const { config } = definitions.find(({ name }) => name === instance.service)!;
    parseBootConfig(instance.service, env);
    parseChassisConfig(env);
    parseConfig(instance.service, config, env);
    const own = Object.keys(SECRETS).filter(
      (name) =>
        name in config.properties ||
        ['OPERATOR_KEY', 'BUS_AUTHORS', 'BUS_SIGNING_KEYS', 'ACCESS_ANCHOR_KEY'].includes(name),
    );
    expect(
      Object.keys(env)
        .filter((name) => name in SECRETS)
        .sort(),
    ).toEqual(own.sort());
    expect(env['ACCESS_ANCHOR_KEY']).toBe(SEEDS[instance.service]);
    expect(env['ACCESS_ANCHOR_PLACES']).toBe('/anchors/1,/anchors/2');
    expect(Object.keys(JSON.parse(env['BUS_SIGNING_KEYS']!) as object)).toEqual([
      instance.service,
      `service/${instance.service}`,
    ]);
  },
);

test('every service has a database of its own', () => {
  const urls = SERVICES.map((service) => site.databaseUrlOf(service));
  expect(new Set(urls).size).toBe(SERVICES.length);
  expect(urls[3]).toBe('postgres://caretab:secret@127.0.0.1:5432/caretab_visit_ledger');
});
