import { basename, dirname } from 'node:path/posix';
import { containersOf, type Manifest, nameOf, ofKind } from './manifest';
import type { Variables } from './services';

/**
 * The environment that Kubernetes gives to the first container of a workload. References that lead
 * nowhere are faults.
 */
export const environmentOf = (
  workload: Manifest,
  manifests: readonly Manifest[],
  secrets: readonly Manifest[],
): { readonly env: Variables; readonly faults: readonly string[] } => {
  const faults: string[] = [];
  const find = (
    kind: string,
    { name, key, optional }: { name: string; key?: string; optional?: boolean },
  ): Readonly<Record<string, string>> => {
    const from = kind === 'Secret' ? secrets : ofKind(manifests, kind);
    const found = from.find(({ metadata }) => metadata.name === name);
    const values = found?.data ?? found?.stringData ?? {};
    if (!optional && (!found || (key && !(key in values))))
      faults.push(
        `${nameOf(workload)}: ${kind} ${name} has no ${key ?? 'values: it does not exist'}`,
      );
    return values;
  };
  const [{ env = [], envFrom = [] }] = containersOf(workload) as [{ env?: any[]; envFrom?: any[] }];
  const given = envFrom.flatMap(({ configMapRef }) =>
    Object.entries(find('ConfigMap', configMapRef)),
  );
  const named = env.flatMap(({ name, value, valueFrom }): [string, string | undefined][] => {
    if (value !== undefined) return [[name, value]];
    const { secretKeyRef, configMapKeyRef } = valueFrom;
    return [
      [
        name,
        find(secretKeyRef ? 'Secret' : 'ConfigMap', secretKeyRef ?? configMapKeyRef)[
          (secretKeyRef ?? configMapKeyRef).key
        ],
      ],
    ];
  });
  return {
    env: Object.fromEntries(
      [...given, ...named].filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    faults,
  };
};

const sourceOf = ({ secret, configMap }: any = {}): string =>
  secret ? `Secret/${secret.secretName}` : configMap ? `ConfigMap/${configMap.name}` : 'nowhere';

/** What is mounted as the files that variables name, as `Secret/name/key` or `ConfigMap/name/key`. */
export const filesOf = (workload: Manifest): string[] => {
  const volumes: any[] = workload.spec?.template?.spec.volumes ?? [];
  return containersOf(workload).flatMap(({ env = [], volumeMounts = [] }) =>
    (env as { name: string; value: string }[])
      .filter(({ name }) => name.endsWith('_FILE'))
      .map(({ value }) => {
        const [path, key] = [dirname(value), basename(value)];
        const mount = (volumeMounts as any[]).find(({ mountPath }) => mountPath === path);
        return `${sourceOf(volumes.find(({ name }) => name === mount?.name))}/${key}`;
      }),
  );
};

/** Each key of a Secret that a manifest refers to, and what it mounts as files. */
export const keysOf = (manifests: readonly Manifest[]): ReadonlySet<string> =>
  new Set(
    manifests.flatMap((manifest) => [
      ...filesOf(manifest),
      ...containersOf(manifest).flatMap(({ env = [] }) =>
        (env as any[]).flatMap(({ valueFrom }) =>
          valueFrom?.secretKeyRef
            ? [`Secret/${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`]
            : [],
        ),
      ),
      ...(manifest.kind === 'TriggerAuthentication'
        ? (manifest.spec.secretTargetRef as any[]).map(({ name, key }) => `Secret/${name}/${key}`)
        : []),
    ]),
  );
