import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { needs } from '@caretab/doubles';
import { allowedEdges, neededEdges } from './edges';
import { certificates, hasOpenssl } from './certificates';
import { environmentOf, filesOf, keysOf } from './environment';
import { hasKustomize, kustomize } from './kustomize';
import { containersOf, isCovered, type Manifest, nameOf, ofKind, readYaml, ROOT } from './manifest';
import { kubernetesFaults } from './schemas';
import {
  environmentFaults,
  groupsOf,
  partitionsOf,
  routesUnder,
  serviceNames,
  services,
} from './services';

/**
 * Where the engines of each overlay are, which only secrets name; made as docs/deploying.md
 * describes.
 */
const managed = (mllp: string): string[] => [
  '--postgres',
  'postgres-rw.postgres.svc:5432',
  '--eventstore',
  'esdb://ledger:secret@eventstore.eventstore.svc:2113',
  '--smtp',
  'smtps://caretab:secret@smtp.example.org:465',
  '--kafka-sasl',
  '--mllp',
  mllp,
];

const secretsOf = (options: readonly string[]): Manifest[] =>
  JSON.parse(
    execFileSync(process.execPath, [join(ROOT, 'deploy/secrets.mjs'), 'kubernetes', ...options], {
      encoding: 'utf8',
    }),
  ).items;
const unique = (list: readonly string[]): string[] => [...new Set(list)].sort();

const serviceOf = (workload: Manifest): string =>
  workload.metadata.labels?.['app.kubernetes.io/name'] ?? '';
const servicePods = (manifests: readonly Manifest[]): Manifest[] =>
  ofKind(manifests, 'Deployment').filter(({ metadata }) =>
    isCovered(metadata.labels, { 'app.kubernetes.io/component': 'service' }),
  );
const environmentsOf = (manifests: readonly Manifest[], secrets: readonly Manifest[]) =>
  servicePods(manifests).map((workload) => ({
    workload,
    ...environmentOf(workload, manifests, secrets),
  }));
const allEnvironmentFaults = (
  manifests: readonly Manifest[],
  secrets: readonly Manifest[],
): string[] =>
  environmentsOf(manifests, secrets).flatMap(({ workload, env, faults }) => [
    ...faults,
    ...environmentFaults(
      services.find(({ name }) => name === serviceOf(workload))!,
      env,
    ),
  ]);

/** The claims that a workload mounts at these places. */
const claimsAt = (workload: Manifest, places: readonly string[]): (string | undefined)[] => {
  const [{ volumeMounts }] = containersOf(workload) as [{ volumeMounts: any[] }];
  const volumes: any[] = workload.spec.template.spec.volumes;
  return places.map((place) => {
    const mount = volumeMounts.find(({ mountPath }) => mountPath === place);
    const volume = volumes.find(({ name }) => name === mount?.name);
    return volume?.persistentVolumeClaim?.claimName;
  });
};

const triggersOf = (manifests: readonly Manifest[]) =>
  ofKind(manifests, 'ScaledObject').map(({ metadata, spec }) => ({
    service: metadata.name,
    spec,
    kafka: (spec.triggers as any[])
      .filter(({ type }) => type === 'kafka')
      .map(({ metadata: { consumerGroup: group, topic } }) => ({ group, topic })),
  }));

/**
 * Beside what configuration asks for: the hospitals' webhooks, whose addresses are data, and names.
 */
const unconfigured = (manifests: readonly Manifest[], isLocal: boolean): string[] => [
  ...ofKind(manifests, 'Deployment', 'StatefulSet').map(
    ({ metadata }) => `${metadata.name} → ns/kube-system:53`,
  ),
  ...(isLocal
    ? ['notification → sandbox:8082']
    : // Where the public-data platform is, a secret says that a region may leave out.
      ['notification → outside:443', 'identity → outside:443']),
];
/** Who calls from elsewhere: the scraper, the ingress controller, the hospitals, KEDA. */
const callers = (manifests: readonly Manifest[], isLocal: boolean): string[] => [
  ...servicePods(manifests).flatMap((pod) => [
    `ns/monitoring → ${pod.metadata.name}:8080`,
    ...(serviceOf(pod) === 'gateway'
      ? [`ns/ingress-nginx → ${pod.metadata.name}:8080`, `outside → ${pod.metadata.name}:2575`]
      : []),
  ]),
  ...(isLocal ? ['ns/keda → kafka:9092'] : []),
];
const neededBy = (
  manifests: readonly Manifest[],
  secrets: readonly Manifest[],
  isLocal: boolean,
): string[] =>
  unique([
    ...environmentsOf(manifests, secrets).flatMap(({ workload, env }) =>
      neededEdges(workload, env, manifests),
    ),
    ...unconfigured(manifests, isLocal),
  ]);

