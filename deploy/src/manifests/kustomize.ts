import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isCovered, type Manifest, readYaml } from './manifest';
import { strategicMerge } from './strategic-merge';

interface Generator {
  readonly name: string;
  readonly behavior?: 'merge';
  readonly literals?: readonly string[];
  readonly files?: readonly string[];
}

interface Kustomization {
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly configMapGenerator?: readonly Generator[];
  readonly patches?: readonly {
    readonly path: string;
    readonly target?: { readonly kind?: string; readonly labelSelector?: string };
  }[];
  readonly replicas?: readonly { readonly name: string; readonly count: number }[];
  readonly images?: readonly {
    readonly name: string;
    readonly newName?: string;
    readonly newTag?: string;
  }[];
}

const UNDERSTOOD = [
  'apiVersion',
  'kind',
  'namespace',
  'resources',
  'components',
  'configMapGenerator',
  'patches',
  'replicas',
  'images',
];

/**
 * Maps that were generated here: their names get a hash of what is in them, so that a change rolls
 * the pods that read them.
 */
type Generated = Set<Manifest>;

/**
 * What `kustomize build` makes of a folder, for exactly the features that k8s/ uses; anything else
 * throws. An integration test compares it with kustomize itself where that is at hand.
 */
export const kustomize = (folder: string): Manifest[] => {
  const generated: Generated = new Set();
  const manifests = accumulate(folder, [], generated);
  const hashed = new Map(
    [...generated].map((map) => [map.metadata.name, `${map.metadata.name}-${hashOf(map)}`]),
  );
  for (const manifest of manifests) rename(manifest, hashed);
  for (const map of generated) map.metadata.name = hashed.get(map.metadata.name)!;
  return manifests;
};

const accumulate = (
  folder: string,
  before: readonly Manifest[],
  generated: Generated,
): Manifest[] => {
  const file = join(folder, 'kustomization.yaml');
  const [kustomization] = readYaml<Kustomization>(file) as [Kustomization];
  const strange = Object.keys(kustomization).find((field) => !UNDERSTOOD.includes(field));
  if (strange) throw new Error(`${file}: ${strange} is not understood here`);
  const {
    namespace,
    resources = [],
    components = [],
    configMapGenerator = [],
    patches = [],
    replicas = [],
    images = [],
  } = kustomization;
  let manifests = [...before];
  for (const resource of resources) {
    const path = join(folder, resource);
    manifests.push(
      ...(statSync(path).isDirectory() ? accumulate(path, [], generated) : readYaml(path)),
    );
  }
  for (const component of components)
    manifests = accumulate(join(folder, component), manifests, generated);
  for (const generator of configMapGenerator) generate(folder, generator, manifests, generated);
  for (const { path, target } of patches)
    for (const patch of readYaml(join(folder, path))) apply(patch, target, manifests);
  if (namespace)
    for (const { kind, metadata } of manifests)
      if (kind !== 'Namespace') metadata.namespace = namespace;
  for (const { name, count } of replicas)
    for (const manifest of manifests)
      if (manifest.metadata.name === name && ['Deployment', 'StatefulSet'].includes(manifest.kind))
        manifest.spec.replicas = count;
  for (const image of images)
    for (const container of manifests.flatMap(containersOf))
      if (container.image === image.name)
        container.image = `${image.newName ?? image.name}:${image.newTag ?? 'latest'}`;
  return manifests;
};

const generate = (
  folder: string,
  { name, behavior, literals = [], files = [] }: Generator,
  manifests: Manifest[],
  generated: Generated,
): void => {
  const data = Object.fromEntries([
    ...literals.map((literal) => [
      literal.slice(0, literal.indexOf('=')),
      literal.slice(literal.indexOf('=') + 1),
    ]),
    ...files.map((file) => [basename(file), readFileSync(join(folder, file), 'utf8')]),
  ]) as Record<string, string>;
  const known = [...generated].find((map) => map.metadata.name === name);
  if ((behavior === 'merge') !== Boolean(known))
    throw new Error(
      `configMapGenerator ${name}: ${known ? 'exists; say behavior: merge' : 'there is none to merge with'}`,
    );
  if (known) return void (known.data = { ...known.data, ...data });
  const map: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
  generated.add(map);
  manifests.push(map);
};

/**
 * To what its target selects, or else to the one object of its kind and name. Kind and name are
 * never changed.
 */
const apply = (
  patch: Manifest,
  target: { readonly kind?: string; readonly labelSelector?: string } | undefined,
  manifests: Manifest[],
): void => {
  const [label = '', value = ''] = target?.labelSelector?.split('=') ?? [];
  const meant = manifests.filter(({ kind, metadata }) =>
    target
      ? (!target.kind || kind === target.kind) &&
        (!label || isCovered(metadata.labels, { [label]: value }))
      : kind === patch.kind && metadata.name === patch.metadata.name,
  );
  if (meant.length === 0)
    throw new Error(`a patch of ${patch.kind} ${patch.metadata.name} finds nothing`);
  const {
    apiVersion: _,
    kind: __,
    metadata: { name: ___, ...metadata },
    ...change
  } = patch;
  for (const manifest of meant)
    Object.assign(
      manifest,
      strategicMerge(manifest as unknown as Record<string, unknown>, { ...change, metadata }),
    );
};

/** Every pod template has its containers at one place. */
export const containersOf = ({ spec }: Manifest): any[] => [
  ...(spec?.template?.spec?.initContainers ?? []),
  ...(spec?.template?.spec?.containers ?? []),
];

const rename = (manifest: Manifest, names: ReadonlyMap<string, string>): void => {
  const follow = (reference: { name: string } | undefined): void =>
    void (reference && (reference.name = names.get(reference.name) ?? reference.name));
  for (const { env = [], envFrom = [] } of containersOf(manifest)) {
    for (const { configMapRef } of envFrom) follow(configMapRef);
    for (const { valueFrom } of env) follow(valueFrom?.configMapKeyRef);
  }
  for (const { configMap } of manifest.spec?.template?.spec?.volumes ?? []) follow(configMap);
};

/**
 * The first ten digits of a SHA-256 over what Go makes of it as JSON, spelled so that no name says
 * a word by chance. kustomize means to put the name in, and leaves it empty.
 */
const hashOf = ({ kind, data = {} }: Manifest): string => {
  const sorted = Object.fromEntries(
    Object.entries(data).sort(([one], [other]) => (one < other ? -1 : 1)),
  );
  const json = JSON.stringify({ data: sorted, kind, name: '' }).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const spelled: Readonly<Record<string, string>> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };
  return createHash('sha256')
    .update(json)
    .digest('hex')
    .slice(0, 10)
    .replace(/[013ae]/g, (digit) => spelled[digit]!);
};
