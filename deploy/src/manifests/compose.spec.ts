import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { heapFlagsOf } from '../cluster/heap-flags';
import { SandboxConfig } from '@caretab/sandbox';
import { SERVICES } from '../cluster/topology';
import { postgresScript } from '../grants/postgres-grants';
import { readYaml, ROOT } from './manifest';
import { composeFaults } from './schemas';
import { environmentFaults, routesUnder, serviceNames, services, type Variables } from './services';

/** A folder that is made before the start. */
interface Mount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly read_only: boolean;
  readonly bind: { readonly create_host_path: boolean };
}
interface Container {
  readonly image: string;
  readonly build?: {
    readonly dockerfile: string;
    readonly context: string;
    readonly args: Variables;
  };
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | Mount)[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly read_only?: boolean;
  readonly deploy?: { readonly resources: { readonly limits: { readonly memory: string } } };
}
interface Compose {
  readonly services: Readonly<Record<string, Container>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const FILE = join(ROOT, 'deploy/compose.yaml');
const [compose] = readYaml<Compose>(FILE) as [Compose];
const generated = Object.fromEntries(
  execFileSync(process.execPath, [join(ROOT, 'deploy/secrets.mjs'), 'compose'], {
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
) as Variables;

/**
 * `${NAME}`, `${NAME:-default}` and `${NAME:?why not}`, as compose reads them. Throws where compose
 * would refuse to start.
 */
const interpolated = (text: string, env: Variables): string =>
  text.replace(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_, name: string, form: string | undefined, rest: string) => {
      if (env[name]) return env[name];
      if (form === '-') return rest;
      throw new Error(`${name} ${rest}`);
    },
  );
const environmentOf = (name: string, env: Variables = generated): Variables =>
  Object.fromEntries(
    Object.entries(compose.services[name]!.environment ?? {}).map(([variable, value]) => [
      variable,
      interpolated(String(value), env),
    ]),
  );

/** The engines have images of their own. */
const isOurs = ([, { build }]: readonly [string, Container]): boolean => build !== undefined;

test('compose.yaml is one, in the eyes of the Compose Specification', () => {
  expect(composeFaults(compose)).toEqual([]);
  expect(composeFaults({ services: { credit: { imagge: 'caretab/credit' } } })).toEqual([
    expect.stringContaining('imagge'),
  ]);
});

test('it builds every service and the sandbox, each by its own name, and nothing else', () => {
  const ours = Object.entries(compose.services).filter(isOurs);
  expect(ours.map(([name]) => name).sort()).toEqual([...serviceNames, 'sandbox'].sort());
  for (const [name, { image, build, read_only: readOnly }] of ours) {
    const heapFlags = build?.args['HEAP_FLAGS'] ?? heapFlagsOf('').join(' ');
    expect(heapFlags).toBe(heapFlagsOf(name).join(' '));
    expect([image, build?.args['SERVICE'], readOnly]).toEqual([
      `caretab/${name}:\${CARETAB_TAG:-dev}`,
      name,
      true,
    ]);
    expect(existsSync(join(ROOT, 'deploy', build!.context, build!.dockerfile))).toBe(true);
  }
});

test.each(services.map((service) => [service.name, service] as const))(
  '%s is given the variables it needs, and none that it does not read; the operators’ key it may lack',
  (name, service) => {
    expect(environmentFaults(service, environmentOf(name))).toEqual([]);
    const { OPERATOR_KEY: _, ...signedIn } = generated;
    const env = environmentOf(name, signedIn);
    expect(env['OPERATOR_KEY']).toBe('');
    expect(environmentFaults(service, env)).toEqual([]);
  },
);

test('so is the sandbox', () => {
  expect(Object.keys(environmentOf('sandbox')).sort()).toEqual(
    Object.keys(SandboxConfig.properties).sort(),
  );
});

test('a misspelt variable would be found', () => {
  expect(
    environmentFaults(services[0]!, { ...environmentOf('identity'), IDENTITY_MASTERKEY: 'x' }),
  ).toEqual(['identity: IDENTITY_MASTERKEY is read by nobody']);
});

test(
  'no secret has a default: without the file of secrets compose says which is ' +
    'missing, and the file holds nothing beside',
  () => {
    const asked = new Set(
      [...readFileSync(FILE, 'utf8').matchAll(/\$\{(\w+):(?:\?|-\})/g)].map(([, name]) => name!),
    );
    expect(Object.keys(generated).sort()).toEqual([...asked].sort());
    expect(() => environmentOf('identity', { ...generated, IDENTITY_MASTER_KEY: '' })).toThrow(
      /^IDENTITY_MASTER_KEY is missing/,
    );
    for (const [name, value] of Object.entries(compose.services).flatMap(
      ([, { environment = {} }]) => Object.entries(environment),
    )) {
      if (/(PASSWORD|SECRET|TOKEN|_KEY)$/.test(name))
        expect(String(value)).toMatch(/^\$\{\w+:(\?|-\})/);
    }
  },
);

test(
  'every host in an address is a container of this file, and waits are for ' +
    'containers that can say that they are well',
  () => {
    const hosts = Object.entries(compose.services)
      .filter(isOurs)
      .flatMap(([name]) => Object.values(environmentOf(name)))
      .flatMap((value) => /^(?:[a-z]+:\/\/(?:[^@/]*@)?)?([a-z][\w.-]*):\d+/.exec(value)?.[1] ?? []);
    expect(hosts.length).toBeGreaterThan(20);
    for (const host of hosts) expect(Object.keys(compose.services)).toContain(host);
    for (const [name, { condition }] of Object.values(compose.services).flatMap(
      ({ depends_on: waits = {} }) => Object.entries(waits),
    )) {
      const { build, healthcheck } = compose.services[name]!;
      expect(condition === 'service_started' || Boolean(build ?? healthcheck)).toBe(true);
    }
  },
);

test('doors open on this machine alone, and no two on one port', () => {
  const ports = Object.values(compose.services).flatMap(({ ports: doors = [] }) => doors);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  const published = ports.map((port) => port.split(':')[1]);
  expect(new Set(published).size).toBe(published.length);
});

test(
  'every image has a tag, every container a limit of memory, every volume a name, ' +
    'every mounted file is there',
  () => {
    for (const [name, { image, deploy, volumes = [] }] of Object.entries(compose.services)) {
      expect(image).toMatch(/:(?!latest)[\w.${}:-]+$/);
      expect([name, deploy?.resources.limits.memory]).toEqual([name, expect.any(String)]);
      const named = volumes.filter((volume) => typeof volume === 'string');
      for (const [from] of named.map((volume) => volume.split(':') as [string])) {
        if (from.startsWith('.'))
          expect([from, existsSync(join(ROOT, 'deploy', from))]).toEqual([from, true]);
        else expect(Object.keys(compose.volumes)).toContain(from);
      }
    }
  },
);

test('every service has a seed and two places of its own for anchors of its records of access', () => {
  const seeds = serviceNames.map((name) => environmentOf(name)['ACCESS_ANCHOR_KEY']);
  for (const seed of seeds) expect(Buffer.from(seed!, 'base64')).toHaveLength(32);
  expect(new Set(seeds).size).toBe(serviceNames.length);
  const sources = serviceNames.flatMap((name) => {
    const places = environmentOf(name)['ACCESS_ANCHOR_PLACES']!.split(',');
    expect([name, places.length]).toEqual([name, 2]);
    const volumes = compose.services[name]!.volumes ?? [];
    const mounted = volumes.filter((volume) => typeof volume === 'string');
    return places.map((place) => mounted.find((each) => each.endsWith(`:${place}`))?.split(':')[0]);
  });
  expect(sources).not.toContain(undefined);
  expect(new Set(sources).size).toBe(2 * serviceNames.length);
});

test('HL7 comes by TLS alone: what certificates.mjs makes is mounted, and the rest of it is not', () => {
  const { volumes } = compose.services['gateway']!;
  const mount = { type: 'bind', source: './mllp/gateway', target: '/mllp', read_only: true };
  expect(volumes!.filter((volume) => typeof volume !== 'string')).toEqual([
    { ...mount, bind: { create_host_path: false } },
  ]);
  const { GATEWAY_MLLP_PLAIN_FROM: plain, ...env } = environmentOf('gateway');
  expect(plain).toBeUndefined();
  const files = Object.entries(env).filter(([name]) => name.endsWith('_FILE'));
  const program = readFileSync(join(ROOT, 'deploy/certificates.mjs'), 'utf8');
  for (const [, file] of files) {
    expect(file).toMatch(/^\/mllp\/[\w.]+$/);
    expect(program).toContain(`join(own, '${file.slice('/mllp/'.length)}')`);
  }
  expect(files).toHaveLength(4);
});

test('Kafka is the release that this repository starts by itself, here and in the development overlay', () => {
  const pom = readFileSync(join(ROOT, 'libs/engines/kafka/pom.xml'), 'utf8');
  const release = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(pom)![1]!;
  const [overlay] = readYaml<{ images: { name: string; newTag: string }[] }>(
    join(ROOT, 'k8s/overlays/development/kustomization.yaml'),
  );
  const tagOf = (name: string): string | undefined =>
    overlay!.images.find((image) => image.name === name)?.newTag;
  expect(compose.services['kafka']!.image).toBe(`apache/kafka:${release}`);
  for (const engine of ['kafka', 'postgres', 'eventstore']) {
    const [name, tag] = compose.services[engine]!.image.split(':') as [string, string];
    expect([name, tagOf(name)]).toEqual([name, tag]);
  }
});

test('databases, roles and rights are made as `caretab grants postgres` prints them', () => {
  const script = readFileSync(join(ROOT, 'k8s/components/local/create-databases.sql'), 'utf8');
  const printed = postgresScript({ services: SERVICES, bus: false, prefix: '' });
  expect([...SERVICES].sort()).toEqual([...serviceNames].sort());
  expect(script).toBe(`${printed.join('\n')}\n`);
});

test('Prometheus asks every service for its metrics', () => {
  const [prometheus] = readYaml<{
    scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
  }>(join(ROOT, 'deploy/prometheus/prometheus.yaml'));
  const targets = prometheus!.scrape_configs.flatMap(
    ({ job_name: job, static_configs: [group] }) => (job === 'caretab' ? group!.targets : []),
  );
  expect(targets.sort()).toEqual(
    serviceNames.map((name) => `${name}:${environmentOf(name)['HTTP_PORT']}`).sort(),
  );
});

test(
  'collector, Tempo, Loki and Grafana speak to containers of this file, and every ' +
    'link of Grafana leads to one of its sources',
  () => {
    for (const file of [
      'otel-collector/config.yaml',
      'tempo/tempo.yaml',
      'loki/loki.yaml',
      'grafana/datasources/datasources.yaml',
    ]) {
      expect(readYaml(join(ROOT, 'deploy', file))).toHaveLength(1);
      const hosts = [
        ...readFileSync(join(ROOT, 'deploy', file), 'utf8').matchAll(/https?:\/\/([\w-]+):\d+/g),
      ].map(([, host]) => host!);
      for (const host of hosts) expect(Object.keys(compose.services)).toContain(host);
    }
    const [grafana] = readYaml<{ datasources: { uid: string }[] }>(
      join(ROOT, 'deploy/grafana/datasources/datasources.yaml'),
    );
    const linked = [...JSON.stringify(grafana).matchAll(/"datasourceUid":"(\w+)"/g)].map(
      ([, uid]) => uid!,
    );
    expect(grafana!.datasources.map(({ uid }) => uid)).toEqual(expect.arrayContaining(linked));
    const [collector] = readYaml<any>(join(ROOT, 'deploy/otel-collector/config.yaml'));
    for (const { receivers, processors, exporters } of Object.values<any>(
      collector.service.pipelines,
    )) {
      for (const [part, names] of Object.entries({ receivers, processors, exporters }))
        expect(Object.keys(collector[part])).toEqual(expect.arrayContaining(names as string[]));
    }
  },
);

test('the health that the image asks for is a route', () => {
  const path = /HTTP_PORT \|\| 8080\}(\/[\w/]+)/.exec(
    readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8'),
  )![1]!;
  expect(routesUnder('libs/host/src')).toContain(path);
});