const NEEDED = 'kustomize (KUSTOMIZE, kustomize, kubectl, or Go to build it), and openssl';
needs(NEEDED, hasKustomize() && hasOpenssl(), () => {
  const mllp = certificates('--engine', 'group=HZ001,HZ002');
  afterAll(() => rmSync(dirname(mllp), { recursive: true }));

  describe.each([
    ['development', ['--mllp', mllp]],
    ['staging', managed(mllp)],
    ['production', managed(mllp)],
  ] as const)('the overlay %s', (overlay, options) => {
    const isLocal = overlay === 'development';
    const manifests = kustomize(join(ROOT, 'k8s/overlays', overlay));
    const secrets = secretsOf(options);

    test('holds nothing that the schemas of Kubernetes and KEDA do not know, and each object once', () => {
      expect([...manifests, ...secrets].flatMap(kubernetesFaults)).toEqual([]);
      expect(new Set(manifests.map(nameOf)).size).toBe(manifests.length);
      expect(
        new Set(
          manifests
            .filter(({ kind }) => kind !== 'Namespace')
            .map(({ metadata }) => metadata.namespace),
        ),
      ).toEqual(new Set([ofKind(manifests, 'Namespace')[0]!.metadata.name]));
    });

    test.each(serviceNames)(
      '%s has one name: account, Service, Deployment, image, budget, policy',
      (name) => {
        const named = (kind: string): Manifest =>
          ofKind(manifests, kind).find(({ metadata }) => metadata.name === name)!;
        const pods = named('Deployment').spec.template;
        expect(pods.spec.serviceAccountName).toBe(named('ServiceAccount').metadata.name);
        expect(pods.spec.containers[0].image).toMatch(
          new RegExp(`(^|/)caretab/${name}:(?!latest)[\\w.-]+$`),
        );
        for (const selector of [
          named('Service').spec.selector,
          named('PodDisruptionBudget').spec.selector.matchLabels,
          named('NetworkPolicy').spec.podSelector.matchLabels,
        ]) {
          expect(selector).toEqual({ 'app.kubernetes.io/name': name });
        }
        expect(isCovered(pods.metadata.labels, named('Deployment').spec.selector.matchLabels)).toBe(
          true,
        );
      },
    );

    test('runs no service that is none of ours, and leaves none out', () => {
      expect(unique(servicePods(manifests).map(serviceOf))).toEqual(unique(serviceNames));
    });

    test('gives every service the variables it needs, and none that it does not read', () => {
      expect(allEnvironmentFaults(manifests, secrets)).toEqual([]);
    });

    test('uses every secret that is made for it, and mounts no file that is not made', () => {
      const made = secrets.flatMap(({ kind, metadata, stringData, data }) =>
        Object.keys(stringData ?? data!).map((key) => `${kind}/${metadata.name}/${key}`),
      );
      const used = keysOf(manifests);
      expect(made.filter((key) => !used.has(key))).toEqual([]);
      const gateways = servicePods(manifests).filter((pod) => serviceOf(pod) === 'gateway');
      for (const files of gateways.map(filesOf)) {
        expect(files).toHaveLength(4);
        expect(made).toEqual(expect.arrayContaining(files));
      }
    });

    test('gives every service a seed and two claims of its own for anchors of its records', () => {
      const kept = environmentsOf(manifests, secrets).map(({ workload, env }) => ({
        service: serviceOf(workload),
        seed: env['ACCESS_ANCHOR_KEY']!,
        claims: claimsAt(workload, env['ACCESS_ANCHOR_PLACES']!.split(',')),
      }));
      const known = ofKind(manifests, 'PersistentVolumeClaim').map(({ metadata }) => metadata.name);
      for (const { service, seed, claims } of kept) {
        expect(Buffer.from(seed, 'base64')).toHaveLength(32);
        expect(claims).toEqual([`${service}-anchors-1`, `${service}-anchors-2`]);
        expect(known).toEqual(expect.arrayContaining(claims));
      }
      expect(new Set(kept.map(({ seed }) => seed)).size).toBe(serviceNames.length);
    });

    test('takes HL7 by TLS alone', () => {
      const gateways = environmentsOf(manifests, secrets).filter(
        ({ workload }) => serviceOf(workload) === 'gateway',
      );
      for (const { env } of gateways)
        expect([env['GATEWAY_MLLP_TLS_CERT_FILE'], env['GATEWAY_MLLP_PLAIN_FROM']]).toEqual([
          '/mllp/tls/tls.crt',
          undefined,
        ]);
    });

    test('asks for health on routes and ports that there are', () => {
      const routes = routesUnder('libs/host/src');
      for (const pod of servicePods(manifests)) {
        const [{ startupProbe, livenessProbe, readinessProbe, ports }] = containersOf(pod);
        expect(livenessProbe.httpGet.path).toBe('/health/live');
        expect(readinessProbe.httpGet.path).toBe('/health/ready');
        for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
          expect(routes).toContain(httpGet.path);
          expect((ports as any[]).map(({ name }) => name)).toContain(httpGet.port);
        }
        expect((ports as any[]).find(({ name }) => name === 'http').containerPort).toBe(
          Number(environmentOf(pod, manifests, secrets).env['HTTP_PORT']),
        );
      }
    });

    test("locks every pod of a service down, and keeps the cluster's own variables out of it", () => {
      for (const pod of servicePods(manifests)) {
        const { spec } = pod.spec.template;
        expect(spec).toMatchObject({
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        });
        expect(spec.containers[0].securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(spec.containers[0].resources).toMatchObject({
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        });
      }
    });

    test('scales every consumer on the lag of its own groups, up to the partitions there are', () => {
      const scaled = triggersOf(manifests);
      for (const name of serviceNames) {
        // A group of each hospital's own topic is scaled on all topics that it has.
        const real = groupsOf(name).map(({ group, topic }) => ({
          group,
          topic: topic.includes('{') ? undefined : topic,
        }));
        expect([name, scaled.find(({ service }) => service === name)?.kafka ?? []]).toEqual([
          name,
          expect.arrayContaining(real),
        ]);
        expect(scaled.find(({ service }) => service === name)?.kafka ?? []).toHaveLength(
          real.length,
        );
      }
      for (const { service, spec, kafka } of scaled) {
        expect(spec.scaleTargetRef.name).toBe(service);
        expect(spec.maxReplicaCount).toBeLessThanOrEqual(
          Math.max(
            ...kafka.flatMap(({ topic }) =>
              topic === undefined ? [] : [partitionsOf.get(topic)!],
            ),
            ...(service === 'gateway' ? [12] : []),
          ),
        );
      }
    });

    test('lets each service reach exactly what its configuration names', () => {
      expect(unique(allowedEdges('Egress', manifests))).toEqual(
        neededBy(manifests, secrets, isLocal),
      );
    });

    test('lets in exactly who calls', () => {
      const inside = neededBy(manifests, secrets, isLocal).filter(
        (edge) => !/→ (ns\/|outside)/.test(edge),
      );
      expect(unique(allowedEdges('Ingress', manifests))).toEqual(
        unique([...inside, ...callers(manifests, isLocal)]),
      );
    });

    test("opens the hospitals' routes to the world and nothing else", () => {
      const paths = ofKind(manifests, 'Ingress').flatMap(({ spec }) =>
        spec.rules.flatMap(({ http }: any) =>
          http.paths.map(({ path, backend }: any) => `${backend.service.name} ${path}`),
        ),
      );
      expect(paths).toEqual(['gateway /v1']);
      expect(routesUnder('services/gateway/src').some((route) => route.startsWith('/v1/'))).toBe(
        true,
      );
    });

    test('every name of the door for hospitals is one that the gateway goes by', () => {
      const names = ofKind(manifests, 'Ingress').flatMap(({ spec }) =>
        spec.rules.map(({ host }: any) => host as string),
      );
      const gateways = environmentsOf(manifests, secrets).filter(
        ({ workload }) => serviceOf(workload) === 'gateway',
      );
      for (const { env } of gateways)
        expect(names.filter((name) => !name.endsWith('.localhost'))).toEqual(
          env['HTTP_ALLOWED_HOSTS']?.split(',') ?? [],
        );
      expect(names).not.toEqual([]);
    });

    test('puts a canary behind the same Service, on a track of its own', () => {
      const tracks = servicePods(manifests)
        .filter((pod) => serviceOf(pod) === 'gateway')
        .map(({ spec }) => spec.selector.matchLabels.track);
      expect(tracks).toEqual(
        overlay === 'production' ? expect.arrayContaining(['stable', 'canary']) : ['stable'],
      );
      const stable = environmentsOf(manifests, secrets)
        .filter(({ workload }) => serviceOf(workload) === 'gateway')
        .map(({ env }) => Object.keys(env).sort());
      for (const names of stable) expect(names).toEqual(stable[0]);
    });
  });

  describe('these checks find', () => {
    const manifests = (): Manifest[] => kustomize(join(ROOT, 'k8s/overlays/staging'));
    const secrets = secretsOf(managed(mllp));
    const find = (all: readonly Manifest[], kind: string, name: string): Manifest =>
      ofKind(all, kind).find(({ metadata }) => metadata.name.startsWith(name))!;

    test('a variable that is misspelt, missing, or wrong', () => {
      const all = manifests();
      const [container] = containersOf(find(all, 'Deployment', 'gateway'));
      container.env.find(({ name }: any) => name === 'IDENTITY_URL').name = 'IDENTITY_ULR';
      find(all, 'ConfigMap', 'caretab').data!['KAFKA_SSL'] = 'perhaps';
      const faults = allEnvironmentFaults(all, secrets);
      expect(faults).toContain('gateway: IDENTITY_ULR is read by nobody');
      expect(faults).toContainEqual(expect.stringMatching(/^gateway: IDENTITY_URL: /));
      expect(faults).toContainEqual(expect.stringMatching(/^credit: KAFKA_SSL: /));
    });

    test('a secret or a key of it that is not made', () => {
      const all = manifests();
      containersOf(find(all, 'Deployment', 'identity'))[0].env.find(
        ({ name }: any) => name === 'IDENTITY_MASTER_KEY',
      ).valueFrom.secretKeyRef.key = 'MASTER';
      expect(allEnvironmentFaults(all, secrets)).toContain(
        'Deployment/identity: Secret identity has no MASTER',
      );
    });

    test('a file that is not mounted, and one that is not made', () => {
      const gateway = find(manifests(), 'Deployment', 'gateway');
      const { spec } = gateway.spec.template;
      spec.volumes = (spec.volumes as any[]).filter(({ name }) => name !== 'mllp-tls');
      containersOf(gateway)[0].env.find(
        ({ name }: any) => name === 'GATEWAY_MLLP_SENDERS_FILE',
      ).value = '/mllp/senders/engines.json';
      expect(unique(filesOf(gateway))).toEqual([
        'ConfigMap/gateway-mllp-senders/engines.json',
        'nowhere/ca.crt',
        'nowhere/tls.crt',
        'nowhere/tls.key',
      ]);
    });

    test('a field that Kubernetes does not know, and a value of the wrong type', () => {
      const all = manifests();
      const deployment = find(all, 'Deployment', 'credit');
      containersOf(deployment)[0].readynessProbe = {};
      deployment.spec.replicas = '2';
      find(all, 'ScaledObject', 'credit').spec.triggers[0].metadata.lagThreshold = 500;
      const faults = all.flatMap(kubernetesFaults);
      expect(faults).toContainEqual(expect.stringContaining('readynessProbe'));
      expect(faults).toContainEqual(expect.stringContaining('/spec/replicas must be integer'));
      expect(faults).toContainEqual(
        expect.stringContaining('/spec/triggers/0/metadata/lagThreshold must be string'),
      );
    });

    test('an edge too many and an edge too few', () => {
      const all = manifests();
      find(all, 'NetworkPolicy', 'notification').spec.egress = [];
      find(all, 'NetworkPolicy', 'event-store').spec.podSelector = {};
      const allowed = unique(allowedEdges('Egress', all));
      const needed = neededBy(all, secrets, false);
      expect(needed.filter((edge) => !allowed.includes(edge))).toEqual([
        'notification → identity:8080',
      ]);
      expect(allowed.filter((edge) => !needed.includes(edge))).toContain(
        'credit → ns/eventstore:2113',
      );
    });

    test('a URL that names nobody', () => {
      const all = manifests();
      expect(
        neededEdges(
          find(all, 'Deployment', 'gateway'),
          { IDENTITY_URL: 'http://idenity:8080' },
          all,
        ),
      ).toEqual(['gateway → (nobody is called idenity):8080']);
    });
  });
});

test('every YAML file of k8s is used by some overlay', () => {
  const files = readdirSync(join(ROOT, 'k8s'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.(yaml|sh)$/.test(file),
  );
  const said = files
    .filter((file) => file.endsWith('kustomization.yaml'))
    .flatMap((file) =>
      [...readFileSync(join(ROOT, 'k8s', file), 'utf8').matchAll(/[\w-]+\.(?:yaml|sh)/g)].map(
        ([name]) => join(file, '..', name),
      ),
    );
  expect(
    files.filter((file) => !file.endsWith('kustomization.yaml') && !said.includes(file)),
  ).toEqual([]);
  for (const file of files.filter((each) => each.endsWith('.yaml')))
    expect(readYaml(join(ROOT, 'k8s', file)).length).toBeGreaterThan(0);
});
